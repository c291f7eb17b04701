package fakeca

import (
	"iter"

	"golang.org/x/crypto/ocsp"
)

// The errors that a responder can report instead of a status, for
// Response.Error (RFC 6960 section 4.2.1).
const (
	MalformedRequest ocsp.ResponseStatus = ocsp.Malformed
	InternalError    ocsp.ResponseStatus = ocsp.InternalError
	TryLater         ocsp.ResponseStatus = ocsp.TryLater
	SigRequired      ocsp.ResponseStatus = ocsp.SignatureRequired
	Unauthorized     ocsp.ResponseStatus = ocsp.Unauthorized
)

// The index is the number, of which 4 is not used.
var failureTexts = []string{
	MalformedRequest: "malformed_request",
	InternalError:    "internal_error",
	TryLater:         "try_later",
	SigRequired:      "sig_required",
	Unauthorized:     "unauthorized",
}

// Failures returns the five errors, in the order of their numbers, each with its
// name in RFC 6960 section 4.2.1 in snake case, such as "try_later" for tryLater.
func Failures() iter.Seq2[ocsp.ResponseStatus, string] {
	return func(yield func(ocsp.ResponseStatus, string) bool) {
		for i, text := range failureTexts {
			if text != "" && !yield(ocsp.ResponseStatus(i), text) {
				return
			}
		}
	}
}

func isResponseStatus(s ocsp.ResponseStatus) bool {
	return s == ocsp.Success || s > 0 && int(s) < len(failureTexts) && failureTexts[s] != ""
}
