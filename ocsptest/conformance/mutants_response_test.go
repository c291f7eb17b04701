package conformance

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A reader changes how OCSP responses are judged, stapled and fetched ones.
type reader func(verifyFunc) verifyFunc

// A correction changes the result for a response.
type correction func(der []byte, cert *x509.Certificate, at time.Time, resp fakeca.Response, err error) (fakeca.Response, error)

// correcting changes the result for each response.
func correcting(change correction) reader {
	return func(read verifyFunc) verifyFunc {
		return func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			resp, err := read(o, der, cert, issuer, at)
			return change(der, cert, at, resp, err)
		}
	}
}

// ignoring ignores violations of some rules.
func ignoring(rules ...verify.Rule) reader {
	return correcting(func(der []byte, cert *x509.Certificate, _ time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
		all, ok := errors.AsType[verify.Violations](err)
		if !ok {
			return resp, err
		}
		left := slices.DeleteFunc(slices.Clone(all), func(v *verify.Violation) bool { return slices.Contains(rules, v.Rule) })
		if len(left) > 0 {
			return resp, left
		}
		if resp.Serial == nil {
			resp = looseReading(der, cert)
		}
		return resp, nil
	})
}

// looseReading returns what a response says about the serial number of cert, or
// else about any certificate, or else good.
func looseReading(der []byte, cert *x509.Certificate) fakeca.Response {
	m, err := fakeca.ParseMessage(der)
	if err != nil || m.ResponseBytes == nil || len(m.Responses) == 0 {
		return fakeca.Response{}
	}
	i := slices.IndexFunc(m.Responses, func(s fakeca.SingleResponse) bool {
		return s.CertID.SerialNumber.Cmp(cert.SerialNumber) == 0
	})
	return m.Responses[max(i, 0)].Response()
}

var (
	authorityRules = []verify.Rule{
		verify.RuleSignerIssuer, verify.RuleSignerEKU, verify.RuleSignerEarly, verify.RuleSignerExpired,
		verify.RuleSignerCA, verify.RuleSignerKeyUsage, verify.RuleSignerLeaf,
	}
	certIDRules = []verify.Rule{
		verify.RuleCertIDHash, verify.RuleCertIDName, verify.RuleCertIDKey, verify.RuleCertIDSerial,
	}
	dateRules = []verify.Rule{
		verify.RuleEarly, verify.RuleExpired, verify.RuleUpdateOrder, verify.RuleAge,
	}
	singleRules = slices.Concat(certIDRules, dateRules, []verify.Rule{
		verify.RuleContradiction, verify.RuleProducedAt, verify.RuleCriticalExtension, verify.RuleNonce,
	})
)

// lenient are clients that accept responses that they should not.
func lenient() []mutant {
	var all []mutant
	for _, m := range []struct {
		name  string
		rules []verify.Rule
	}{
		{"does not verify the signature", []verify.Rule{verify.RuleSignature, verify.RuleSignatureAlgorithm}},
		{"ignores the hashes in the CertID", []verify.Rule{verify.RuleCertIDHash, verify.RuleCertIDName, verify.RuleCertIDKey}},
		{"ignores issuerNameHash", []verify.Rule{verify.RuleCertIDName}},
		{"ignores issuerKeyHash", []verify.Rule{verify.RuleCertIDKey}},
		{"ignores the CertID", certIDRules},
		{"ignores the dates", append(slices.Clip(dateRules), verify.RuleProducedAt)},
		{"trusts any embedded certificate", authorityRules},
		{"ignores the dates and the signer", slices.Concat(authorityRules, dateRules)},
		{"ignores the CertID and the signer", slices.Concat(authorityRules, certIDRules)},
		{"trusts any certificate from the issuer", []verify.Rule{
			verify.RuleSignerEKU, verify.RuleSignerCA, verify.RuleSignerKeyUsage, verify.RuleSignerLeaf,
		}},
		{"accepts malformed responses", []verify.Rule{verify.RuleMalformed}},
		{"ignores responseType", []verify.Rule{verify.RuleResponseType}},
		{"ignores the version", []verify.Rule{verify.RuleVersion}},
		{"ignores the signature algorithm", []verify.Rule{verify.RuleSignatureAlgorithm}},
		{"ignores the delegate's issuer", []verify.Rule{verify.RuleSignerIssuer}},
		{"ignores the delegate's extended key usage", []verify.Rule{verify.RuleSignerEKU}},
		{"ignores the delegate's validity", []verify.Rule{verify.RuleSignerEarly, verify.RuleSignerExpired}},
		{"ignores the hash algorithm of the CertID", []verify.Rule{verify.RuleCertIDHash}},
		{"ignores the serial number", []verify.Rule{verify.RuleCertIDSerial}},
		{"ignores thisUpdate", []verify.Rule{verify.RuleEarly}},
		{"ignores nextUpdate", []verify.Rule{verify.RuleExpired}},
		{"ignores the order of thisUpdate and nextUpdate", []verify.Rule{verify.RuleUpdateOrder}},
		{"ignores the age of a response without nextUpdate", []verify.Rule{verify.RuleAge}},
		{"ignores critical extensions", []verify.Rule{verify.RuleCriticalExtension}},
		{"ignores the nonce", []verify.Rule{verify.RuleNonce}},
	} {
		all = append(all, mutant{name: m.name, policies: acceptShows, read: ignoring(m.rules...)})
	}
	return all
}

