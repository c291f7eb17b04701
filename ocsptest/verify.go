package ocsptest

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Verify judges an OCSP response about leaf, which issuer issued, by RFC 6960,
// RFC 5019, RFC 9654 and the CA/Browser Forum's Baseline Requirements, with the
// defaults of a [Verifier].
func Verify(der []byte, leaf, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	return Verifier{}.Verify(der, leaf, issuer, at)
}

// A Verifier judges OCSP responses. Its fields are what is policy, or what the
// client knows; the zero value goes by the RFCs.
type Verifier struct {
	// Skew is how far the responder's clock may be from the client's. The
	// default is five minutes; a negative skew is none.
	Skew time.Duration

	// MaxAge is how old thisUpdate may be. The default is no limit with a
	// nextUpdate, and a day without one.
	MaxAge time.Duration

	// Nonce is what the request had. An answer with another is refused, and
	// one without a nonce only if RequireNonce.
	Nonce        []byte
	RequireNonce bool

	// RefuseSHA1 refuses signatures with SHA-1.
	RefuseSHA1 bool

	// Responders are delegated responders that are known without being
	// embedded. They need authority all the same.
	Responders []*x509.Certificate
}

const (
	defaultSkew   = 5 * time.Minute
	defaultMaxAge = 24 * time.Hour // without nextUpdate
)

// Verify returns what an OCSP response says about leaf, and all that is wrong
// with it, as [Violations]. A response without violations that says revoked is
// a valid one: err is nil. Where several single responses are about leaf, those
// that are current count; revoked wins, and unknown over good.
func (v Verifier) Verify(der []byte, leaf, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	if v.Skew == 0 {
		v.Skew = defaultSkew
	}
	v.Skew = max(v.Skew, 0)
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return fakeca.Response{Status: fakeca.ServerFailed}, malformed(err)
	}
	if m.ResponseStatus != ocsp.Success {
		said := fakeca.Response{Error: m.ResponseStatus, Status: fakeca.ServerFailed}
		var wrong Violations
		wrong.add(ruleErrorStatus, "%v", m.ResponseStatus)
		return said, wrong
	}
	m.ResponseData.Raw = signedPart(der)
	j := judgement{Verifier: v, message: m, leaf: leaf, issuer: issuer, at: at}
	said := j.singles()
	j.produced()
	j.critical("the response", m.ResponseExtensions)
	j.nonce()
	j.signed()
	return said, j.wrong.err()
}

// malformed names the rule for what a parser says.
func malformed(err error) error {
	broken := ruleMalformed
	if syntax, ok := errors.AsType[*fakeca.SyntaxError](err); ok {
		switch syntax.Element {
		case "responseType":
			broken = ruleResponseType
		case "version":
			broken = ruleVersion
		}
	}
	var wrong Violations
	wrong.add(broken, "%s", strings.TrimPrefix(err.Error(), "fakeca: OCSP response: "))
	return wrong
}

// A judgement is Verify under way.
type judgement struct {
	Verifier
	message      *fakeca.Message
	leaf, issuer *x509.Certificate
	at           time.Time
	wrong        Violations
}

// singles finds what is said about the leaf.
func (j *judgement) singles() fakeca.Response {
	var mine, current []fakeca.SingleResponse
	var wrong Violations // with those that are not current
	for _, single := range j.message.Responses {
		if j.isMine(single.CertID) {
			mine = append(mine, single)
			if bad := j.times(single); len(bad) == 0 {
				current = append(current, single)
			} else {
				wrong = append(wrong, bad...)
			}
		}
	}
	switch {
	case len(mine) == 0:
		j.stranger()
		return fakeca.Response{Status: fakeca.Unknown}
	case len(current) == 0:
		j.wrong = append(j.wrong, wrong...)
		current = mine
	}
	said := current[0]
	for _, single := range current[1:] {
		if single.CertStatus.Status != said.CertStatus.Status {
			j.wrong.add(ruleContradiction, "it says both %v and %v of the certificate", said.CertStatus.Status, single.CertStatus.Status)
		}
		if graver(single.CertStatus.Status, said.CertStatus.Status) {
			said = single
		}
	}
	j.critical("the single response", said.SingleExtensions)
	return asResponse(j.message, said)
}

