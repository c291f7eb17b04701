// Package ocsptest starts TLS servers that staple OCSP responses, and OCSP
// responders, for tests of clients. A test starts with [NewServer]:
//
//	func TestRejectsRevoked(t *testing.T) {
//		srv := ocsptest.NewServer(t)
//		srv.Leaf.Revoke(fakeca.KeyCompromise)
//		if _, err := myclient.Get(srv.URL, srv.TLSClientConfig()); err == nil {
//			t.Error("accepted a revoked certificate")
//		}
//	}
//
// # Servers
//
// A [Server] has its own root, intermediate and leaf, unless options say
// otherwise. It staples what the intermediate has on record: good, until the test
// revokes the leaf. [WithStaple] and [Server.SetStaple] staple something else,
// [WithRawStaple] any bytes, and [WithoutStaple] nothing.
//
// [Server.Handshakes] returns what each client did: whether it asked for a staple,
// what it got, and the alert with which it refused. The log of a failed test has
// the same. Where another server speaks TLS, such as that of gRPC, give it
// [Server.ServerTLSConfig] and [Server.Listener].
//
// # Responders
//
// A [Responder] serves the OCSP responses and CRLs of its CAs, for clients that
// fetch them. Start it with [NewResponder] before the server, so that the server's
// leaf names it:
//
//	ca := fakeca.New().Intermediate()
//	responder := ocsptest.NewResponder(t, ca)
//	srv := ocsptest.NewServer(t, ocsptest.WithCA(ca))
//
// With [WithoutOCSP] and [WithCRLShards] the CA is as public CAs are now: with a
// CRL in shards, and no OCSP. [Responder.SetCRL] changes what the lists say, and
// [Responder.AddCRL] adds others.
//
// [Responder.Requests] returns what clients asked. [Responder.SetFault] and
// [Responder.Script] make it misbehave, in the ways of package
// [github.com/ocsplab/ocsplab/ocsptest/fault]. A server [WithFetchedStaple] gets
// its staple from the responder, as nginx or Apache does.
//
// # Time and networks
//
// Servers and responders follow the clock of their CA, and listen on the loopback
// address only. [WithNetwork] puts them on a [Network] in memory. There they work
// inside [testing/synctest], where a staple expires in no time. It is a
// [HostOption]: one value for a server and its responder.
//
// # Related packages
//
// Package [github.com/ocsplab/ocsplab/ocsptest/conformance] runs a client against
// a catalogue of servers and responders, faulty and merely unusual. Package
// [github.com/ocsplab/ocsplab/ocsptest/verify] says what is wrong with a response.
package ocsptest
