package fakeca

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// The certificates that responses and signed requests embed.

func parseCerts(s *cryptobyte.String) ([][]byte, error) {
	list, err := readExplicit(s, explicit0, asn1.SEQUENCE)
	if err != nil {
		return nil, err
	}
	certs := [][]byte{}
	for i := 0; !list.Empty(); i++ {
		whole := list
		cert, err := read(&list, asn1.SEQUENCE)
		if err == nil {
			err = checkCert(cert)
		}
		if err != nil {
			return nil, within(fmt.Sprintf("certificate %d", i), err)
		}
		certs = append(certs, before(whole, list))
	}
	return certs, nil
}

// checkCert checks that a certificate has its three parts. To use it, parse it
// with crypto/x509.
func checkCert(s cryptobyte.String) error {
	for _, tag := range []asn1.Tag{asn1.SEQUENCE, asn1.SEQUENCE, asn1.BIT_STRING} {
		if _, err := read(&s, tag); err != nil {
			return err
		}
	}
	return end(s)
}

func addCerts(b *cryptobyte.Builder, list [][]byte, raw []byte) {
	if raw != nil {
		b.AddBytes(raw)
		return
	}
	if list == nil {
		return
	}
	b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, c := range list {
				b.AddBytes(c)
			}
		})
	})
}
