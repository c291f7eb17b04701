// Package conformance tests whether a client handles certificate revocation as
// it promises. It runs the client against a catalogue of servers. Each has one
// fault, or one harmless oddity.
//
//	func TestRevocation(t *testing.T) {
//		policy := conformance.Policy{HardFail: true}
//		conformance.Run(t, policy, func(ctx context.Context, srv *ocsptest.Server) error {
//			resp, err := myclient.Get(ctx, srv.URL, srv.TLSClientConfig())
//			if err != nil {
//				return err
//			}
//			return resp.Body.Close()
//		})
//	}
//
// The function connects once and returns the client's error, or nil if the client
// accepted the server. It may run a command. Each case is a subtest, and a failure
// ends with the command that runs only that case:
//
//	go test -run '^TestRevocation$/^delegate$/^without-eku$'
//
// # Policies and cases
//
// A [Policy] says what the client promises: whether it looks at staples, asks
// responders, gets CRLs, and whether it fails open or hard. The [Verdict] on each
// [Case] follows from it: accept, reject, or either, where the RFCs leave it open
// or real clients differ. [Cases] returns the catalogue, and CASES.md lists it
// with the verdicts for six policies.
//
// # Running
//
// [Run] is for tests, and [Check] for programs. [Case.Test] runs a client against
// one case. [Case.Start] starts only the server, for tests that judge the client
// themselves. Failures are [*CaseError] values.
//
// [Skip] leaves out cases that the client is known to get wrong. [WithDeadline]
// limits the time of a connection. [WithSystemClock] is for clients that cannot
// follow the CA's clock, such as commands. With [WithInMemoryNetwork] no sockets
// are used, so that the catalogue also runs inside [testing/synctest].
//
// [Reference] is a client that gets every case right, and an example of how to
// check revocation.
//
// # Not in the catalogue
//
// crypto/tls servers cannot send staples that the client did not request, empty
// staples, staples for intermediates, status_request_v2 and malformed extensions.
// There is nothing over DTLS or QUIC. The comments in the source of each group say
// what else is left out, and why.
package conformance