// refusing rejects valid responses.
func refusing(unwanted func(m *fakeca.Message, resp fakeca.Response, at time.Time) bool) reader {
	return correcting(func(der []byte, _ *x509.Certificate, at time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
		if m, bad := fakeca.ParseMessage(der); bad == nil && m.ResponseBytes != nil && unwanted(m, resp, at) {
			return fakeca.Response{}, errors.New("refused by a mutant")
		}
		return resp, err
	})
}

// refusingMessage rejects valid responses by what is in them.
func refusingMessage(unwanted func(*fakeca.Message) bool) reader {
	return refusing(func(m *fakeca.Message, _ fakeca.Response, _ time.Time) bool { return unwanted(m) })
}

// strict are clients that reject responses that they should accept.
func strict() []mutant {
	withoutNull := func(s fakeca.SingleResponse) bool { return s.CertID.HashAlgorithm.Parameters == nil }
	hasExtensions := func(s fakeca.SingleResponse) bool { return len(s.SingleExtensions) > 0 }
	isNoNonce := func(e pkix.Extension) bool { return !fakeca.IsNonce(e) }
	const week = 7 * 24 * time.Hour
	all := []mutant{
		{
			name: "requires NULL as parameters of a hash algorithm",
			read: refusingMessage(func(m *fakeca.Message) bool { return slices.ContainsFunc(m.Responses, withoutNull) }),
		},
		{
			name: "knows responders only by name",
			read: refusingMessage(func(m *fakeca.Message) bool { return m.ResponderID.ByKey != nil }),
		},
		{
			name: "accepts only one single response",
			read: refusingMessage(func(m *fakeca.Message) bool { return len(m.Responses) != 1 }),
		},
		{
			name: "accepts only responses of less than a week",
			read: refusing(func(_ *fakeca.Message, resp fakeca.Response, _ time.Time) bool {
				return resp.NextUpdate.Sub(resp.ThisUpdate) > week-1
			}),
		},
		{
			name: "accepts only responses that are valid for another hour",
			read: refusing(func(_ *fakeca.Message, resp fakeca.Response, at time.Time) bool {
				return resp.NextUpdate.After(at) && resp.NextUpdate.Sub(at) < time.Hour
			}),
		},
		{
			name: "accepts no embedded certificates",
			read: refusingMessage(func(m *fakeca.Message) bool { return len(m.Certs) > 0 }),
		},
		{
			name: "accepts only one embedded certificate",
			read: refusingMessage(func(m *fakeca.Message) bool { return len(m.Certs) > 1 }),
		},
		{
			name: "accepts no extensions of the response",
			read: refusingMessage(func(m *fakeca.Message) bool { return slices.ContainsFunc(m.ResponseExtensions, isNoNonce) }),
		},
		{
			name: "accepts no extensions of single responses",
			read: refusingMessage(func(m *fakeca.Message) bool { return slices.ContainsFunc(m.Responses, hasExtensions) }),
		},
		{
			name: "knows only ECDSA with SHA-256",
			read: refusingMessage(func(m *fakeca.Message) bool {
				return m.SignatureAlgorithm.SignatureAlgorithm() != x509.ECDSAWithSHA256
			}),
		},
		{
			name: "reads only serial numbers of less than 20 bytes",
			read: refusing(func(_ *fakeca.Message, resp fakeca.Response, _ time.Time) bool {
				return resp.Serial != nil && resp.Serial.BitLen() > 19*8
			}),
		},
		{
			name: "requires digitalSignature of a delegate",
			read: refusingMessage(func(m *fakeca.Message) bool {
				return slices.ContainsFunc(m.Certs, func(der []byte) bool {
					cert, err := x509.ParseCertificate(der)
					return err == nil && !cert.IsCA && cert.KeyUsage&x509.KeyUsageDigitalSignature == 0
				})
			}),
		},
		{
			name: "accepts no response that outlives the certificate",
			read: correcting(func(_ []byte, cert *x509.Certificate, _ time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
				if err == nil && resp.NextUpdate.After(cert.NotAfter) {
					return fakeca.Response{}, errors.New("the response outlives the certificate")
				}
				return resp, err
			}),
		},
		{
			name:     "requires a nonce",
			policies: []Policy{onlyFetch},
			read: func(read verifyFunc) verifyFunc {
				return func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
					if m, ok := successful(der); ok && !slices.ContainsFunc(m.ResponseExtensions, fakeca.IsNonce) {
						return fakeca.Response{}, errors.New("no nonce")
					}
					return read(o, der, cert, issuer, at)
				}
			},
		},
		{
			name:     "accepts no nonce",
			policies: []Policy{onlyFetch},
			read:     refusingMessage(func(m *fakeca.Message) bool { return slices.ContainsFunc(m.ResponseExtensions, fakeca.IsNonce) }),
		},
		{
			name:     "accepts no nonce that it did not send",
			policies: []Policy{hard},
			read: func(read verifyFunc) verifyFunc {
				return func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
					if m, ok := successful(der); ok && slices.ContainsFunc(m.ResponseExtensions, fakeca.IsNonce) && o.Nonce == nil {
						return fakeca.Response{}, errors.New("a nonce")
					}
					return read(o, der, cert, issuer, at)
				}
			},
		},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = rejectShows
		}
	}
	return all
}

