package conformance

// A Verdict is what a client must do in a case. It is a set: where both accept
// and reject are right, it is Either.
type Verdict uint8

const (
	// Accept: the client must accept the server.
	Accept Verdict = 1 << iota
	// Reject: the client must reject the server.
	Reject

	// Either: the RFCs leave it open, or real clients differ.
	Either = Accept | Reject
)

// String returns "accept", "reject", "either" or "none".
func (v Verdict) String() string {
	switch v {
	case Accept:
		return "accept"
	case Reject:
		return "reject"
	case Either:
		return "either"
	}
	return "none"
}
