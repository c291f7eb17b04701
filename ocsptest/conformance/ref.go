package conformance

import "fmt"

// A Level is how strongly a document requires something.
type Level int

// The levels, from the weakest.
const (
	None   Level = iota // there is no rule: a case goes by what real clients do
	May                 // MAY, OPTIONAL
	Should              // SHOULD, RECOMMENDED
	Must                // MUST, SHALL, and what a definition or an ASN.1 type says
)

// String returns "none", "may", "should" or "must".
func (l Level) String() string {
	if names := []string{"none", "may", "should", "must"}; l >= 0 && int(l) < len(names) {
		return names[l]
	}
	return fmt.Sprintf("Level(%d)", int(l))
}

// A Ref is the place in a document that decides a case.
type Ref struct {
	Doc     string // "RFC 6960"
	Section string // "4.2.2.2"
	Level   Level
	Gist    string // what the place says, in words of this project
}

// String returns the place, such as "RFC 6960 4.2.2.2".
func (r Ref) String() string { return r.Doc + " " + r.Section }

// Text returns the place, the level and the gist, such as "RFC 6960 4.2.2.2
// (must): a delegate has id-kp-OCSPSigning in its extended key usage".
func (r Ref) Text() string {
	if r.Level == None {
		return fmt.Sprintf("%v (no rule): %s", r, r.Gist)
	}
	return fmt.Sprintf("%v (%v): %s", r, r.Level, r.Gist)
}
