package ocsptest

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A response is what a responder sends to an OCSP request.
type response struct {
	der []byte
	err error // why it is an error response that the responder made itself; nil for others

	// The headers of a response that caches may keep, except Cache-Control; nil
	// for other responses.
	header     http.Header
	nextUpdate time.Time // zero if there is none

	// While the record of ca is at revision and its clock between made and
	// until, the response can be sent again. ca is nil if it cannot.
	ca          *fakeca.CA
	revision    uint64
	made, until time.Time
}

func (r *response) isCurrent() bool {
	if r.ca == nil || r.ca.Revision() != r.revision {
		return false
	}
	now := r.ca.Now()
	return now.Before(r.until) && !now.Before(r.made) // a test can turn its clock back
}

func malformed(why error) *response {
	return errorResponse(ocsp.Malformed, fmt.Errorf("malformedRequest: %w", why))
}

// errorResponse returns an error response, which is not signed.
func errorResponse(status ocsp.ResponseStatus, err error) *response {
	m := fakeca.Message{ResponseStatus: status}
	return &response{der: m.Marshal(), err: err}
}

// respond makes the response to a request; ca is the issuer of the certificate
// that it lists first. say, if not nil, changes what is on record before it is
// signed.
func respond(req *fakeca.Request, ca *fakeca.CA, say func(*fakeca.Response)) *response {
	nonce := req.Nonce()
	switch {
	case len(req.List) == 0:
		return malformed(errors.New("it lists no certificate"))
	case nonce != nil && (len(nonce) == 0 || len(nonce) > maxNonce):
		return malformed(fmt.Errorf("the nonce has %d bytes; use 1 to %d", len(nonce), maxNonce))
	}
	if id, ok := criticalExtension(req); ok {
		return malformed(fmt.Errorf("extension %s is critical and not known", id))
	}
	if ca == nil {
		// RFC 6960 section 2.3: not capable of responding authoritatively.
		return errorResponse(ocsp.Unauthorized, fmt.Errorf("unauthorized: %w", explainUnknownIssuer(req.List[0].CertID)))
	}
	// Read before the record is, so that a change meanwhile is seen next time.
	revision, made := ca.Revision(), ca.Now()
	resp := recorded(ca, req)
	if resp.Nonce == nil && resp.Failure() == ocsp.Success {
		resp.Nonce = nonce
	}
	if say != nil {
		say(&resp)
	}
	useCertIDs(&resp, req.List)
	out := &response{der: ca.Sign(req.List[0].CertID.SerialNumber, resp)}
	if say != nil || nonce != nil {
		return out
	}
	signed, err := fakeca.ParseResponse(out.der)
	if err != nil || signed.Failure() != ocsp.Success {
		return out
	}
	out.setCacheHeaders(signed)
	out.ca, out.revision = ca, revision
	out.made, out.until = made, made.Add(time.Hour)
	if !signed.Forever {
		// Half of its life; a response that is older is made each time.
		out.until = signed.ThisUpdate.Add(signed.NextUpdate.Sub(signed.ThisUpdate) / 2)
	}
	return out
}

func explainUnknownIssuer(id fakeca.CertID) error {
	if id.HashAlgorithm.Hash() == 0 {
		return fmt.Errorf("the hash algorithm %s of the CertID is not known", id.HashAlgorithm.Algorithm)
	}
	return errors.New("no CA of the responder has the issuer name and key of the CertID")
}

// setCacheHeaders sets the headers of RFC 9919 section 7.2. signed is what r
// says.
func (r *response) setCacheHeaders(signed fakeca.Response) {
	sum := sha256.Sum256(r.der)
	r.header = http.Header{
		"Etag":          {`"` + hex.EncodeToString(sum[:16]) + `"`},
		"Last-Modified": {httpTime(signed.ThisUpdate)},
	}
	r.nextUpdate = signed.NextUpdate
	if !signed.Forever {
		r.header["Expires"] = []string{httpTime(signed.NextUpdate)}
	}
}

func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

// RFC 9654 section 2.1.
const maxNonce = 128

// recorded returns what is on record of all that a request lists. ca, which
// issued the first certificate, signs: it says Unknown of what others issued.
func recorded(ca *fakeca.CA, req *fakeca.Request) fakeca.Response {
	resp := ca.Lookup(req.List[0].CertID.SerialNumber)
	if resp.Failure() != ocsp.Success {
		return resp
	}
	var also []fakeca.Response
	for _, single := range req.List[1:] {
		one := fakeca.Response{Status: fakeca.Unknown}
		if single.CertID.IssuedBy(ca.Cert) {
			one = ca.Lookup(single.CertID.SerialNumber)
		}
		if one.Failure() != ocsp.Success {
			one = fakeca.Response{Status: fakeca.Unknown}
		}
		further := fakeca.Response{
			Status: one.Status, Reason: one.Reason, ExplicitReason: one.ExplicitReason, RevokedAt: one.RevokedAt,
			ThisUpdate: one.ThisUpdate, NextUpdate: one.NextUpdate, Forever: one.Forever,
			Serial: one.Serial, Hash: one.Hash,
		}
		if further.Serial == nil {
			further.Serial = single.CertID.SerialNumber
		}
		also = append(also, further)
	}
	resp.Also = append(also, resp.Also...)
	return resp
}

// useCertIDs makes resp repeat the CertIDs of the request as they are, with
// their hash and its parameters, except where resp names another certificate or
// another hash.
func useCertIDs(resp *fakeca.Response, list []fakeca.SingleRequest) {
	if resp.Failure() != ocsp.Success {
		return
	}
	var repeat []int // indices of single responses, and of the requests
	for i, single := range append([]fakeca.Response{*resp}, resp.Also...) {
		serial := single.Serial
		if serial == nil {
			serial = list[0].CertID.SerialNumber // as fakeca does
		}
		if i < len(list) && single.Hash == 0 && serial.Cmp(list[i].CertID.SerialNumber) == 0 {
			repeat = append(repeat, i)
		}
	}
	edit := resp.Edit
	resp.Edit = func(m *fakeca.Message) {
		for _, i := range repeat {
			m.Responses[i].CertID = cloneCertID(list[i].CertID)
		}
		if edit != nil {
			edit(m)
		}
	}
}

// cloneCertID copies what an Edit could write into.
func cloneCertID(id fakeca.CertID) fakeca.CertID {
	id.HashAlgorithm.Algorithm = slices.Clone(id.HashAlgorithm.Algorithm)
	id.HashAlgorithm.Parameters = slices.Clone(id.HashAlgorithm.Parameters)
	id.IssuerNameHash = slices.Clone(id.IssuerNameHash)
	id.IssuerKeyHash = slices.Clone(id.IssuerKeyHash)
	id.SerialNumber = new(big.Int).Set(id.SerialNumber)
	return id
}

// criticalExtension returns a critical extension of a request. None is known
// that must be understood (RFC 6960 section 4.4).
func criticalExtension(req *fakeca.Request) (id string, ok bool) {
	all := [][]pkix.Extension{req.Extensions}
	for _, single := range req.List {
		all = append(all, single.Extensions)
	}
	for _, extensions := range all {
		for _, e := range extensions {
			if e.Critical && !fakeca.IsNonce(e) {
				return e.Id.String(), true
			}
		}
	}
	return "", false
}