// successful parses a response, and reports whether it has single responses or
// could have.
func successful(der []byte) (*fakeca.Message, bool) {
	m, err := fakeca.ParseMessage(der)
	return m, err == nil && m.ResponseBytes != nil
}

// saying changes what a valid response says.
func saying(change func(*fakeca.Response)) reader {
	return correcting(func(_ []byte, _ *x509.Certificate, _ time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
		if err == nil {
			change(&resp)
		}
		return resp, err
	})
}

// goodIf reads revoked as good under a condition.
func goodIf(condition func(fakeca.Response) bool) reader {
	return saying(func(resp *fakeca.Response) {
		if resp.Status == fakeca.Revoked && condition(*resp) {
			resp.Status = fakeca.Good
		}
	})
}

// goodFor reads revoked as good for some reasons.
func goodFor(reasons ...fakeca.Reason) reader {
	return goodIf(func(r fakeca.Response) bool { return slices.Contains(reasons, r.Reason) })
}

// replacing reads one status as another.
func replacing(from, to fakeca.Status) reader {
	return saying(func(resp *fakeca.Response) {
		if resp.Status == from {
			resp.Status = to
		}
	})
}

// misreaders are clients that mistake one thing for another.
func misreaders() []mutant {
	compromised := []fakeca.Reason{fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AACompromise}
	all := []mutant{
		{name: "reads revoked as good", policies: []Policy{hard, fetching, mustHard}, read: replacing(fakeca.Revoked, fakeca.Good)},
		{name: "reads only the first single response", read: readingSingle(0)},
		{
			name: "compares only the start of serial numbers",
			read: correcting(func(der []byte, cert *x509.Certificate, _ time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
				m, ok := successful(der)
				if !ok || len(m.Responses) != 1 {
					return resp, err
				}
				single := m.Responses[0]
				theirs, ours := single.CertID.SerialNumber.Bytes(), cert.SerialNumber.Bytes()
				if bytes.HasPrefix(theirs, ours) || bytes.HasPrefix(ours, theirs) {
					return single.Response(), nil
				}
				return resp, err
			}),
		},
		{
			name: "skips times that it cannot read",
			read: correcting(func(der []byte, cert *x509.Certificate, at time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
				m, bad := fakeca.ParseMessageLenient(der)
				_, strictly := fakeca.ParseMessage(der)
				if bad != nil || strictly == nil || m.ResponseBytes == nil || len(m.Responses) != 1 {
					return resp, err
				}
				return m.Responses[0].Response(), nil
			}),
		},
		{name: "reads only the last single response", read: readingSingle(-1)},
		{name: "prefers good to revoked", read: preferringGood},
		{
			name:     "reads unknown as good",
			policies: []Policy{hard, fetching},
			read:     replacing(fakeca.Unknown, fakeca.Good),
		},
		{
			name:     "reads unknown as revoked",
			policies: []Policy{softFetch},
			read:     replacing(fakeca.Unknown, fakeca.Revoked),
		},
		{
			name: "reads error responses as good",
			read: correcting(func(_ []byte, _ *x509.Certificate, _ time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
				if resp.Error != ocsp.Success {
					return fakeca.Response{}, nil
				}
				return resp, err
			}),
		},
		{
			name:     "believes invalid responses that say revoked",
			policies: []Policy{softFetch},
			read: correcting(func(_ []byte, _ *x509.Certificate, _ time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
				if resp.Status == fakeca.Revoked {
					err = nil
				}
				return resp, err
			}),
		},
		{
			name: "reads a revocation before 1999 as good",
			read: goodIf(func(r fakeca.Response) bool { return r.RevokedAt.Year() < 1999 }),
		},
		{
			name: "reads expired and early responses as good",
			read: correcting(func(_ []byte, _ *x509.Certificate, _ time.Time, resp fakeca.Response, err error) (fakeca.Response, error) {
				all, ok := errors.AsType[verify.Violations](err)
				isOther := func(v *verify.Violation) bool { return v.Rule != verify.RuleExpired && v.Rule != verify.RuleEarly }
				if ok && !slices.ContainsFunc(all, isOther) {
					return fakeca.Response{}, nil
				}
				return resp, err
			}),
		},
		{
			name: "requires a reason",
			read: goodIf(func(r fakeca.Response) bool { return r.Reason == fakeca.Unspecified && !r.ExplicitReason }),
		},
		{
			name: "reads the reason unspecified as good",
			read: goodIf(func(r fakeca.Response) bool { return r.ExplicitReason }),
		},
		{name: "reads a hold as good", read: goodFor(fakeca.CertificateHold)},
		{
			name: "reads only compromised keys as revoked",
			read: goodIf(func(r fakeca.Response) bool { return !slices.Contains(compromised, r.Reason) }),
		},
		{name: "reads compromised keys as good", read: goodFor(compromised...)},
		{name: "reads removeFromCRL as good", read: goodFor(fakeca.RemoveFromCRL)},
		{name: "bare ocsp.ParseResponseForCert", read: func(verifyFunc) verifyFunc { return bareForCert }},
		{name: "bare ocsp.ParseResponse", read: func(verifyFunc) verifyFunc { return bare }},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = acceptShows
		}
	}
	return all
}