// graver says whether a client is to go by a rather than b.
func graver(a, b fakeca.Status) bool {
	order := []fakeca.Status{fakeca.Good, fakeca.Unknown, fakeca.Revoked}
	return slices.Index(order, a) > slices.Index(order, b)
}

// asResponse describes one single response of a message.
func asResponse(m *fakeca.Message, single fakeca.SingleResponse) fakeca.Response {
	r := single.Response()
	r.ProducedAt, r.ByKey = m.ProducedAt.Time, m.ResponderID.ByKey != nil
	return r
}

func (j *judgement) isMine(id fakeca.CertID) bool {
	return id.SerialNumber.Cmp(j.leaf.SerialNumber) == 0 && id.IssuedBy(j.issuer)
}

// stranger says why no single response is about the leaf.
func (j *judgement) stranger() {
	for _, single := range j.message.Responses {
		id := single.CertID
		if id.SerialNumber.Cmp(j.leaf.SerialNumber) != 0 {
			continue
		}
		hash := id.HashAlgorithm.Hash()
		if hash == 0 || len(id.IssuerNameHash) != hash.Size() || len(id.IssuerKeyHash) != hash.Size() {
			j.wrong.add(ruleCertIDHash, "the hashes of %d and %d bytes are not those of %v", len(id.IssuerNameHash), len(id.IssuerKeyHash), id.HashAlgorithm.Algorithm)
			return
		}
		expected := fakeca.NewCertID(j.leaf.SerialNumber, j.issuer, hash)
		if !bytes.Equal(id.IssuerNameHash, expected.IssuerNameHash) {
			j.wrong.add(ruleCertIDName, "issuerNameHash is not the %v of the issuer's name", hash)
		}
		if !bytes.Equal(id.IssuerKeyHash, expected.IssuerKeyHash) {
			j.wrong.add(ruleCertIDKey, "issuerKeyHash is not the %v of the issuer's key", hash)
		}
		return
	}
	j.wrong.add(ruleCertIDSerial, "none of %d single responses is about serial %x", len(j.message.Responses), j.leaf.SerialNumber)
}

func (j *judgement) times(single fakeca.SingleResponse) (wrong Violations) {
	this, next := single.ThisUpdate.Time, single.NextUpdate.Time
	if this.After(j.at.Add(j.Skew)) {
		wrong.add(ruleEarly, "thisUpdate %s is in the future", stamp(this))
	}
	maxAge := j.MaxAge
	switch {
	case single.NextUpdate.IsZero():
		if maxAge == 0 {
			maxAge = defaultMaxAge
		}
	case next.Before(this):
		wrong.add(ruleOrder, "nextUpdate %s is before thisUpdate %s", stamp(next), stamp(this))
	case next.Before(j.at.Add(-j.Skew)):
		wrong.add(ruleExpired, "nextUpdate %s is past", stamp(next))
	}
	if age := j.at.Sub(this); maxAge > 0 && age > maxAge+j.Skew {
		wrong.add(ruleAge, "thisUpdate %s is %v old, more than %v", stamp(this), age.Round(time.Second), maxAge)
	}
	return wrong
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (j *judgement) produced() {
	at := j.message.ProducedAt.Time
	switch {
	case at.After(j.at.Add(j.Skew)):
		j.wrong.add(ruleProducedAt, "producedAt %s is in the future", stamp(at))
	case at.Before(j.leaf.NotBefore), at.After(j.leaf.NotAfter):
		j.wrong.add(ruleProducedAt, "producedAt %s is outside of the certificate's validity", stamp(at))
	}
}

func (j *judgement) nonce() {
	if j.Nonce == nil {
		return
	}
	said, err := fakeca.NonceOf(j.message.ResponseExtensions)
	switch {
	case err != nil:
		j.wrong.add(ruleNonce, "%v", err)
	case said == nil && j.RequireNonce:
		j.wrong.add(ruleNonce, "there is none")
	case said != nil && !bytes.Equal(said, j.Nonce):
		j.wrong.add(ruleNonce, "it is not that of the request")
	}
}
