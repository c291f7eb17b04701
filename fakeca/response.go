package fakeca

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
)

// A Response describes an OCSP response. The zero value is a fresh "good" signed
// by the CA. Times are written to the second.
type Response struct {
	// Error makes an unsigned error response (RFC 6960 section 2.3), which has
	// nothing else in it: [TryLater], for example. The default, Success, makes a
	// response with a Status.
	Error ocsp.ResponseStatus

	// Status is the certificate's. ServerFailed without Error is the error
	// InternalError.
	Status Status

	// Reason is why the certificate is revoked. Unspecified is left out of the
	// response, as RFC 5280 section 5.3.1 recommends, unless ExplicitReason is
	// set.
	Reason         Reason
	ExplicitReason bool

	// RevokedAt is when the certificate was revoked. The default is one hour
	// before ThisUpdate.
	RevokedAt time.Time

	ThisUpdate time.Time // default: one hour before now, in case a client's clock is slow
	NextUpdate time.Time // default: 24 hours after ThisUpdate
	ProducedAt time.Time // default: ThisUpdate
	Forever    bool      // leaves nextUpdate out

	Serial *big.Int    // in the CertID; default: the certificate's own
	Hash   crypto.Hash // in the CertID: SHA1, SHA256, SHA384 or SHA512; default: that of WithHash
	Nonce  []byte      // in the response extensions (RFC 9654); nil: none; empty: one of no bytes

	// Signer signs the response: a delegated responder (see [CA.OCSPSigner]), or
	// any other leaf. Its certificate is embedded. The default is [CA.Delegate], or
	// the CA itself, which embeds nothing.
	Signer *Leaf

	// SignatureAlgorithm is how to sign. The default depends on the key: ECDSA
	// with SHA-256, SHA-384 or SHA-512 by its curve, RSA PKCS #1 v1.5 with
	// SHA-256, or Ed25519.
	SignatureAlgorithm x509.SignatureAlgorithm

	ByKey    bool // names the responder by the SHA-1 of its key instead of its name
	OmitCert bool // does not embed the certificate of Signer or delegate

	// Also holds the statuses of further certificates of the same issuer. Fields
	// that concern the response as a whole must be zero in them.
	Also []Response

	// Edit changes the message before it is signed. If it sets a signature, that
	// one is kept. An error response has no ResponseBytes; only ResponseStatus,
	// Extra and Raw can be changed there.
	Edit func(*Message)

	// Mutate changes the finished response.
	Mutate func(der []byte) []byte
}

// Failure returns the error that r is: Error, or [InternalError] for a Status
// of [ServerFailed] without Error. It is [ocsp.Success] if r is not an error
// response.
func (r Response) Failure() ocsp.ResponseStatus {
	if r.Error == ocsp.Success && r.Status == ServerFailed {
		return InternalError
	}
	return r.Error
}

// mustBeValid panics if r describes a response that does not exist.
func (r *Response) mustBeValid() {
	if wrong := r.check(); wrong != "" {
		panic("fakeca: Response: " + wrong)
	}
}

// check returns what is wrong with r and what to write instead, or "".
func (r *Response) check() string {
	switch {
	case r.Status < Good || r.Status > ServerFailed:
		return fmt.Sprintf("Status is %d; use Good, Revoked, Unknown or ServerFailed, or set CertStatus.Raw in Edit", int(r.Status))
	case !isResponseStatus(r.Error):
		return fmt.Sprintf("Error is %d, which is not assigned; set ResponseStatus in Edit to send it", int(r.Error))
	case r.Error != ocsp.Success && (r.Status == Revoked || r.Status == Unknown):
		return fmt.Sprintf("Error is %v and Status is %v; an error response has no status, so leave one of them out", r.Error, r.Status)
	case r.Failure() != ocsp.Success && (r.Nonce != nil || r.Signer != nil || len(r.Also) > 0 || r.Serial != nil):
		return "an error response has no Nonce, Signer, Serial or Also; leave them out, or set ResponseStatus of a good one in Edit"
	case !r.Reason.valid():
		return fmt.Sprintf("Reason is %d, which RFC 5280 section 5.3.1 does not have; set RevocationReason in Edit to send it", int(r.Reason))
	case r.Status != Revoked && (r.Reason != Unspecified || r.ExplicitReason || !r.RevokedAt.IsZero()):
		return fmt.Sprintf("Reason or RevokedAt is set and Status is %v; set Status: fakeca.Revoked", r.Status)
	case r.Signer != nil && (r.Signer.Key == nil || r.Signer.Cert == nil):
		return "Signer has no private key or no certificate; use ca.OCSPSigner()"
	}
	if _, ok := hashOID(r.Hash); !ok && r.Hash != 0 {
		return fmt.Sprintf("Hash is %v; use SHA1, SHA256, SHA384 or SHA512, or set HashAlgorithm in Edit", r.Hash)
	}
	if wrong := checkTimes(r.Forever, r.NextUpdate, r.ThisUpdate, r.ProducedAt, r.RevokedAt); wrong != "" {
		return wrong
	}
	for i := range r.Also {
		if wrong := r.Also[i].checkFurther(); wrong != "" {
			return fmt.Sprintf("Also[%d]: %s", i, wrong)
		}
	}
	return ""
}

