package verify

import (
	"bytes"
	"crypto/fips140"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Response judges an OCSP response about leaf, which issuer issued, by RFC 6960,
// RFC 9919 (which obsoletes RFC 5019) and RFC 9654. It is [Options.Response] with
// the default options.
func Response(der []byte, leaf, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	return Options{}.Response(der, leaf, issuer, at)
}

// Response returns what an OCSP response says about leaf, and everything that
// is wrong with it: err is nil or [Violations]. A valid response that says
// revoked is not an error.
//
// If several single responses are about leaf, only those that are current
// count; of these, revoked wins over unknown, and unknown over good.
//
// A response that cannot be parsed, and an error response, have the status
// ServerFailed. A nil leaf or issuer is an error that is not a Violations.
//
// producedAt may be outside of the validity of leaf (RFC 6960 section 2.2), but
// not in the future: no RFC says what a client does then, but it is the time at
// which the response was signed (RFC 6960 section 2.4).
func (o Options) Response(der []byte, leaf, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	if err := checkGiven(leaf, "leaf", issuer); err != nil {
		return fakeca.Response{Status: fakeca.ServerFailed}, err
	}
	o = o.withDefaults()
	parse := fakeca.ParseMessage
	if o.Lenient {
		parse = fakeca.ParseMessageLenient
	}
	m, err := parse(der)
	if err != nil {
		return fakeca.Response{Status: fakeca.ServerFailed}, malformed(err)
	}
	if m.ResponseStatus != ocsp.Success {
		var wrong Violations
		wrong.add(RuleErrorStatus, "%v", m.ResponseStatus)
		return fakeca.Response{Error: m.ResponseStatus, Status: fakeca.ServerFailed}, wrong
	}
	m.ResponseData.Raw = signedPart(der)
	j := judgement{Options: o, message: m, leaf: leaf, issuer: issuer, at: at}
	resp := j.checkSingles()
	j.checkProducedAt()
	j.checkCritical("the response", m.ResponseExtensions)
	j.checkNonce()
	j.checkSignature()
	return resp, j.wrong.err()
}

// malformed returns the violation for a parser's error.
func malformed(err error) error {
	broken := RuleMalformed
	if syntax, ok := errors.AsType[*fakeca.SyntaxError](err); ok {
		switch syntax.Element {
		case "responseType":
			broken = RuleResponseType
		case "version":
			broken = RuleVersion
		}
	}
	var wrong Violations
	wrong.add(broken, "%s", strings.TrimPrefix(err.Error(), "fakeca: OCSP response: "))
	return wrong
}

// A judgement is the state of one call of [Options.Response].
type judgement struct {
	Options
	message      *fakeca.Message
	leaf, issuer *x509.Certificate
	at           time.Time
	wrong        Violations
}

// checkSingles returns what the single responses say about the leaf.
func (j *judgement) checkSingles() fakeca.Response {
	var all, current []fakeca.SingleResponse
	var wrong Violations // of those that are not current
	for _, single := range j.message.Responses {
		if !j.isAboutLeaf(single.CertID) {
			continue
		}
		all = append(all, single)
		if outdated := j.checkTimes(single); len(outdated) == 0 {
			current = append(current, single)
		} else {
			wrong = append(wrong, outdated...)
		}
	}
	switch {
	case len(all) == 0:
		j.explainNoMatch()
		return fakeca.Response{Status: fakeca.Unknown}
	case len(current) == 0:
		j.wrong = append(j.wrong, wrong...)
		current = all
	}
	worst := current[0]
	for _, single := range current[1:] {
		if single.CertStatus.Status != worst.CertStatus.Status {
			j.wrong.add(RuleContradiction, "it says both %v and %v", worst.CertStatus.Status, single.CertStatus.Status)
		}
		if worse(single.CertStatus.Status, worst.CertStatus.Status) {
			worst = single
		}
	}
	j.checkCritical("the single response", worst.SingleExtensions)
	if j.BaselineRequirements {
		j.checkInterval(worst)
	}
	resp := worst.Response()
	resp.ProducedAt, resp.ByKey = j.message.ProducedAt.Time, j.message.ResponderID.ByKey != nil
	return resp
}

// worse reports whether a client must heed a rather than b.
func worse(a, b fakeca.Status) bool {
	order := []fakeca.Status{fakeca.Good, fakeca.Unknown, fakeca.Revoked}
	return slices.Index(order, a) > slices.Index(order, b)
}

func (j *judgement) isAboutLeaf(id fakeca.CertID) bool {
	return id.SerialNumber.Cmp(j.leaf.SerialNumber) == 0 && id.IssuedBy(j.issuer)
}

// explainNoMatch adds why no single response is about the leaf.
func (j *judgement) explainNoMatch() {
	for _, single := range j.message.Responses {
		id := single.CertID
		if id.SerialNumber.Cmp(j.leaf.SerialNumber) != 0 {
			continue
		}
		hash := id.HashAlgorithm.Hash()
		if hash == 0 || len(id.IssuerNameHash) != hash.Size() || len(id.IssuerKeyHash) != hash.Size() {
			j.wrong.add(RuleCertIDHash, "hashes of %d and %d bytes do not fit the algorithm %v",
				len(id.IssuerNameHash), len(id.IssuerKeyHash), id.HashAlgorithm.Algorithm)
			return
		}
		var expected fakeca.CertID
		fips140.WithoutEnforcement(func() { // SHA-1 only names the issuer here
			expected = fakeca.NewCertID(j.leaf.SerialNumber, j.issuer, hash)
		})
		if !bytes.Equal(id.IssuerNameHash, expected.IssuerNameHash) {
			j.wrong.add(RuleCertIDName, "issuerNameHash is not the %v of the issuer's name", hash)
		}
		if !bytes.Equal(id.IssuerKeyHash, expected.IssuerKeyHash) {
			j.wrong.add(RuleCertIDKey, "issuerKeyHash is not the %v of the issuer's key", hash)
		}
		return
	}
	j.wrong.add(RuleCertIDSerial, "none of %d single responses is about serial %x", len(j.message.Responses), j.leaf.SerialNumber)
}

// checkTimes returns what is wrong with the times of a single response.
func (j *judgement) checkTimes(single fakeca.SingleResponse) (wrong Violations) {
	this, next := single.ThisUpdate.Time, single.NextUpdate.Time
	if this.After(j.at.Add(j.Skew)) {
		wrong.add(RuleEarly, "thisUpdate %s is in the future", stamp(this))
	}
	maxAge := j.MaxAge
	switch {
	case single.NextUpdate.IsZero():
		if maxAge == 0 {
			maxAge = defaultMaxAge
		}
	case next.Before(this):
		wrong.add(RuleUpdateOrder, "nextUpdate %s is before thisUpdate %s", stamp(next), stamp(this))
	case next.Before(j.at.Add(-j.Skew)):
		wrong.add(RuleExpired, "nextUpdate %s is in the past", stamp(next))
	}
	if age := j.at.Sub(this); maxAge > 0 && age > maxAge+j.Skew {
		wrong.add(RuleAge, "thisUpdate %s is %v old, more than %v", stamp(this), age.Round(time.Second), maxAge)
	}
	return wrong
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (j *judgement) checkProducedAt() {
	if at := j.message.ProducedAt.Time; at.After(j.at.Add(j.Skew)) {
		j.wrong.add(RuleProducedAt, "producedAt %s is in the future", stamp(at))
	}
}
