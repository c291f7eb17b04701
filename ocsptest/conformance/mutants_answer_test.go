package conformance

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A reader changes how answers are read, stapled and fetched ones.
type reader func(verifyFunc) verifyFunc

// ignoring drops violations of some rules.
func ignoring(rules ...verify.Rule) reader {
	return func(read verifyFunc) verifyFunc {
		return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := read(v, der, cert, issuer, at)
			all, ok := errors.AsType[verify.Violations](err)
			if !ok {
				return said, err
			}
			left := slices.DeleteFunc(slices.Clone(all), func(v *verify.Violation) bool {
				return slices.ContainsFunc(rules, func(r verify.Rule) bool { return r == v.Rule })
			})
			if len(left) == 0 && said.Serial == nil {
				said = whatever(der, cert)
			}
			if len(left) == 0 {
				return said, nil
			}
			return said, left
		}
	}
}

// whatever is what an answer says if one does not look closely: of the
// certificate, by its serial number; of any; or good.
func whatever(der []byte, cert *x509.Certificate) fakeca.Response {
	m, err := fakeca.ParseMessage(der)
	if err != nil || m.ResponseBytes == nil || len(m.Responses) == 0 {
		return fakeca.Response{}
	}
	i := slices.IndexFunc(m.Responses, func(s fakeca.SingleResponse) bool { return s.CertID.SerialNumber.Cmp(cert.SerialNumber) == 0 })
	return m.Responses[max(i, 0)].Response()
}

// takers are clients that take what they should not.
func takers() []mutant {
	authority := slices.Clip([]verify.Rule{verify.RuleSignerIssuer, verify.RuleSignerEKU, verify.RuleSignerTime, verify.RuleSignerCA, verify.RuleSignerKeyUsage, verify.RuleSignerLeaf})
	all := []mutant{
		{name: "does not verify the signature", read: ignoring(verify.RuleSignature, verify.RuleSignatureAlgorithm)},
		{name: "does not look at the hashes of the CertID", read: ignoring(verify.RuleCertIDHash, verify.RuleCertIDName, verify.RuleCertIDKey)},
		{name: "does not look at issuerNameHash", read: ignoring(verify.RuleCertIDName)},
		{name: "does not look at issuerKeyHash", read: ignoring(verify.RuleCertIDKey)},
		{name: "does not look at the CertID", read: ignoring(verify.RuleCertIDHash, verify.RuleCertIDName, verify.RuleCertIDKey, verify.RuleCertIDSerial)},
		{name: "does not look at the dates", read: ignoring(verify.RuleEarly, verify.RuleExpired, verify.RuleUpdateOrder, verify.RuleAge, verify.RuleProducedAt)},
		{name: "trusts any embedded certificate", read: ignoring(authority...)},
		{name: "does not look at the dates, nor at who signed", read: ignoring(append(authority, verify.RuleEarly, verify.RuleExpired, verify.RuleUpdateOrder, verify.RuleAge)...)},
		{name: "does not look at the CertID, nor at who signed", read: ignoring(append(authority, verify.RuleCertIDHash, verify.RuleCertIDName, verify.RuleCertIDKey, verify.RuleCertIDSerial)...)},
		{name: "trusts any certificate of the issuer", read: ignoring(verify.RuleSignerEKU, verify.RuleSignerCA, verify.RuleSignerKeyUsage, verify.RuleSignerLeaf)},
	}
	for _, of := range []struct {
		what string
		rule verify.Rule
	}{
		{"malformed answers", verify.RuleMalformed},
		{"the responseType", verify.RuleResponseType},
		{"the version", verify.RuleVersion},
		{"the responder ID", verify.RuleResponderID},
		{"the signature algorithm", verify.RuleSignatureAlgorithm},
		{"who issued the delegate", verify.RuleSignerIssuer},
		{"the delegate's extended key usage", verify.RuleSignerEKU},
		{"the delegate's validity", verify.RuleSignerTime},
		{"the delegate's key usage", verify.RuleSignerKeyUsage},
		{"the hash algorithm of the CertID", verify.RuleCertIDHash},
		{"the serial number", verify.RuleCertIDSerial},
		{"thisUpdate", verify.RuleEarly},
		{"nextUpdate", verify.RuleExpired},
		{"the order of thisUpdate and nextUpdate", verify.RuleUpdateOrder},
		{"the age of an answer without nextUpdate", verify.RuleAge},
		{"critical extensions", verify.RuleCriticalExtension},
		{"the nonce", verify.RuleNonce},
	} {
		all = append(all, mutant{name: "does not mind " + of.what, read: ignoring(of.rule)})
	}
	for i := range all {
		all[i].policies = answersBite
	}
	return all
}

// refusing refuses valid answers.
func refusing(unwanted func(m *fakeca.Message, said fakeca.Response, at time.Time) bool) reader {
	return func(read verifyFunc) verifyFunc {
		return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := read(v, der, cert, issuer, at)
			if m, bad := fakeca.ParseMessage(der); bad == nil && m.ResponseBytes != nil && unwanted(m, said, at) {
				return fakeca.Response{}, errors.New("refused by a mutant")
			}
			return said, err
		}
	}
}

