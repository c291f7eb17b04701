package conformance

import (
	"fmt"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// statusCases are about what an answer says, and about there being none.
func statusCases() []*scenario {
	out := both([]answerCase{
		{name: "status/good", doc: "the answer says good", ref: "RFC 6960 2.2", said: says(fakeca.Response{})},
		{
			name: "status/revoked", doc: "the answer says revoked", ref: "RFC 6960 2.2", news: revoked,
			seen: []string{"snowflakedb/gosnowflake#250"},
			said: says(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}),
		},
		{
			name: "status/unknown", doc: "the responder does not know the certificate; without more, some clients take that for a refusal", ref: "RFC 6960 2.2", news: unknown,
			said: says(fakeca.Response{Status: fakeca.Unknown}),
		},
	})
	for failure, name := range fakeca.Failures() {
		out = append(out, both([]answerCase{{
			name: "status/" + strings.ReplaceAll(name, "_", "-"),
			doc:  fmt.Sprintf("the responder has no answer but the error %v, which tells no status", failure),
			ref:  "RFC 6960 2.3", news: useless, rule: string(verify.RuleErrorStatus),
			seen: []string{"curl CVE-2024-8096"},
			said: says(fakeca.Response{Error: failure}),
		}})...)
	}
	return append(out, &scenario{
		name: "status/no-staple", doc: "the client asked for a staple, and got none", ref: "RFC 6066 8",
		staple: silent,
		setup:  func(w *world) { w.noStaple() },
	})
}
