package conformance

// This file is the truth table of the catalogue: what a client with a policy
// must do when its sources say something. A reader can check it against the
// RFCs, from top to bottom.

// Judge returns what a client with this policy must do in a case, why, and how
// severe the wrong outcome is. If both outcomes are right, want is Either, and
// there is no severity.
func (p Policy) Judge(c Case) (want Verdict, because string, severity Severity) {
	o := p.judge(c)
	switch o.verdict {
	case Accept:
		return Accept, o.accept, Availability
	case Reject:
		return Reject, o.reject, p.severity(c)
	}
	return Either, "accept: " + o.accept + "; reject: " + o.reject, NoSeverity
}

// An opinion is a set of verdicts, with a reason for each.
type opinion struct {
	verdict        Verdict
	accept, reject string
}

func accepting(why string) opinion { return opinion{verdict: Accept, accept: why} }
func rejecting(why string) opinion { return opinion{verdict: Reject, reject: why} }

// or returns what is right by o or by other.
func (o opinion) or(other opinion) opinion {
	if o.verdict&Accept == 0 {
		o.accept = other.accept
	}
	if o.verdict&Reject == 0 {
		o.reject = other.reject
	}
	o.verdict |= other.verdict
	return o
}

// and returns what is right if both must accept.
func (o opinion) and(other opinion) opinion {
	if o.verdict&Reject == 0 {
		o.reject = other.reject
	}
	if other.verdict&Accept == 0 {
		o.accept = ""
	}
	o.verdict = o.verdict&other.verdict&Accept | (o.verdict|other.verdict)&Reject
	return o
}

// judge decides about a case, with all its readings.
func (p Policy) judge(c Case) opinion {
	if c.Untrusted {
		return rejecting("the client does not trust the root (RFC 5280 6.1)")
	}
	var all opinion
	for feature := range c.Feature.readings() {
		for _, leaf := range c.Leaf.readings() {
			o := p.judgeLeaf(leaf, feature)
			if p.Chain && o.verdict != Reject {
				var issuers opinion
				for _, issuer := range c.Issuer.readings() {
					issuers = issuers.or(p.judgeCertificate(issuer, " about the intermediate"))
				}
				o = o.and(issuers) // RFC 5280 6.1.3 (a)(3): of every certificate of the path
			}
			all = all.or(o)
		}
	}
	return all
}

// judgeLeaf decides about one reading of the leaf.
func (p Policy) judgeLeaf(s Says, f Feature) opinion {
	if p.MustStaple {
		switch {
		case f == FeatureOfIssuerMissing:
			return rejecting("the leaf lacks a TLS feature of its issuer (RFC 7633 4.2.2)")
		case f == FeatureMustStaple && s.Staple&(Absent|Invalid|Unreachable) != 0:
			return rejecting("the certificate is must-staple, and the staple is " + s.Staple.String() + " (RFC 7633 4.3.3)")
		}
	}
	return p.judgeCertificate(s, "")
}

// judgeCertificate decides about one reading of one certificate.
func (p Policy) judgeCertificate(s Says, about string) opinion {
	sources := p.turns(s, about)
	if !p.AllSources {
		turns, first := make([]turn, 0, 5), make([]turn, 0, 3)
		for _, source := range sources {
			turns = append(turns, source...)
			first = append(first, source[0])
		}
		o := p.ask(turns)
		if !p.Persistent && len(first) < len(turns) {
			o = o.or(p.ask(first)) // no RFC obliges a client to try the second
		}
		return o
	}
	var all opinion
	for i, source := range sources {
		o := p.ask(source)
		if len(source) > 1 {
			if !p.Persistent {
				o = o.or(p.ask(source[:1]))
			}
			o = o.or(p.ask(source[:1]).and(p.ask(source[1:]))) // both may be insisted on
		}
		if i == 0 {
			all = o
		} else {
			all = all.and(o)
		}
	}
	return all
}

// A turn is one response or one CRL, as a client meets it.
type turn struct {
	what     string // "the staple"
	evidence Evidence
	stapled  bool
}

// turns returns what each source of the policy has to say, in turn.
func (p Policy) turns(s Says, about string) [][]turn {
	out := make([][]turn, 0, 3)
	add := func(source Sources, what string, first, next Evidence) {
		switch {
		case p.sources()&source == 0:
		case next == Absent:
			out = append(out, []turn{{"the " + what, first, source == Staple}})
		default:
			out = append(out, []turn{{"the " + what, first, source == Staple}, {"the second " + what, next, false}})
		}
	}
	if about == "" { // TLS as crypto/tls speaks it has no staple about an intermediate
		add(Staple, "staple", s.Staple, Absent)
	}
	add(OCSP, "OCSP response"+about, s.OCSP, s.NextOCSP)
	add(CRL, "CRL"+about, s.CRL, s.NextCRL)
	return out
}

// ask decides about the responses and CRLs that a client meets in turn.
//
//	good         accept; a client may look further, and refuse if a later one says revoked   RFC 6960 2.2
//	revoked      reject                                                                      RFC 6960 2.2, RFC 5280 6.3.3
//	unknown      go on; unless Persistent or tolerated, a client may refuse at once          RFC 6960 2.2
//	invalid      go on; if it is the staple, a client may refuse at once unless Persistent   RFC 6960 3.2, RFC 6066 8
//	unreachable  go on                                                                       RFC 6960 5
//	absent       go on, and it counts for nothing                                            RFC 5280 4.2.2.1
//	no more      accept if the policy tolerates all that was met (absent, if nothing was)
func (p Policy) ask(turns []turn) opinion {
	var o opinion
	heard := Absent
	for i, t := range turns {
		switch t.evidence {
		case Revoked:
			return rejecting(t.what + " says revoked")
		case Good:
			o = o.or(accepting(t.what + " says good"))
			for _, later := range turns[i+1:] {
				if later.evidence == Revoked {
					o = o.or(rejecting(later.what + " says revoked, and a client may look at it although " + t.what + " says good"))
				}
			}
			return o
		case Unknown:
			if !p.Persistent && p.Tolerates&Unknown == 0 {
				o = o.or(rejecting(t.what + " says unknown, on which a client may refuse at once (RFC 6960 2.2)"))
			}
		case Invalid:
			if i == 0 && t.stapled && !p.Persistent {
				o = o.or(rejecting("the staple is not valid, on which a client may refuse at once (RFC 6066 8)"))
			}
		case Absent:
			continue
		}
		heard = heard&^Absent | t.evidence
	}
	if intolerable := heard &^ p.Tolerates; intolerable != 0 {
		return rejecting("no source says good, and the policy does not tolerate " + intolerable.String())
	}
	return o.or(accepting("no source says revoked, and the policy tolerates " + heard.String()))
}
