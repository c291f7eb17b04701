// Package conformance tests whether a client handles certificate revocation as
// it promises. It runs the client against a catalogue of servers. Each has one
// fault, or one harmless oddity.
//
//	func TestRevocation(t *testing.T) {
//		policy := conformance.Policy{} // a good staple, or nothing
//		conformance.Run(t, policy, conformance.ClientFunc(func(ctx context.Context, srv *ocsptest.Server) error {
//			resp, err := myclient.Get(ctx, srv.URL, srv.TLSClientConfig())
//			if err != nil {
//				return err
//			}
//			return resp.Body.Close()
//		}))
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
// responders and gets CRLs, and what it tolerates if no source says good. Each
// [Case] has the [Evidence] that a correct client finds. [Policy.Judge] compares
// the two. The [Verdict] is accept or reject, or either, if the RFCs leave it open
// or real clients differ. The [Severity] of a wrong outcome follows from policy and
// evidence too. [Cases] returns the catalogue, and CASES.md lists it with the
// verdicts for six policies. Cases about what a policy does not look at are left
// out.
//
// # Running
//
// [Run] is for tests, and [Check] for programs. [Case.Test] runs a client against
// one case. [Case.Start] starts only the server, for tests that judge the client
// themselves. Failures are [*CaseError] values.
//
// The controls come first. A client that fails one is not connected properly, and
// is not run on the other cases. A client that returns nil must have finished a
// handshake; [WithRole] is for programs that make none. A client returns [NotRun]
// if it could not be run, and [Unsupported] if it cannot be judged by a case.
//
// [WithKnownFailures] lists the cases that the client is known to get wrong. If
// the client gets one right, the run fails. With [WithSet], the cases that a new
// version brings do not count. [Skip] leaves cases out. [WithJobs], [WithDeadline]
// and [WithHangDeadline] limit the load and the time. [WithSystemClock] is for
// clients that cannot follow the CA's clock, such as commands. [WithRoot],
// [WithKeys], [WithLeafTemplate] and [WithALPN] are for clients that need a certain
// root, key, name or protocol. With [WithInMemoryNetwork] no sockets are used, so
// that the catalogue also runs inside [testing/synctest].
//
// A [Report] names the failures of severity [Security], the holes, and counts the
// others. It can be written as text, JSON, JUnit and Markdown. [Report.Fit] finds
// the policy that the client seems to have, and [Compare] what an upgrade changed.
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
