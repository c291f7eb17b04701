package main

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A lab is a server for each scenario. Their certificates share one root and
// one intermediate.
type lab struct {
	root    *fakeca.CA
	now     time.Time // when the responses were made
	servers []*server
}

type server struct {
	scenario
	*ocsptest.Server
}

// url names the host instead of the address, so that clients send SNI.
func (s *server) url() string {
	return fmt.Sprintf("https://localhost:%d", s.Addr().(*net.TCPAddr).Port)
}

// startLab starts the servers on consecutive ports, or on any free ones if
// firstPort is zero.
func startLab(firstPort int) (*lab, error) {
	root := fakeca.New(fakeca.WithTemplate(rootTemplate(time.Now())))
	l := &lab{root: root, now: root.Now().UTC().Truncate(time.Second)}
	ca := root.Intermediate()
	for i, sc := range scenarios(l.now) {
		s := &server{scenario: sc}
		opts := []ocsptest.Option{ocsptest.WithLeaf(sc.leaf(ca, l.now))}
		if sc.noStaple {
			opts = append(opts, ocsptest.WithoutStaple())
		}
		if firstPort != 0 {
			opts = append(opts, ocsptest.WithPort(firstPort+i))
		}
		s.Server = ocsptest.NewUnstartedServer(opts...)
		if err := s.Listen(); err != nil {
			l.Close()
			return nil, err
		}
		l.servers = append(l.servers, s)
	}
	return l, nil
}

// rootTemplate limits the harm of a root that is left in a trust store: it
// expires, and it is constrained to loopback addresses and to names that belong
// to nobody (RFC 2606 sections 2 and 3). The key never leaves this process.
func rootTemplate(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		NotBefore:                   now.Add(-3 * week), // before the oldest response
		NotAfter:                    now.Add(month),
		MaxPathLen:                  1,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"localhost", "test", "example", "invalid", "example.com", "example.net", "example.org"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
}

// leaf issues the scenario's certificate, and sets its status in ca's record.
func (s *scenario) leaf(ca *fakeca.CA, now time.Time) *fakeca.Leaf {
	tmpl := x509.Certificate{
		Subject:     pkix.Name{CommonName: s.name},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if s.mustStaple {
		tmpl.ExtraExtensions = []pkix.Extension{fakeca.MustStaple()}
	}
	leaf := ca.Issue(&tmpl)
	ca.Set(leaf.Cert.SerialNumber, usual(s.response, now))
	return leaf
}

// Close stops all servers.
func (l *lab) Close() {
	var wg sync.WaitGroup
	for _, s := range l.servers {
		wg.Go(s.Close)
	}
	wg.Wait()
}
