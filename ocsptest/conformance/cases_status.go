package conformance

import (
	"fmt"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// statusCases are about the status in a response, error responses, and the lack
// of a staple.
func statusCases() []*scenario {
	cases := []responseCase{
		{
			name:     "status/good",
			doc:      "the response says good",
			ref:      refGood,
			response: always(fakeca.Response{}),
		},
		{
			name:     "status/revoked",
			doc:      "the response says revoked",
			ref:      refRevoked,
			seen:     []string{"snowflakedb/gosnowflake#250", "curl/curl#15483"},
			response: always(revokedResponse),
		},
		{
			name:     "status/unknown",
			doc:      "the response says unknown, which public CAs may not say about a certificate they issued",
			ref:      refUnknown,
			response: always(unknownResponse),
		},
	}
	for failure, name := range fakeca.Failures() {
		cases = append(cases, responseCase{
			name:     "status/" + strings.ReplaceAll(name, "_", "-"),
			doc:      fmt.Sprintf("the response is the error %s, which says nothing about the certificate", camelCase(name)),
			ref:      refErrorStatus,
			seen:     []string{"curl CVE-2024-8096"},
			response: always(fakeca.Response{Error: failure}),
		})
	}
	return append(stapledAndFetched(cases), &scenario{
		name:    "status/no-staple",
		doc:     "the client asked for a staple, and nothing is stapled",
		ref:     refNoStaple,
		sources: Staple,
		setup:   withoutStaple(nil),
	})
}

// camelCase returns the name of an error as RFC 6960 writes it.
func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		words[1+i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}
