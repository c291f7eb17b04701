package conformance

import (
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// controlCases fail clients that accept everything or reject everything.
func controlCases() []*scenario {
	return []*scenario{
		{
			name: "control/good",
			doc:  "nothing is wrong: the staple, the responder and the CRL say good",
			ref:  refGood,
		},
		{
			name:      "control/untrusted-root",
			doc:       "the chain ends in a root that the client does not trust",
			ref:       refTrustAnchor,
			untrusted: true,
			template: func(w *world) {
				w.options = append(w.options, ocsptest.WithTrustedCA(fakeca.New(fakeca.WithClock(w.clock.now))))
			},
		},
	}
}
