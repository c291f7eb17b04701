package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// ParsePolicy reads the text of [Policy.String], such as
// "sources=staple+ocsp,tolerates=unreachable". The empty text is the zero value.
// A word that is given twice is an error.
func ParsePolicy(text string) (Policy, error) {
	var p Policy
	if text == "" {
		return p, nil
	}
	var given []string
	for part := range strings.SplitSeq(text, ",") {
		name, value, valued := strings.Cut(part, "=")
		if valued {
			name += "="
		}
		if slices.Contains(given, name) {
			return Policy{}, fmt.Errorf("conformance: policy: %q is given twice; give it once", name)
		}
		given = append(given, name)
		flag, isFlag := p.flags()[name]
		switch {
		case isFlag:
			*flag = true
		case name == "sources=":
			if err := p.Sources.parse(value); err != nil {
				return Policy{}, err
			}
		case part == "tolerates=all":
			p.Tolerates = FailOpen
		case name == "tolerates=":
			if err := p.Tolerates.UnmarshalText([]byte(strings.ReplaceAll(value, "+", "|"))); err != nil {
				return Policy{}, err
			}
		default:
			return Policy{}, fmt.Errorf("conformance: policy: %q is none of sources=, tolerates=, all-sources, must-staple, chain, persistent", part)
		}
	}
	if p.Sources == Staple {
		p.Sources = 0
	}
	return p, p.check()
}

// parse reads the names of sources, such as "staple+ocsp".
func (s *Sources) parse(text string) error {
	for name := range strings.SplitSeq(text, "+") {
		i := slices.Index(sourceNames, name)
		switch {
		case i < 0:
			return fmt.Errorf("conformance: policy: source %q is none of %s", name, strings.Join(sourceNames, ", "))
		case *s&(1<<i) != 0:
			return fmt.Errorf("conformance: policy: source %q is given twice; give it once", name)
		}
		*s |= 1 << i
	}
	return nil
}

// flags returns the fields that are set by their name.
func (p *Policy) flags() map[string]*bool {
	return map[string]*bool{
		"all-sources": &p.AllSources, "must-staple": &p.MustStaple, "chain": &p.Chain, "persistent": &p.Persistent,
	}
}
