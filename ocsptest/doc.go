// Package ocsptest starts TLS servers that staple OCSP responses, for tests of
// what clients make of them.
//
//	func TestRejectsRevoked(t *testing.T) {
//		srv := ocsptest.NewServer(t, ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked}))
//		if _, err := myclient.Get(srv.URL, srv.TLSClientConfig()); err == nil {
//			t.Error("accepted a revoked certificate")
//		}
//	}
//
// # What is stapled
//
// Without options a [Server] has a root, an intermediate and a leaf of its own,
// and staples what the intermediate has on record: good, until the test calls
// srv.Leaf.Revoke. [WithStaple] and [Server.SetStaple] staple something else;
// [WithRawStaple] staples bytes; [WithoutStaple] staples nothing.
//
// # What was seen
//
// [Server.Handshakes] tells what each client did: whether it asked for a
// staple, what it got, and the alert with which it refused. If a test fails,
// the same goes to its log.
//
// # Time
//
// A server goes by the clock of its CA. With a [Network] in place of sockets it
// works inside [testing/synctest], where a staple expires in no time.
//
// Servers listen on the loopback address only.
package ocsptest