// checkFurther is check for an element of Also.
func (r *Response) checkFurther() string {
	if r.Failure() != ocsp.Success || !r.ProducedAt.IsZero() || r.Nonce != nil || r.Signer != nil ||
		r.SignatureAlgorithm != 0 || r.ByKey || r.OmitCert || len(r.Also) > 0 || r.Edit != nil || r.Mutate != nil {
		return "Error, ProducedAt, Nonce, Signer, SignatureAlgorithm, ByKey, OmitCert, Also, Edit and Mutate concern the whole response; " +
			"set them outside of Also"
	}
	return r.check()
}

// ParseResponse reads an OCSP response. It is as strict as [ParseMessage], and
// refuses three more things, which a Response cannot hold: no single response, a
// CertID by another hash than those of Response.Hash, and a nonce that is not an
// OCTET STRING or not the only one.
//
// The first single response is in the Response itself, and those after it are in
// Also. ParseResponse fills in all fields except for Signer, OmitCert, Edit and
// Mutate. An error response is not an error: its Status is ServerFailed, and its
// Error says which it is.
func ParseResponse(der []byte) (Response, error) {
	m, err := ParseMessage(der)
	if err != nil {
		return Response{}, err
	}
	r, err := m.response()
	if err != nil {
		return Response{}, fmt.Errorf("fakeca: OCSP response: %w", err)
	}
	return r, nil
}

func (m *Message) response() (Response, error) {
	if m.ResponseStatus != ocsp.Success {
		return Response{Error: m.ResponseStatus, Status: ServerFailed}, nil
	}
	if len(m.Responses) == 0 {
		return Response{}, within("responses", errors.New("empty"))
	}
	var r Response
	for i, single := range m.Responses {
		s := single.Response()
		if s.Hash == 0 {
			id := single.CertID.HashAlgorithm
			err := fmt.Errorf("%v with parameters %x is not known", id.Algorithm, id.Parameters)
			return Response{}, within(fmt.Sprintf("single response %d", i), within("certID", within("hashAlgorithm", err)))
		}
		if i == 0 {
			r = s
		} else {
			r.Also = append(r.Also, s)
		}
	}
	r.ProducedAt = m.ProducedAt.Time
	r.SignatureAlgorithm = m.SignatureAlgorithm.SignatureAlgorithm()
	r.ByKey = m.ResponderID.ByKey != nil
	var err error
	if r.Nonce, err = NonceOf(m.ResponseExtensions); err != nil {
		return Response{}, within("responseExtensions", err)
	}
	return r, nil
}

// Response describes the single response: its status, reason, RevokedAt,
// ThisUpdate, NextUpdate, Serial and Hash. Hash is 0 if
// [AlgorithmIdentifier.Hash] does not know it.
func (s *SingleResponse) Response() Response {
	r := Response{
		Status:     s.CertStatus.Status,
		RevokedAt:  s.CertStatus.RevocationTime.Time,
		ThisUpdate: s.ThisUpdate.Time,
		NextUpdate: s.NextUpdate.Time,
		Forever:    s.NextUpdate.IsZero(),
		Serial:     s.CertID.SerialNumber,
		Hash:       s.CertID.HashAlgorithm.Hash(),
	}
	if reason := s.CertStatus.RevocationReason; reason != nil {
		r.Reason = *reason
		r.ExplicitReason = r.Reason == Unspecified
	}
	return r
}

// String returns what r says in one line: the status, reason or error, the times
// that are set, in UTC, and the serial number.
func (r Response) String() string {
	var b strings.Builder
	if failure := r.Failure(); failure != ocsp.Success {
		fmt.Fprintf(&b, "%v (%v)", ServerFailed, failure)
	} else {
		b.WriteString(r.Status.String())
	}
	if r.Status == Revoked {
		fmt.Fprintf(&b, " (%v)", r.Reason)
	}
	for _, t := range []struct {
		name string
		time time.Time
	}{
		{"revokedAt", r.RevokedAt}, {"producedAt", r.ProducedAt},
		{"thisUpdate", r.ThisUpdate}, {"nextUpdate", r.NextUpdate},
	} {
		if !t.time.IsZero() {
			fmt.Fprintf(&b, ", %s %s", t.name, t.time.UTC().Format(time.RFC3339))
		}
	}
	if r.Forever {
		b.WriteString(", no nextUpdate")
	}
	if r.Serial != nil {
		fmt.Fprintf(&b, ", serial %x", r.Serial)
	}
	if n := len(r.Also); n > 0 {
		fmt.Fprintf(&b, ", and %d more", n)
	}
	return b.String()
}
