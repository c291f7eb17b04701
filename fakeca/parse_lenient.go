package fakeca

import "fmt"

// ParseMessageLenient is ParseMessage for the responses of deployed responders. It
// also accepts what most clients accept though it is not DER or not in RFC 5280:
// version v1 spelled out, times with a fraction of a second, empty lists of
// extensions, and critical FALSE spelled out. It sets the Raw field of such an
// element, so that Marshal returns the same bytes.
func ParseMessageLenient(der []byte) (*Message, error) {
	m, err := parseMessage(der, lenient)
	if err != nil {
		return nil, fmt.Errorf("fakeca: OCSP response: %w", err)
	}
	return m, nil
}

// A form says which forms of an element a parser accepts.
type form bool

const (
	strict  form = false // DER only
	lenient form = true  // also what [ParseMessageLenient] lists
)
