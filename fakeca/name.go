package fakeca

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strings"
)

// addName adds a subject alternative name to t, of the type that its shape
// tells (RFC 5280 section 4.2.1.6).
func addName(t *x509.Certificate, name string) {
	if ip := net.ParseIP(name); ip != nil {
		t.IPAddresses = append(t.IPAddresses, ip)
		return
	}
	switch {
	case strings.Contains(name, "://") || strings.HasPrefix(name, "urn:"):
		if u, err := url.Parse(name); err == nil && u.Scheme != "" {
			t.URIs = append(t.URIs, u)
			return
		}
	case strings.Contains(name, "@"):
		if a, err := mail.ParseAddress(name); err == nil && a.Address == name {
			t.EmailAddresses = append(t.EmailAddresses, name)
			return
		}
	default:
		if isDNSName(strings.TrimPrefix(name, "*.")) {
			t.DNSNames = append(t.DNSNames, name)
			return
		}
	}
	hint := ""
	if _, _, err := net.SplitHostPort(name); err == nil {
		hint = " (leave out the port)"
	}
	panic(fmt.Sprintf("fakeca: %q is no DNS name, IP address, email address or URI%s", name, hint))
}

// isDNSName says whether name has the form of RFC 1034 section 3.5, with the
// underscore that real names have. Other alphabets are written in punycode.
func isDNSName(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			letter := 'a' <= c|0x20 && c|0x20 <= 'z'
			if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// firstName is a common name for a certificate that was given none: the first
// of its names that fits the 64 characters of RFC 5280 appendix A.1.
func firstName(t *x509.Certificate) string {
	names := append([]string(nil), t.DNSNames...)
	for _, ip := range t.IPAddresses {
		names = append(names, ip.String())
	}
	names = append(names, t.EmailAddresses...)
	for _, u := range t.URIs {
		names = append(names, u.String())
	}
	for _, n := range names {
		if len(n) <= 64 {
			return n
		}
	}
	return "fakeca leaf (do not trust)"
}
