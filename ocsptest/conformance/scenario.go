package conformance

import "github.com/ocsplab/ocsplab/ocsptest"

// A scenario is a case under all policies. It changes one thing in a world where
// everything is fine.
type scenario struct {
	name, doc string
	ref       Ref
	seen      []string

	leaf         says
	intermediate says // without its staple: servers staple only for the leaf

	mustStaple      bool                          // the leaf is a must-staple certificate
	fallbackAllowed bool                          // some clients let another source make up for the bad staple of a must-staple leaf
	want            func(Policy) Verdict          // replaces what follows from all this
	notApplicable   func([]ocsptest.Request) bool // reports whether the client's requests leave nothing to judge
	needsClock      bool                          // only clients that go by the CA's clock can pass

	template func(*world)  // changes w.tmpl before the leaf is issued
	setup    func(*world)  // before the server starts
	response *responseCase // the response that the case is about, if there is one

	second    func(*world)         // between the first and the second connection; nil: there is only one
	firstWant func(Policy) Verdict // of the first connection
}

// Evidence is what a source says about a certificate to a client that reads it
// correctly.
type evidence int

const (
	good           evidence = iota
	revoked                 // in a valid response or CRL
	unknown                 // the responder does not know the certificate
	invalid                 // there is no valid response or CRL where there should be one
	absent                  // nothing is stapled, or the certificate names no source
	disputed                // some clients read it in one way, some in another
	invalidRevoked          // revoked, in an invalid response or CRL: some clients heed it, and none reads it as good
)

// says is what the three sources say about one certificate.
type says struct{ staple, ocsp, crl evidence }

// verdict returns what a client should do under a policy.
func (s *scenario) verdict(p Policy) Verdict {
	if s.want != nil {
		return s.want(p)
	}
	leaf := s.leafVerdict(p)
	if !p.Chain {
		return leaf
	}
	intermediate := s.intermediate
	intermediate.staple = absent
	switch chain := intermediate.combine(p); {
	case leaf == Reject || chain == Reject:
		return Reject
	case leaf == Either || chain == Either:
		return Either
	}
	return Accept
}

func (s *scenario) leafVerdict(p Policy) Verdict {
	if p.MustStaple && s.mustStaple && s.leaf.staple != good {
		others := s.leaf
		others.staple = absent
		if s.fallbackAllowed && others.combine(p) == Accept {
			return Either
		}
		return Reject
	}
	return s.leaf.combine(p)
}

// between is the verdict on a case that clients read in two ways: Either, unless
// it is the same both ways.
func between(a, b *scenario) func(Policy) Verdict {
	return func(p Policy) Verdict {
		if v := a.verdict(p); v == b.verdict(p) {
			return v
		}
		return Either
	}
}

// combine returns the verdict on what the sources of a policy say about one
// certificate. The sources take turns: staple, OCSP, CRL.
//
//	evidence             verdict              or, if no source follows
//	                                          fail open   fail hard
//	good                 accept (1)
//	revoked              reject
//	disputed             either
//	unknown              next source          either      reject
//	invalid staple       next source          either      reject
//	invalid OCSP or CRL  next source          accept (2)  reject
//	invalidRevoked       next source          either      reject
//	absent               next source          accept (2)  reject
//
// (1) Either after invalidRevoked, which some clients take for the last word.
// (2) Either if a source before it makes it either.
func (s says) combine(p Policy) Verdict {
	atEnd := Accept // if no source decides, and the policy fails open
	heedRevoked := false
	for _, source := range []struct {
		used     bool
		evidence evidence
		isStaple bool
	}{
		{!p.NoStaple, s.staple, true},
		{p.Fetch, s.ocsp, false},
		{p.CRL, s.crl, false},
	} {
		if !source.used {
			continue
		}
		switch source.evidence {
		case good:
			if heedRevoked {
				return Either
			}
			return Accept
		case revoked:
			return Reject
		case disputed:
			return Either
		case unknown:
			atEnd = Either
		case invalidRevoked:
			atEnd, heedRevoked = Either, true
		case invalid:
			if source.isStaple { // some clients then reject at once
				atEnd = Either
			}
		}
	}
	if p.HardFail {
		return Reject
	}
	return atEnd
}

// mustHaveAsked reports whether accepting is right only if the responder was
// asked, because nothing else says good.
func (c Case) mustHaveAsked() bool {
	s, p := c.scenario, c.policy
	onlyOCSP := p.NoStaple || s.leaf.staple != good && s.leaf.staple != disputed
	return p.HardFail && p.Fetch && s.want == nil && s.leaf.ocsp == good && onlyOCSP
}
