package conformance

import "iter"

// Feature is what the TLS feature extension (RFC 7633) of the leaf means to a
// client that enforces it. Like [Evidence] it is a set of readings. The zero
// value is FeatureNone.
type Feature uint8

const (
	// FeatureNone: the certificate requires nothing.
	FeatureNone Feature = 1 << iota
	// FeatureMustStaple: the certificate requires a staple.
	FeatureMustStaple
	// FeatureOfIssuerMissing: the certificate lacks a feature of its issuer.
	FeatureOfIssuerMissing
)

func (f Feature) readings() iter.Seq[Feature] {
	return func(yield func(Feature) bool) {
		if f == 0 {
			yield(FeatureNone)
			return
		}
		for one := FeatureNone; one <= FeatureOfIssuerMissing; one <<= 1 {
			if f&one != 0 && !yield(one) {
				return
			}
		}
	}
}
