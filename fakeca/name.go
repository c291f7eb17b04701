package fakeca

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
)

// addName adds a subject alternative name to t (RFC 5280 section 4.2.1.6), of the
// type that it looks like.
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
		if len(name) <= maxDNSName && isDNSName(strings.TrimPrefix(name, "*.")) {
			t.DNSNames = append(t.DNSNames, name)
			return
		}
	}
	panic(fmt.Sprintf("fakeca: %q is not a DNS name, IP address, email address or URI%s", name, nameAdvice(name)))
}

// nameAdvice returns what to change in a name that is refused, or "".
func nameAdvice(name string) string {
	host, port, err := net.SplitHostPort(name)
	bracketed := strings.HasPrefix(name, "[")
	switch {
	case err == nil && port != "" && bracketed:
		return "; leave out the port and the brackets"
	case err == nil && port != "" && host != "":
		return "; leave out the port"
	case bracketed && net.ParseIP(strings.Trim(name, "[]")) != nil:
		return "; leave out the brackets"
	case strings.ContainsAny(name, "@:/ "): // meant as something else
		return ""
	case len(name) > maxDNSName:
		return fmt.Sprintf("; it is longer than %d bytes", maxDNSName)
	case strings.Contains(name, "*"):
		return "; a wildcard is the whole first label and no other"
	case isDNSName(strings.TrimSuffix(name, ".")):
		return "; leave out the dot at the end"
	case strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }):
		return "; write other alphabets in punycode (xn--...)"
	}
	return ""
}

// maxDNSName is the greatest length of a DNS name in text.
const maxDNSName = 253

// isDNSName reports whether name has the form of RFC 1034 section 3.5, in which
// real names also use underscores.
func isDNSName(name string) bool {
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

// firstName returns a common name for a certificate: the first of its names with
// no more than the 64 characters of RFC 5280 appendix A.1.
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