// refusers are clients that refuse what they should take.
func refusers() []mutant {
	isSHA1 := func(s fakeca.SingleResponse) bool { return s.CertID.HashAlgorithm.Hash() == crypto.SHA1 }
	const week = 7 * 24 * time.Hour
	all := []mutant{
		{name: "knows SHA-1 alone in CertIDs", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool {
			return !slices.ContainsFunc(m.Responses, isSHA1)
		})},
		{name: "knows NULL alone as parameters of a hash", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool {
			return slices.ContainsFunc(m.Responses, func(s fakeca.SingleResponse) bool { return s.CertID.HashAlgorithm.Parameters == nil })
		})},
		{name: "knows responders by name alone", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool {
			return m.ResponderID.ByKey != nil
		})},
		{name: "takes one single response alone", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool {
			return len(m.Responses) != 1
		})},
		{name: "takes answers of a day alone", read: refusing(func(_ *fakeca.Message, said fakeca.Response, at time.Time) bool {
			return said.NextUpdate.Sub(said.ThisUpdate) > week-1
		})},
		{name: "wants answers that are good for an hour", read: refusing(func(_ *fakeca.Message, said fakeca.Response, at time.Time) bool {
			return said.NextUpdate.After(at) && said.NextUpdate.Sub(at) < time.Hour
		})},
		{name: "takes no embedded certificates", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool { return len(m.Certs) > 0 })},
		{name: "takes one embedded certificate alone", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool { return len(m.Certs) > 1 })},
		{name: "takes no extensions of the answer", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool {
			return slices.ContainsFunc(m.ResponseExtensions, func(e pkix.Extension) bool { return !fakeca.IsNonce(e) })
		})},
		{name: "takes no extensions of singles", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool {
			return slices.ContainsFunc(m.Responses, func(s fakeca.SingleResponse) bool { return len(s.SingleExtensions) > 0 })
		})},
		{name: "knows ECDSA with SHA-256 alone", read: refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool {
			return m.SignatureAlgorithm.SignatureAlgorithm() != x509.ECDSAWithSHA256
		})},
		{name: "wants a nonce", policies: []Policy{onlyFetch}, read: func(read verifyFunc) verifyFunc {
			return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				m, err := fakeca.ParseMessage(der)
				if err == nil && m.ResponseBytes != nil && !slices.ContainsFunc(m.ResponseExtensions, fakeca.IsNonce) {
					return fakeca.Response{}, errors.New("no nonce")
				}
				return read(v, der, cert, issuer, at)
			}
		}},
		{name: "takes no nonce that it did not send", policies: []Policy{hard}, read: func(read verifyFunc) verifyFunc {
			return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				m, err := fakeca.ParseMessage(der)
				if err == nil && m.ResponseBytes != nil && slices.ContainsFunc(m.ResponseExtensions, fakeca.IsNonce) && v.Nonce == nil {
					return fakeca.Response{}, errors.New("a nonce")
				}
				return read(v, der, cert, issuer, at)
			}
		}},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = strictBites
		}
	}
	return all
}

// saying changes what a valid answer says.
func saying(change func(*fakeca.Response)) reader {
	return func(read verifyFunc) verifyFunc {
		return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := read(v, der, cert, issuer, at)
			if err == nil {
				change(&said)
			}
			return said, err
		}
	}
}

// goodIf takes what is revoked for good under some conditions.
func goodIf(condition func(fakeca.Response) bool) reader {
	return saying(func(said *fakeca.Response) {
		if said.Status == fakeca.Revoked && condition(*said) {
			said.Status = fakeca.Good
		}
	})
}

