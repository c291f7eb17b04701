package matchers

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// An answer is what a subject holds, read.
type answer struct {
	*subject
	failure ocsp.ResponseStatus // of an error response; else Success
	status  fakeca.Status       // ServerFailed, if there is a failure
	whole   fakeca.Response     // what is said of all single responses
	single  fakeca.Response     // the one that matchers look at
	others  []fakeca.Response
	message *fakeca.Message // nil if the answer is a description
}

func newAnswer(s *subject, r fakeca.Response, m *fakeca.Message) *answer {
	a := &answer{subject: s, failure: r.Failure(), status: r.Status, whole: r, single: r, others: r.Also, message: m}
	if a.failure != ocsp.Success {
		a.status = fakeca.ServerFailed
		return a
	}
	all := append([]fakeca.Response{r}, r.Also...)
	for i, single := range all {
		if sameInt(single.Serial, s.serial) && s.serial != nil {
			a.status, a.single = single.Status, single
			a.others = append(append([]fakeca.Response(nil), all[:i]...), all[i+1:]...)
			break
		}
	}
	return a
}

func sameInt(a, b *big.Int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Cmp(b) == 0
}

// lacks says why an answer has not got a field that error responses do not
// have; "" if it may have it.
func (a *answer) lacks() string {
	if a.failure != ocsp.Success {
		return "it is an error response, which has none"
	}
	return ""
}

// given returns a time of the answer; in a description it may not be known
// yet.
func (a *answer) given(name string, t time.Time) (time.Time, error) {
	if t.IsZero() && a.message == nil {
		return t, fmt.Errorf("the description leaves %s to its default, which is known when it is signed; set it, or look at the signed answer", name)
	}
	return second(t), nil
}

// text is the answer in four lines or less.
func (a *answer) text() string { return a.what + a.lines() }

func (a *answer) lines() string {
	var b strings.Builder
	for _, line := range []string{a.statusLine(), a.certLine(), a.timesLine(), a.signerLine()} {
		if line != "" {
			b.WriteString("\n    " + line)
		}
	}
	return b.String()
}

func (a *answer) statusLine() string {
	if a.failure != ocsp.Success {
		return fmt.Sprintf("%v (%v)", fakeca.ServerFailed, a.failure)
	}
	return statusText(a.single)
}

func statusText(r fakeca.Response) string {
	if r.Status != fakeca.Revoked {
		return r.Status.String()
	}
	text := fmt.Sprintf("%v (%v)", r.Status, r.Reason)
	if !r.RevokedAt.IsZero() {
		text += " since " + stamp(r.RevokedAt)
	}
	return text
}

func (a *answer) certLine() string {
	var parts []string
	switch serial := a.single.Serial; {
	case a.failure != ocsp.Success && a.cert != nil:
		parts = append(parts, "sent with "+certText(a.cert))
	case a.failure != ocsp.Success:
	case a.cert != nil && sameInt(serial, a.cert.SerialNumber):
		parts = append(parts, "for "+certText(a.cert))
	case a.cert != nil:
		parts = append(parts, fmt.Sprintf("for serial %x, sent with %s", serial, certText(a.cert)))
	case serial != nil:
		parts = append(parts, fmt.Sprintf("for serial %x", serial))
	}
	for i, other := range a.others {
		if i == 2 {
			parts = append(parts, fmt.Sprintf("and %d more", len(a.others)-i))
			break
		}
		text := other.Status.String()
		if other.Serial != nil {
			text += fmt.Sprintf(" for serial %x", other.Serial)
		}
		parts = append(parts, "also "+text)
	}
	return strings.Join(parts, "; ")
}

func (a *answer) timesLine() string {
	if a.failure != ocsp.Success {
		return ""
	}
	var parts []string
	for _, t := range []struct {
		name string
		time time.Time
	}{
		{"thisUpdate", a.single.ThisUpdate},
		{"nextUpdate", a.single.NextUpdate},
		{"producedAt", a.whole.ProducedAt},
	} {
		switch {
		case !t.time.IsZero():
			parts = append(parts, t.name+" "+stamp(t.time))
		case t.name == "nextUpdate" && a.single.Forever:
			parts = append(parts, "no nextUpdate")
		}
	}
	return strings.Join(parts, ", ")
}

func (a *answer) signerLine() string {
	if a.message == nil || a.message.ResponseBytes == nil {
		return ""
	}
	text := "responder "
	switch id := a.message.ResponderID; {
	case id.ByKey != nil:
		text += fmt.Sprintf("key %x", id.ByKey)
		for _, cert := range append(a.embedded(), a.chain...) {
			if id.Names(cert) {
				text += ", that of " + nameOf(cert)
				break
			}
		}
	default:
		text += rdnText(id.ByName)
	}
	switch certs := a.embedded(); {
	case len(certs) == 0:
	case len(certs) > 1:
		text += fmt.Sprintf(", embeds %s and %d more", nameOf(certs[0]), len(certs)-1)
	case bytes.Equal(certs[0].RawSubject, a.message.ResponderID.ByName):
		text += ", embeds its certificate"
	default:
		text += ", embeds " + nameOf(certs[0])
	}
	return text
}

// embedded returns the certificates in a signed answer that can be read.
func (a *answer) embedded() []*x509.Certificate {
	var certs []*x509.Certificate
	for _, der := range a.message.Certs {
		if cert, err := x509.ParseCertificate(der); err == nil {
			certs = append(certs, cert)
		}
	}
	return certs
}

// certText names a certificate in a line.
func certText(cert *x509.Certificate) string {
	return fmt.Sprintf("%s, serial %x", nameOf(cert), cert.SerialNumber)
}

// nameOf is the common name of a certificate, or what else names it.
func nameOf(cert *x509.Certificate) string {
	switch {
	case len(cert.Subject.Names) > 0 || cert.Subject.CommonName != "":
		return nameText(cert.Subject)
	case len(cert.DNSNames) > 0:
		return printable(cert.DNSNames[0])
	}
	return "a certificate without a name"
}

func nameText(name pkix.Name) string {
	if name.CommonName != "" {
		return "CN=" + printable(name.CommonName)
	}
	return printable(name.String())
}

func rdnText(der []byte) string {
	var seq pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &seq); err != nil || len(rest) > 0 {
		return fmt.Sprintf("name %x", der)
	}
	if len(seq) == 0 {
		return "with an empty name"
	}
	var name pkix.Name
	name.FillFromRDNSequence(&seq)
	return nameText(name)
}

// printable keeps a name from a certificate in its line.
func printable(s string) string {
	if quoted := strconv.Quote(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}
