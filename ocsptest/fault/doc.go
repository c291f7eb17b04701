// Package fault has the ways for an OCSP responder to misbehave:
//
//	responder.SetFault(fault.HTTPError(503))                    // from now on
//	responder.SetFault(fault.None())                            // no more
//	responder.Script(fault.Hangup(), fault.None())              // at the next two requests
//	responder.SetCRLFault(ca, fault.Drip(time.Second))          // at requests for ca's CRLs
//	responder.SetFault(fault.Hang().For(leaf.Cert))             // at requests about a certificate
//	responder.SetFault(fault.Hang().ForCA(ca))                  // at requests about what ca issued
//	responder.SetFault(fault.WrongNonce().OnMethod("POST"))     // at requests by POST
//	responder.SetFault(fault.All(fault.Delay(d), fault.Gzip())) // several at once
//
// Faults concern
//
//   - what the response says: [Respond], [UnknownOnGET];
//   - the nonce: [WrongNonce], [ReplayedNonce], [NoNonce], [NonceOfLength],
//     [UnsolicitedNonce], [UnwrappedNonce], [TwoNonces], [NonceInSingle];
//   - HTTP: [HTTPError], [StatusCode], [GETOnly], [POSTOnly], [ContentType],
//     [Body], [EmptyBody], [HugeBody], [Chunked], [Gzip], [Redirect],
//     [RedirectLoop], [RedirectTo], [StaleCacheHeaders], [NoContentLength],
//     [ShortContentLength], [LongContentLength];
//   - the connection: [Delay], [Hang], [Drip], [Reset], [ResetAfter], [Hangup].
//
// To write another, fill in the hooks of a [Fault]. The faults of this package
// are made of nothing else.
package fault
