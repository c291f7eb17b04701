package conformance

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// Limits for responders and CRLs.
const (
	requestTimeout = time.Second             // for one request
	totalTimeout   = 1500 * time.Millisecond // for all requests about one certificate
	maxResponse    = 64 << 10
	maxCRL         = 16 << 20
)

// askResponders asks the responders that a certificate names, in order: each by
// GET, for the sake of caches (RFC 9919 section 6), and then by POST. It returns
// the first valid response that does not say unknown.
func askResponders(
	ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time, read verifyFunc,
) (fakeca.Response, error) {
	cert, issuer := chain[0], chain[1]
	ctx, cancel := context.WithTimeout(ctx, totalTimeout)
	defer cancel()
	problems := []error{errors.New("no responder decides")}
	var heard Evidence
	said := fakeca.Response{Status: fakeca.Unknown}
responders:
	for _, responder := range cert.OCSPServer {
		if u, err := url.Parse(responder); err != nil || u.Scheme != "http" {
			problems = append(problems, fmt.Errorf("%q is not asked", responder)) // RFC 5280 section 8 on https
			heard |= Unreachable
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			resp, err := askOnce(ctx, client, method, responder, cert, issuer, at, read)
			switch e := evidenceOf(resp, err); e {
			case Good, Revoked:
				return resp, nil
			case Unknown:
				said = resp
				heard |= e
			default:
				heard |= e
				problems = append(problems, fmt.Errorf("%s %s: %w", method, responder, err))
				if errors.Is(err, context.DeadlineExceeded) {
					continue responders // POST would time out too
				}
			}
		}
	}
	if heard == Unknown {
		return said, nil
	}
	return said, &sourceError{heard, errors.Join(problems...)}
}

// askOnce asks one responder by one method.
func askOnce(
	ctx context.Context, client *http.Client, method, responder string,
	cert, issuer *x509.Certificate, at time.Time, read verifyFunc,
) (fakeca.Response, error) {
	ocspReq := fakeca.NewRequest(cert.SerialNumber, issuer)
	to, body := ocspReq.URL(responder), io.Reader(nil)
	var nonce []byte
	if method == http.MethodPost {
		nonce = fakeca.NewNonce() // not by GET, where it would defeat caches
		ocspReq.SetNonce(nonce)
		to, body = responder, bytes.NewReader(ocspReq.Marshal())
	}
	req, err := http.NewRequestWithContext(ctx, method, to, body)
	if err != nil {
		return fakeca.Response{}, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/ocsp-request")
	}
	der, err := download(client, req, maxResponse)
	if err != nil {
		return fakeca.Response{}, err
	}
	return read(verify.Options{Nonce: nonce}, der, cert, issuer, at)
}

// askCRLs gets the CRLs that a certificate names, in order, until those that it has
// say whether the certificate is revoked.
func askCRLs(
	ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time, judge crlsFunc,
) (fakeca.Response, error) {
	cert, issuer := chain[0], chain[1]
	ctx, cancel := context.WithTimeout(ctx, totalTimeout)
	defer cancel()
	problems := []error{errors.New("no CRL decides")}
	var heard Evidence
	var lists [][]byte
	for _, point := range cert.CRLDistributionPoints {
		list, err := downloadCRL(ctx, client, point)
		if err == nil {
			lists = append(lists, list)
			lists = append(lists, downloadDeltas(ctx, client, list, cert)...)
			var said fakeca.Response
			if said, err = judge(verify.Options{CRLIssuers: chain[2:]}, lists, cert, issuer, at); err == nil {
				return said, nil
			}
		}
		problems = append(problems, fmt.Errorf("%s: %w", point, err))
		heard |= evidenceOf(fakeca.Response{}, err)
	}
	return fakeca.Response{}, &sourceError{heard, errors.Join(problems...)}
}

func downloadCRL(ctx context.Context, client *http.Client, point string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, point, nil)
	if err != nil {
		return nil, err
	}
	return download(client, req, maxCRL)
}

// downloadDeltas gets the deltas that a list or a certificate names. Without them,
// the list is as valid as before.
func downloadDeltas(ctx context.Context, client *http.Client, list []byte, cert *x509.Certificate) (deltas [][]byte) {
	var points []fakeca.CRLPoint
	if m, err := fakeca.ParseCRLMessage(list); err == nil {
		points, _ = fakeca.FreshestCRLOf(m.CRLExtensions)
	}
	ofCert, _ := fakeca.FreshestCRLOf(cert.Extensions)
	for _, p := range append(points, ofCert...) {
		for _, url := range p.URLs {
			if delta, err := downloadCRL(ctx, client, url); err == nil {
				deltas = append(deltas, delta)
			}
		}
	}
	return deltas
}

// download gets a body of at most limit bytes, within requestTimeout.
func download(client *http.Client, req *http.Request, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(req.Context(), requestTimeout)
	defer cancel()
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return nil, &sourceError{Unreachable, err}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return nil, &sourceError{Unreachable, err}
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("more than %d bytes", limit)
	}
	return body, nil
}

// httpClient returns a client for responders and CRLs, on the network of s.
func httpClient(s *ocsptest.Server) *http.Client {
	transport := &http.Transport{DisableKeepAlives: true, DialContext: new(net.Dialer).DialContext}
	if s.Network() != nil {
		transport.DialContext = s.Network().DialContext
	}
	return &http.Client{Transport: transport, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > 3 {
			return errors.New("redirected more than three times")
		}
		return nil
	}}
}
