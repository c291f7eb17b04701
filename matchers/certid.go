package matchers

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// BeOCSPFor matches a response with a single response for this certificate: a
// *fakeca.Leaf, *fakeca.CA or *[x509.Certificate]. It compares the serial number
// of the CertID (RFC 6960 section 4.1.1), and the hashes of the issuer's name and
// key if the issuer is known, from the Leaf or from the chain of the actual value.
func BeOCSPFor(cert any) types.GomegaMatcher {
	c, issuer, err := certOf(cert)
	return newMatcher("BeOCSPFor", []any{cert}, err, onResponse(func(r *response) (verdict, error) {
		v := verdict{what: r.what, want: "be for " + certText(c), lines: r.lines()}
		if r.failure != ocsp.Success {
			v.but = "it is an error response, which is for no certificate"
			return v, nil
		}
		var ids []fakeca.CertID
		issuer := issuer
		if r.message == nil {
			if r.single.Serial == nil {
				return v, errors.New("this unsigned response has no Serial; set it, or pass the signed bytes")
			}
			for _, single := range append([]fakeca.Response{r.single}, r.others...) {
				ids = append(ids, fakeca.CertID{SerialNumber: single.Serial})
			}
			v.but = differ(ids, c, nil)
		} else {
			for _, single := range r.message.Responses {
				ids = append(ids, single.CertID)
			}
			if issuer == nil {
				issuer = issuerIn(r.chain, c)
			}
			v.but = differ(ids, c, issuer)
		}
		v.ok = v.but == ""
		return v, nil
	}))
}

// differ says why none of these CertIDs is for cert; "" if one is. The issuer
// may be nil.
func differ(ids []fakeca.CertID, cert, issuer *x509.Certificate) string {
	var text string
	var serials []*big.Int
	for _, id := range ids {
		if !sameInt(id.SerialNumber, cert.SerialNumber) {
			serials = append(serials, id.SerialNumber)
			continue
		}
		differs := differsIssuer(id, issuer)
		if differs == "" {
			return ""
		}
		text = differs
	}
	switch {
	case text != "":
		return text
	case len(serials) == 1:
		return fmt.Sprintf("it is for serial %x", serials[0])
	}
	return fmt.Sprintf("it is for %d other serials", len(serials))
}

// differsIssuer says how a CertID differs from the issuer's; "" if it does not.
func differsIssuer(id fakeca.CertID, issuer *x509.Certificate) string {
	hash := id.HashAlgorithm.Hash()
	if issuer == nil || hash == 0 {
		return ""
	}
	switch want := fakeca.NewCertID(id.SerialNumber, issuer, hash); {
	case !bytes.Equal(id.IssuerNameHash, want.IssuerNameHash):
		return fmt.Sprintf("its issuerNameHash is not the %v hash of the name %s", hash, nameOf(issuer))
	case !bytes.Equal(id.IssuerKeyHash, want.IssuerKeyHash):
		return fmt.Sprintf("its issuerKeyHash is not the %v hash of the key of %s", hash, nameOf(issuer))
	}
	return ""
}