// misreaders are clients that take one thing for another.
func misreaders() []mutant {
	reason := func(which ...fakeca.Reason) reader {
		return goodIf(func(r fakeca.Response) bool { return slices.Contains(which, r.Reason) })
	}
	all := []mutant{
		{name: "takes revoked for good", read: goodIf(func(fakeca.Response) bool { return true })},
		{name: "takes the first single response", read: takesSingle(0)},
		{name: "takes the last single response", read: takesSingle(-1)},
		{name: "good wins over revoked", read: goodWins},
		{name: "takes unknown for good", policies: []Policy{hard, fetching}, read: saying(func(said *fakeca.Response) {
			if said.Status == fakeca.Unknown {
				said.Status = fakeca.Good
			}
		})},
		{name: "takes unknown for revoked", policies: []Policy{softFetch, fetching}, read: saying(func(said *fakeca.Response) {
			if said.Status == fakeca.Unknown {
				said.Status = fakeca.Revoked
			}
		})},
		{name: "takes error statuses for good", read: func(read verifyFunc) verifyFunc {
			return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				said, err := read(v, der, cert, issuer, at)
				if said.Error != ocsp.Success {
					return fakeca.Response{}, nil
				}
				return said, err
			}
		}},
		{name: "does not mind trailing data", read: func(read verifyFunc) verifyFunc {
			return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				if len(der) > 4 && der[0] == 0x30 && der[1] == 0x82 {
					der = der[:min(len(der), 4+int(der[2])<<8+int(der[3]))]
				}
				return read(v, der, cert, issuer, at)
			}
		}},
		{name: "believes bad answers that say revoked", policies: []Policy{softFetch, fetching}, read: func(read verifyFunc) verifyFunc {
			return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				said, err := read(v, der, cert, issuer, at)
				if said.Status == fakeca.Revoked {
					err = nil
				}
				return said, err
			}
		}},
		{name: "takes a revocation before 1999 for good", read: goodIf(func(r fakeca.Response) bool { return r.RevokedAt.Year() < 1999 })},
		{name: "takes what has expired or is early for good", read: func(read verifyFunc) verifyFunc {
			return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				said, err := read(v, der, cert, issuer, at)
				all, ok := errors.AsType[verify.Violations](err)
				if ok && !slices.ContainsFunc(all, func(v *verify.Violation) bool { return v.Rule != verify.RuleExpired && v.Rule != verify.RuleEarly }) {
					return fakeca.Response{}, nil
				}
				return said, err
			}
		}},
		{name: "wants a reason", read: goodIf(func(r fakeca.Response) bool { return r.Reason == fakeca.Unspecified && !r.ExplicitReason })},
		{name: "takes an unspecified reason for none", read: goodIf(func(r fakeca.Response) bool { return r.ExplicitReason })},
		{name: "takes a hold for good", read: reason(fakeca.CertificateHold)},
		{name: "takes only compromised keys for revoked", read: goodIf(func(r fakeca.Response) bool {
			return !slices.Contains([]fakeca.Reason{fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AACompromise}, r.Reason)
		})},
		{name: "knows no compromised keys", read: reason(fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AACompromise)},
		{name: "takes removeFromCRL for good", read: reason(fakeca.RemoveFromCRL)},
		{name: "bare ocsp.ParseResponseForCert", read: func(verifyFunc) verifyFunc { return bareForCert }},
		{name: "bare ocsp.ParseResponse", read: func(verifyFunc) verifyFunc { return bare }},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = answersBite
		}
	}
	return all
}

// takesSingle reads the single response at a place, negative from the end,
// whatever certificate it is about.
func takesSingle(at int) reader {
	return func(read verifyFunc) verifyFunc {
		return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, now time.Time) (fakeca.Response, error) {
			m, err := fakeca.ParseMessage(der)
			if err != nil || m.ResponseBytes == nil || len(m.Responses) < 2 {
				return read(v, der, cert, issuer, now)
			}
			single := m.Responses[(at+len(m.Responses))%len(m.Responses)]
			if !isCurrent(single, now) {
				return single.Response(), errors.New("the single response is not current")
			}
			_, err = ignoring(aboutSingle...)(read)(v, der, cert, issuer, now)
			return single.Response(), err
		}
	}
}

// aboutSingle are the rules about single responses.
var aboutSingle = []verify.Rule{
	verify.RuleCertIDHash, verify.RuleCertIDName, verify.RuleCertIDKey, verify.RuleCertIDSerial, verify.RuleContradiction,
	verify.RuleEarly, verify.RuleExpired, verify.RuleUpdateOrder, verify.RuleAge, verify.RuleProducedAt, verify.RuleCriticalExtension, verify.RuleNonce,
}

// isCurrent reports whether now is between thisUpdate and nextUpdate, which is a
// day later if it is left out.
func isCurrent(single fakeca.SingleResponse, now time.Time) bool {
	next := single.NextUpdate.Time
	if next.IsZero() {
		next = single.ThisUpdate.AddDate(0, 0, 1)
	}
	return !now.Before(single.ThisUpdate.Time) && !now.After(next)
}

func goodWins(read verifyFunc) verifyFunc {
	return func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		said, err := read(v, der, cert, issuer, at)
		if err != nil || said.Status == fakeca.Good {
			return said, err
		}
		m, err := fakeca.ParseMessage(der)
		if err != nil {
			return said, err
		}
		for _, single := range m.Responses {
			if single.CertStatus.Status == fakeca.Good && single.CertID.SerialNumber.Cmp(cert.SerialNumber) == 0 {
				return single.Response(), nil
			}
		}
		return said, nil
	}
}

// bareForCert is what most programs in Go do.
func bareForCert(_ verify.Options, der []byte, cert, issuer *x509.Certificate, _ time.Time) (fakeca.Response, error) {
	r, err := ocsp.ParseResponseForCert(der, cert, issuer)
	return fromBare(r, err)
}

func bare(_ verify.Options, der []byte, _, issuer *x509.Certificate, _ time.Time) (fakeca.Response, error) {
	r, err := ocsp.ParseResponse(der, issuer)
	return fromBare(r, err)
}

func fromBare(r *ocsp.Response, err error) (fakeca.Response, error) {
	if err != nil {
		return fakeca.Response{}, err
	}
	return fakeca.Response{Status: fakeca.Status(r.Status), Reason: fakeca.Reason(r.RevocationReason), RevokedAt: r.RevokedAt}, nil
}
