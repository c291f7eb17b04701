package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// ParsePolicy reads the text of [Policy.String], such as
// "sources=staple+ocsp,tolerates=unreachable". The empty text is the zero value.
func ParsePolicy(text string) (Policy, error) {
	var p Policy
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		flag, isFlag := p.flags()[part]
		switch {
		case text == "":
		case isFlag:
			*flag = true
		case name == "sources":
			for source := range strings.SplitSeq(value, "+") {
				i := slices.Index(sourceNames, source)
				if i < 0 {
					return Policy{}, fmt.Errorf("conformance: policy: source %q is none of %s", source, strings.Join(sourceNames, ", "))
				}
				p.Sources |= 1 << i
			}
		case part == "tolerates=all":
			p.Tolerates = FailOpen
		case name == "tolerates":
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

// flags returns the fields that are set by their name.
func (p *Policy) flags() map[string]*bool {
	return map[string]*bool{
		"all-sources": &p.AllSources, "must-staple": &p.MustStaple, "chain": &p.Chain, "persistent": &p.Persistent,
	}
}
