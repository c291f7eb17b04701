package interop

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// A crlScript is a shell script that downloads CRLs with curl, and gives them to
// a program. It leaves out a list that it cannot download.
type crlScript struct {
	chain  bool // download the CRLs that the intermediates name too
	deltas bool // download the delta CRLs that certificates and CRLs name too

	// Arguments with which the program converts a list from DER to PEM. A list that
	// it refuses is left out. Without any, every list is put in PEM as it is.
	toPEM []string

	args   func(f crlFiles) []string
	decide func(result) error
}

// crlFiles are the files that a crlScript gives to its program.
type crlFiles struct {
	port  string   // of the server
	root  string   // in PEM
	leaf  string   // in PEM
	chain string   // the leaf and the CAs above it, in PEM
	lists []string // one file for each list, as served
	crls  string   // all lists, in PEM
	none  bool     // there are no lists in crls
}

// client returns a client that runs the script.
func (c crlScript) client(t *testing.T, path string) conformance.Client {
	dir := t.TempDir()
	return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		f, err := c.files(ctx, dir, path, s)
		if err != nil {
			return conformance.NotRun(err)
		}
		return command{path: path, args: c.args(f)}.connect(ctx, c.decide)
	})
}

// files downloads the CRLs, and writes them and the certificates to dir.
func (c crlScript) files(ctx context.Context, dir, path string, s *ocsptest.Server) (crlFiles, error) {
	var problems []error
	save := func(data []byte) string {
		path, err := tempFile(dir, data)
		problems = append(problems, err)
		return path
	}
	f := crlFiles{
		port: portOf(s), root: save(s.RootPEM()), leaf: save(s.Leaf.CertPEM()), chain: save(s.Leaf.ChainPEM()),
	}
	var crls []byte
	for _, list := range c.download(ctx, s.Leaf) {
		f.lists = append(f.lists, save(list))
		inPEM, err := c.convert(ctx, path, list)
		problems = append(problems, err)
		crls = append(crls, inPEM...)
	}
	f.crls, f.none = save(crls), len(crls) == 0
	return f, errors.Join(problems...)
}

// convert returns a list in PEM, or nothing if the program refuses it.
func (c crlScript) convert(ctx context.Context, path string, list []byte) ([]byte, error) {
	if block, _ := pem.Decode(list); block != nil {
		return list, nil
	}
	if c.toPEM == nil {
		return fakeca.CRLPEM(list), nil
	}
	r, err := command{path: path, args: c.toPEM, stdin: string(list)}.output(ctx)
	if err != nil || r.code != 0 {
		return nil, err
	}
	return []byte(r.stdout), nil
}

// download returns the lists that can be downloaded.
func (c crlScript) download(ctx context.Context, leaf *fakeca.Leaf) [][]byte {
	certs := []*x509.Certificate{leaf.Cert}
	for ca := leaf.Issuer; c.chain && ca.Issuer != nil; ca = ca.Issuer {
		certs = append(certs, ca.Cert)
	}
	curl := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	var lists [][]byte
	get := func(urls []string) {
		for _, url := range urls {
			if list, err := httpGet(ctx, &curl, url); err == nil {
				lists = append(lists, list)
			}
		}
	}
	var freshest []fakeca.CRLPoint
	for _, cert := range certs {
		get(cert.CRLDistributionPoints)
		points, _ := fakeca.FreshestCRLOf(cert.Extensions)
		freshest = append(freshest, points...)
	}
	if !c.deltas {
		return lists
	}
	for _, list := range lists {
		if m, err := fakeca.ParseCRLMessage(list); err == nil {
			points, _ := fakeca.FreshestCRLOf(m.CRLExtensions)
			freshest = append(freshest, points...)
		}
	}
	for _, p := range freshest {
		get(p.URLs)
	}
	return lists
}

// httpGet returns the body of a response with status 200, if it is no longer than
// 16 megabytes.
func httpGet(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	const limit = 16 << 20
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	case len(body) > limit:
		return nil, fmt.Errorf("%s: more than %d bytes", url, limit)
	}
	return body, nil
}

// opensslWithCRLs returns a client that runs openssl verify with CRLs, each in a
// file of its own. It reads PEM and DER.
func opensslWithCRLs(script crlScript, switches ...string) func(*testing.T, string) conformance.Client {
	script.args = func(f crlFiles) []string {
		args := append([]string{"verify", "-CAfile", f.root, "-untrusted", f.chain}, switches...)
		for _, list := range f.lists {
			args = append(args, "-CRLfile", list)
		}
		return append(args, f.leaf)
	}
	script.decide = byExitStatus
	return script.client
}

// certtoolWithCRLs returns a client that runs certtool with CRLs, or without the
// switch if there are none, because it refuses an empty file.
func certtoolWithCRLs(t *testing.T, path string) conformance.Client {
	return crlScript{
		toPEM: []string{"--crl-info", "--inder", "--no-text"},
		args: func(f crlFiles) []string {
			args := []string{"--verify", "--verify-profile", "medium", "--load-ca-certificate", f.root, "--infile", f.chain}
			if !f.none {
				args = append(args, "--load-crl", f.crls)
			}
			return args
		},
		decide: func(r result) error {
			if r.code == 0 {
				return nil
			}
			_, verdict, ok := strings.Cut(r.stdout, "Chain verification output: ")
			if !ok {
				verdict = r.stderr
			}
			return refusal{r.code, verdict}
		},
	}.client(t, path)
}

// curlWithCRLs returns a client that runs curl with CRLs, of which it demands one
// from each CA of the chain.
func curlWithCRLs(t *testing.T, path string) conformance.Client {
	return crlScript{
		chain: true,
		args: func(f crlFiles) []string {
			return []string{"-sS", "--crlfile", f.crls, "--cacert", f.root, "https://localhost:" + f.port}
		},
		decide: byExitStatus,
	}.client(t, path)
}

// goCRLClient checks every CRL that the leaf names as many Go programs do. It
// accepts if one is good and none lists the leaf.
func goCRLClient(*testing.T, string) conformance.Client {
	return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		cfg := s.TLSClientConfig()
		cfg.VerifyConnection = func(cs tls.ConnectionState) error {
			chain := cs.VerifiedChains[0]
			good, problem := false, errors.New("the certificate names no CRL")
			for _, url := range chain[0].CRLDistributionPoints {
				err := checkCRL(ctx, url, chain[0], chain[1], cfg.Time())
				switch {
				case err == nil:
					good = true
				case errors.Is(err, errRevoked):
					return err
				default:
					problem = err
				}
			}
			if good {
				return nil
			}
			return problem
		}
		conn, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", s.Addr().String())
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

var errRevoked = errors.New("the certificate is revoked")

// checkCRL looks at no extension of the CRL.
func checkCRL(ctx context.Context, url string, cert, issuer *x509.Certificate, now time.Time) error {
	der, err := httpGet(ctx, &http.Client{Timeout: 2 * time.Second}, url)
	if err != nil {
		return err
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return err
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return err
	}
	if now.After(list.NextUpdate) {
		return errors.New("the CRL has expired")
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(cert.SerialNumber) == 0 {
			return errRevoked
		}
	}
	return nil
}
