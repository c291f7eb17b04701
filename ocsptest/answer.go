package ocsptest

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"net/http"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// An answer is what a responder has to say to an OCSP request.
type answer struct {
	der []byte

	// The headers of what may be cached, with the exception of Cache-Control,
	// and the end of its life, zero if it has none. nil for the rest.
	header     http.Header
	nextUpdate time.Time

	// While ca's record is at this revision and its clock between these times,
	// the answer is as good as new.
	ca          *fakeca.CA
	revision    uint64
	made, until time.Time
}

func (a *answer) fresh() bool {
	if a.ca == nil || a.ca.Revision() != a.revision {
		return false
	}
	now := a.ca.Now()
	return now.Before(a.until) && !now.Before(a.made) // a test's clock can go back
}

// The error responses, which nobody signs.
func errorAnswer(status ocsp.ResponseStatus) *answer {
	m := fakeca.Message{ResponseStatus: status}
	return &answer{der: m.Marshal()}
}

// answer makes the answer to a request, of which ca issued the first. lie, if not nil, changes what the
// record says before it is signed.
func (r *Responder) answer(req *fakeca.Request, ca *fakeca.CA, lie func(*fakeca.Response)) *answer {
	if len(req.List) == 0 || hasCritical(req) {
		return errorAnswer(ocsp.Malformed)
	}
	nonce := req.Nonce()
	if nonce != nil && (len(nonce) == 0 || len(nonce) > maxNonce) {
		return errorAnswer(ocsp.Malformed)
	}
	if ca == nil {
		// RFC 6960 section 2.3: not capable of responding authoritatively.
		return errorAnswer(ocsp.Unauthorized)
	}
	// Read before the record is, so that a change meanwhile is seen next time.
	revision, made := ca.Revision(), ca.Now()
	said := describe(ca, req)
	if said.Nonce == nil && said.Failure() == ocsp.Success {
		said.Nonce = nonce
	}
	if lie != nil {
		lie(&said)
	}
	asAsked(&said, req.List)
	out := &answer{der: ca.Sign(req.List[0].CertID.SerialNumber, said)}
	if lie != nil || nonce != nil {
		return out
	}
	read, err := fakeca.ParseResponse(out.der)
	if err != nil || read.Status == fakeca.ServerFailed {
		return out
	}
	out.cacheable(read)
	out.ca, out.revision = ca, revision
	out.made, out.until = made, made.Add(time.Hour)
	if !read.Forever {
		// Half of its life; what has less ahead of it is made each time.
		out.until = read.ThisUpdate.Add(read.NextUpdate.Sub(read.ThisUpdate) / 2)
	}
	return out
}

// cacheable sets the headers of RFC 5019 section 6.2. read is what a says.
func (a *answer) cacheable(read fakeca.Response) {
	sum := sha256.Sum256(a.der)
	a.header = http.Header{
		"Etag":          {`"` + hex.EncodeToString(sum[:16]) + `"`},
		"Last-Modified": {httpTime(read.ThisUpdate)},
	}
	a.nextUpdate = read.NextUpdate
	if !read.Forever {
		a.header["Expires"] = []string{httpTime(read.NextUpdate)}
	}
}

// failed reports whether said is an error, which has nothing else to say.
func failed(said fakeca.Response) bool {
	return said.Error != ocsp.Success || said.Status == fakeca.ServerFailed
}

func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

// RFC 9654 section 2.1.
const maxNonce = 128

// describe says what is on record of all that a request asks about. ca, which
// issued the first, signs: it says Unknown of what others issued.
func describe(ca *fakeca.CA, req *fakeca.Request) fakeca.Response {
	said := ca.Lookup(req.List[0].CertID.SerialNumber)
	if said.Failure() != ocsp.Success {
		return said
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
	said.Also = append(also, said.Also...)
	return said
}

// asAsked has said use the CertIDs of the request, in its hash and in the form
// of its parameters. A serial number or a hash that was set is a lie, which
// stands.
func asAsked(said *fakeca.Response, list []fakeca.SingleRequest) {
	if said.Failure() != ocsp.Success {
		return
	}
	asked := make([]bool, min(len(list), 1+len(said.Also)))
	for i := range asked {
		single := *said
		if i > 0 {
			single = said.Also[i-1]
		}
		serial := list[i].CertID.SerialNumber
		asked[i] = single.Hash == 0 && (single.Serial == nil && i == 0 || single.Serial != nil && single.Serial.Cmp(serial) == 0)
	}
	edit := said.Edit
	said.Edit = func(m *fakeca.Message) {
		for i, so := range asked {
			if so {
				m.Responses[i].CertID = cloneCertID(list[i].CertID)
			}
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

// issuerOf returns the CA that a CertID names, or nil if the responder does not
// answer for it.
func (r *Responder) issuerOf(id fakeca.CertID) *fakeca.CA {
	for _, ca := range r.issuers() {
		if id.IssuedBy(ca.Cert) {
			return ca
		}
	}
	return nil
}

// hasCritical says whether a request has a critical extension, of which there
// is none that must be understood here (RFC 6960 section 4.4).
func hasCritical(req *fakeca.Request) bool {
	critical := func(e pkix.Extension) bool { return e.Critical && !fakeca.IsNonce(e) }
	return slices.ContainsFunc(req.Extensions, critical) || slices.ContainsFunc(req.List, func(single fakeca.SingleRequest) bool {
		return slices.ContainsFunc(single.Extensions, critical)
	})
}