// readingSingle reads only the single response at an index, which counts from the
// end if it is negative, whatever certificate it is about.
func readingSingle(at int) reader {
	return func(read verifyFunc) verifyFunc {
		return func(o verify.Options, der []byte, cert, issuer *x509.Certificate, now time.Time) (fakeca.Response, error) {
			m, ok := successful(der)
			if !ok || len(m.Responses) < 2 {
				return read(o, der, cert, issuer, now)
			}
			single := m.Responses[(at+len(m.Responses))%len(m.Responses)]
			if !isCurrent(single, now) {
				return single.Response(), errors.New("the single response is not current")
			}
			_, err := ignoring(singleRules...)(read)(o, der, cert, issuer, now)
			return single.Response(), err
		}
	}
}

// isCurrent reports whether now is between thisUpdate and nextUpdate, or within a
// day of thisUpdate if there is no nextUpdate.
func isCurrent(single fakeca.SingleResponse, now time.Time) bool {
	next := single.NextUpdate.Time
	if next.IsZero() {
		next = single.ThisUpdate.AddDate(0, 0, 1)
	}
	return !now.Before(single.ThisUpdate.Time) && !now.After(next)
}

// preferringGood reads good if any single response with the serial number says so.
func preferringGood(read verifyFunc) verifyFunc {
	return func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		resp, err := read(o, der, cert, issuer, at)
		if err != nil || resp.Status == fakeca.Good {
			return resp, err
		}
		m, err := fakeca.ParseMessage(der)
		if err != nil {
			return resp, err
		}
		for _, single := range m.Responses {
			if single.CertStatus.Status == fakeca.Good && single.CertID.SerialNumber.Cmp(cert.SerialNumber) == 0 {
				return single.Response(), nil
			}
		}
		return resp, nil
	}
}

// bareForCert does what most Go programs do.
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
	return fakeca.Response{
		Status:    fakeca.Status(r.Status),
		Reason:    fakeca.Reason(r.RevocationReason),
		RevokedAt: r.RevokedAt,
	}, nil
}
