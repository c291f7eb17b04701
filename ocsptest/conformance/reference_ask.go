package conformance

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"slices"
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
	skew           = 5 * time.Minute // between clocks
)

// askResponders asks the responders that a certificate names, in order: each by
// GET, for the sake of caches (RFC 9919 section 6), and then by POST. It returns
// the first valid response that does not say unknown.
func askResponders(
	ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time, read verifyFunc,
) (fakeca.Response, error) {
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

// askCRLs gets the CRLs that a certificate names, in order. It returns what the
// first valid one says about the certificate.
func askCRLs(
	ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time, check checkCRLFunc,
) (fakeca.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, totalTimeout)
	defer cancel()
	problems := []error{errors.New("no CRL decides")}
	var heard Evidence
	for _, point := range cert.CRLDistributionPoints {
		list, err := downloadCRL(ctx, client, point)
		if err == nil {
			err = check(list, issuer, point, at)
		}
		if err == nil {
			return lookUp(list, cert.SerialNumber), nil
		}
		problems = append(problems, fmt.Errorf("%s: %w", point, err))
		heard |= evidenceOf(fakeca.Response{}, err)
	}
	return fakeca.Response{}, &sourceError{heard, errors.Join(problems...)}
}

func downloadCRL(ctx context.Context, client *http.Client, point string) (*x509.RevocationList, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, point, nil)
	if err != nil {
		return nil, err
	}
	der, err := download(client, req, maxCRL)
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}

// lookUp returns what a CRL says about a certificate.
func lookUp(list *x509.RevocationList, serial *big.Int) fakeca.Response {
	i := slices.IndexFunc(list.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
		return e.SerialNumber.Cmp(serial) == 0
	})
	if i < 0 {
		return fakeca.Response{}
	}
	e := list.RevokedCertificateEntries[i]
	return fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.Reason(e.ReasonCode), RevokedAt: e.RevocationTime}
}

// checkCRL judges a complete CRL by RFC 5280 section 6.3.3. It knows no critical
// extension, and so rejects deltas and lists that cover only some certificates.
func checkCRL(list *x509.RevocationList, issuer *x509.Certificate, point string, at time.Time) error {
	switch {
	case !bytes.Equal(list.RawIssuer, issuer.RawSubject):
		return errors.New("the CRL is from another CA")
	case at.Add(skew).Before(list.ThisUpdate):
		return errors.New("the CRL is from the future")
	case list.NextUpdate.IsZero():
		return errors.New("the CRL has no nextUpdate (RFC 5280 section 5.1.2.5)")
	case at.Add(-skew).After(list.NextUpdate):
		return errors.New("the CRL has expired")
	}
	for _, e := range list.Extensions {
		if e.Critical {
			return fmt.Errorf("the CRL has the critical extension %v", e.Id)
		}
	}
	for _, entry := range list.RevokedCertificateEntries {
		for _, e := range entry.Extensions {
			if e.Critical {
				return fmt.Errorf("an entry has the critical extension %v", e.Id)
			}
		}
	}
	return list.CheckSignatureFrom(issuer)
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
