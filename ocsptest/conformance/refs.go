package conformance

// The documents that cases cite.
const (
	rfc3986  = "RFC 3986"
	rfc4055  = "RFC 4055"
	rfc5246  = "RFC 5246"
	rfc5280  = "RFC 5280"
	rfc5754  = "RFC 5754"
	rfc5758  = "RFC 5758"
	rfc6066  = "RFC 6066"
	rfc6151  = "RFC 6151"
	rfc6585  = "RFC 6585"
	rfc6960  = "RFC 6960"
	rfc6962  = "RFC 6962"
	rfc7633  = "RFC 7633"
	rfc8446  = "RFC 8446"
	rfc9110  = "RFC 9110"
	rfc9112  = "RFC 9112"
	rfc9608  = "RFC 9608"
	rfc9654  = "RFC 9654"
	rfc9919  = "RFC 9919" // which obsoletes RFC 5019
	baseline = "Baseline Requirements"
	x690     = "X.690"
)

// What a response says.
var (
	refGood             = Ref{rfc6960, "2.2", Must, "good means that no certificate with this serial number is revoked"}
	refGoodAtAnyTime    = Ref{rfc6960, "2.2", None, "good does not mean that producedAt is within the validity of the certificate"}
	refRevoked          = Ref{rfc6960, "2.2", Must, "revoked means that the certificate is revoked, permanently or temporarily"}
	refUnknown          = Ref{rfc6960, "2.2", May, "after unknown, a client decides whether to try another source, such as a CRL"}
	refNonIssued        = Ref{rfc6960, "2.2", Must, "a certificate that was never issued may be reported as on hold since 1970"}
	refErrorStatus      = Ref{rfc6960, "2.3", Must, "an error is not signed, and reports no status of a certificate"}
	refAnotherResponder = Ref{rfc6960, "2.3", None, "another responder is mentioned only after internalError, as a possibility"}
	refRevocationTime   = Ref{rfc6960, "2.4", Must, "revocationTime is when the certificate was revoked or put on hold"}
	refRevokedLater     = Ref{rfc6960, "2.4", None, "revocationTime is in the past, and nothing is said of one in the future"}
	refProducedAt       = Ref{rfc6960, "2.4", None, "producedAt is when the response was signed, and nothing is compared with it"}
	refReasonOptional   = Ref{rfc6960, "4.2.1", Must, "revocationReason is optional"}
	refReasons          = Ref{rfc5280, "5.3.1", Must, "every reason except removeFromCRL means revoked"}
	refReasonValues     = Ref{rfc5280, "5.3.1", Must, "a reason is 0 to 6 or 8 to 10"}
	refUnspecified      = Ref{rfc5280, "5.3.1", Should, "the reason unspecified is left out"}
	refRemoveFromCRL    = Ref{rfc5280, "5.3.1", Must, "the reason removeFromCRL is only for delta CRLs"}
)

// What a client confirms before it accepts a response.
var (
	refConfirmAll         = Ref{rfc6960, "3.2", Must, "a client confirms the certificate, the signature, the signer and the times"}
	refConfirmCertificate = Ref{rfc6960, "3.2", Must, "a client confirms that the response is about the certificate it asked about"}
	refSerialNumber       = Ref{rfc5280, "4.1.2.2", Must, "serial numbers are positive, have up to 20 bytes, and are unique for each CA"}
	refConfirmSignature   = Ref{rfc6960, "3.2", Must, "a client confirms that the signature is valid"}
	refConfirmNextUpdate  = Ref{rfc6960, "3.2", Must, "a client confirms that nextUpdate, if there is one, has not passed"}
	refValidity           = Ref{rfc6960, "4.2.2.1", Should, "a response is reliable only from thisUpdate until nextUpdate"}
	refNeedsNextUpdate    = Ref{rfc9919, "5", Must, "a client of this profile rejects a response without nextUpdate"}
	refTolerance          = Ref{rfc9919, "5", May, "a client may accept a response shortly after nextUpdate, as clocks differ"}
	refReplacedInTime     = Ref{baseline, "4.9.9", Must, "CAs replace the response about a server's certificate within four days"}
	refAtMostTenDays      = Ref{baseline, "4.9.9", Must, "CAs make a response about a server's certificate valid for at most ten days"}
	refSingles            = Ref{rfc6960, "4.2.2.3", Must, "there is a single response for each certificate in the request"}
	refNoMoreSingles      = Ref{rfc6960, "4.2.2.3", Should, "there is no single response beyond one for each certificate in the request"}
)

// The form of a response.
var (
	refBody             = Ref{rfc6960, "A.2", Must, "the body of an HTTP response is an OCSPResponse in DER"}
	refStapleBytes      = Ref{rfc6066, "8", Must, "a staple is one complete OCSPResponse in DER"}
	refStructure        = Ref{rfc6960, "4.2.1", Must, "a response has the ASN.1 types given here, in DER"}
	refBasicDER         = Ref{rfc6960, "4.2.1", Must, "the field response is a BasicOCSPResponse in DER"}
	refBasicType        = Ref{rfc6960, "4.2.1", Must, "the response type is id-pkix-ocsp-basic"}
	refStatusValues     = Ref{rfc6960, "4.2.1", Must, "responseStatus is 0 to 3, 5 or 6"}
	refSuccessful       = Ref{rfc6960, "4.2.1", Must, "successful means that there are valid confirmations"}
	refErrorHasNoBytes  = Ref{rfc6960, "4.2.1", Must, "with an error status there are no responseBytes"}
	refVersion          = Ref{rfc6960, "4.2.2.3", Must, "the version is v1"}
	refDefault          = Ref{x690, "11.5", Must, "DER leaves out a component that has its default value"}
	refInteger          = Ref{x690, "8.3", Must, "an INTEGER has at least one byte, and no more leading bytes than it needs"}
	refGeneralizedTime  = Ref{rfc6960, "4.2.1", Must, "all times are GeneralizedTime"}
	refTimeForm         = Ref{rfc5280, "4.1.2.5.2", Must, "a GeneralizedTime has seconds without a fraction, and ends in Z"}
	refCertIDFields     = Ref{rfc6960, "4.1.1", Must, "a CertID has a hash algorithm, two hashes and a serial number"}
	refCertsAbsent      = Ref{rfc6960, "4.2.1", Should, "certs is absent if there are no certificates"}
	refAlgorithmFields  = Ref{rfc5280, "4.1.1.2", Must, "an algorithm has an OID, and parameters that depend on it"}
	refECDSAParameters  = Ref{rfc5758, "3.2", Must, "the identifiers of ECDSA with SHA-2 have no parameters"}
	refExtensionsSyntax = Ref{rfc5280, "4.1", Must, "Extensions is a list of at least one, each with an OID and a value"}
)

// Which certificate a response is about.
var (
	refCertIDIssuer    = Ref{rfc6960, "4.1.1", Must, "a CertID has the serial number, and hashes of the issuer's name and key"}
	refCertIDKeyBits   = Ref{rfc6960, "4.1.1", Must, "issuerKeyHash is over the bits of the key, without tag and length"}
	refCertIDAlgorithm = Ref{rfc6960, "4.1.1", Must, "hashAlgorithm is the algorithm of both hashes"}
	refCertIDAnyHash   = Ref{rfc6960, "4.1.1", None, "no hash algorithm is required or forbidden"}
	refCertIDSHA256    = Ref{rfc9919, "3.1.1", Must, "new clients use SHA-256 in a CertID, and old ones change to it"}
	refBothHashes      = Ref{rfc9919, "3.2.1", May, "a response may have two single responses, by SHA-1 and by SHA-256"}
	refNullOrAbsent    = Ref{rfc4055, "2.1", Must, "implementations accept SHA-1 and SHA-2 with NULL and without parameters"}
	refSHA2NullOrNot   = Ref{rfc5754, "2", Must, "implementations accept SHA-2 with NULL and without parameters"}
)

// Who signed a response.
var (
	refAuthorized        = Ref{rfc6960, "4.2.2.2", Must, "a client rejects signers except the issuer, its delegates, and those set up locally"}
	refDelegates         = Ref{rfc6960, "4.2.2.2", Must, "an issuer may delegate, in a certificate with id-kp-OCSPSigning that it issues"}
	refDelegateEKU       = Ref{rfc6960, "4.2.2.2", Must, "a delegate has id-kp-OCSPSigning in its extended key usage"}
	refDelegateIssuer    = Ref{rfc6960, "4.2.2.2", Must, "a delegate is issued by the CA, and with the key, that issued the certificate"}
	refNoCheck           = Ref{rfc6960, "4.2.2.2.1", May, "with neither nocheck nor a source, a client decides whether to check the delegate"}
	refNoCheckCritical   = Ref{rfc6960, "4.2.2.2.1", Should, "id-pkix-ocsp-nocheck is not critical"}
	refNoCheckNull       = Ref{rfc6960, "4.2.2.2.1", Must, "the value of id-pkix-ocsp-nocheck is NULL"}
	refDelegateChecked   = Ref{rfc6960, "4.2.2.2.1", May, "a CA may name a CRL or a responder for the certificate of its delegate"}
	refDelegateEmbedded  = Ref{rfc9919, "3.2.2", Must, "a response of a delegate has the certificate of the delegate in certs"}
	refCerts             = Ref{rfc6960, "4.2.1", May, "certs may have certificates that help a client to verify the signature"}
	refDelegateIsNoCA    = Ref{baseline, "7.1.2.8.4", Must, "a delegate is not a CA"}
	refResponderID       = Ref{rfc6960, "4.2.2.3", Must, "the responder ID fits the certificate of the signer"}
	refResponderIDByName = Ref{rfc6960, "4.2.2.3", Must, "a responder ID is the responder's name or a hash of its key"}
	refResponderIDByKey  = Ref{rfc9919, "3.2.2", Must, "clients can find a responder by the hash of its key"}
	refKeyHash           = Ref{rfc6960, "4.2.1", Must, "byKey is the SHA-1 of the responder's key, without tag and length"}
	refNameComparison    = Ref{rfc5280, "7.1", Must, "names are compared by their characters, in PrintableString and UTF8String"}
	refOCSPKeyUsage      = Ref{rfc5280, "4.2.1.12", Must, "a key usage of an OCSP signer has digitalSignature or nonRepudiation"}
	refDigitalSignature  = Ref{rfc5280, "4.2.1.3", Must, "digitalSignature is for all signatures except on certificates and CRLs"}
	refChainSignature    = Ref{rfc5280, "6.1.3", Must, "the signature on each certificate verifies"}
	refChainTime         = Ref{rfc5280, "6.1.3", Must, "each certificate is valid at the current time"}
)

// With which algorithm something is signed.
var (
	refRSAWithSHA256    = Ref{rfc6960, "4.3", Must, "clients can verify RSA with SHA-256"}
	refRSAWithSHA1      = Ref{rfc6960, "4.3", Should, "clients can verify RSA with SHA-1"}
	refOtherAlgorithms  = Ref{rfc6960, "4.3", May, "clients may support algorithms other than RSA and DSA"}
	refRSAWithSHA512    = Ref{rfc4055, "5", May, "RSA signatures can be with SHA-224, SHA-256, SHA-384 or SHA-512"}
	refRSAPSS           = Ref{rfc4055, "3.1", May, "those who verify RSA-PSS may support hashes other than SHA-1"}
	refECDSAWithSHA2    = Ref{rfc5758, "3.2", Must, "clients that verify ECDSA with SHA-2 know its identifiers"}
	refP256NeedsSHA256  = Ref{baseline, "7.1.3.2.2", Must, "CAs use SHA-256 with a P-256 key, on certificates, responses and CRLs"}
	refMD5NotForSigning = Ref{rfc6151, "2", Must, "MD5 is not for digital signatures"}
)

// Extensions of a response, and nonces.
var (
	refExtensionsIgnored   = Ref{rfc9919, "3.2.1", Must, "clients ignore unknown extensions of a response that are not critical"}
	refExtensionsOptional  = Ref{rfc6960, "4.4", May, "a client does not have to support any extension"}
	refCriticalExtension   = Ref{rfc6960, "4.4", None, "extensions are as in X.509, where an unknown critical one is fatal"}
	refCRLReferences       = Ref{rfc6960, "4.4.2", May, "a single response may name the CRL in which the certificate is found"}
	refArchiveCutoff       = Ref{rfc6960, "4.4.4", May, "a responder may say how long it keeps records of expired certificates"}
	refCRLEntryExtensions  = Ref{rfc6960, "4.4.5", May, "extensions of CRL entries are supported in single responses too"}
	refExtendedRevoke      = Ref{rfc6960, "4.4.8", May, "any response may have extended-revoke, which clients need not parse"}
	refExtendedNotCritical = Ref{rfc6960, "4.4.8", Must, "extended-revoke is never critical"}
	refNoReasonCode        = Ref{baseline, "7.3.2", Must, "CAs put no reasonCode into a single response"}
	refTimestamps          = Ref{rfc6962, "3.3", May, "a response may have a list of signed certificate timestamps"}
	refNonceBinds          = Ref{rfc9654, "2.1", Must, "the nonce among the response extensions binds a response to its request"}
	refNonceLength         = Ref{rfc9654, "2.1", Must, "a nonce is an OCTET STRING of 1 to 128 bytes"}
	refNonceOptional       = Ref{rfc9654, "2.1", May, "a request may have a nonce"}
	refNonceMissing        = Ref{rfc9919, "5", Should, "a client does not reject a response only because the nonce is missing"}
	refNonceIgnored        = Ref{rfc9919, "5", Must, "a client that sent no nonce ignores one in the response"}
	refOneOfEach           = Ref{rfc5280, "4.2", Must, "there is only one extension of each kind"}
)

// How a client reaches a responder.
var (
	refNoResponder     = Ref{rfc5280, "4.2.2.1", May, "a certificate may name an OCSP responder"}
	refUsesGET         = Ref{rfc9919, "6", Must, "clients use GET for requests of at most 255 bytes"}
	refGETOrPOST       = Ref{rfc6960, "A.1", May, "a client uses GET or POST, and does not have to try both"}
	refGETPath         = Ref{rfc6960, "A.1", Must, "the URL of a GET is that of the responder, a slash, and the encoded request"}
	refGETEscaped      = Ref{rfc9919, "6", Must, "a client URL-encodes the base64 in a GET"}
	refTransport       = Ref{rfc6960, "3.1", Must, "accessLocation says how the responder is reached"}
	refURI             = Ref{rfc5280, "4.2.1.6", Must, "a URI has a scheme, and its authority names a host"}
	refScheme          = Ref{rfc3986, "3.1", Should, "a scheme in upper case is the same as in lower case"}
	refHTTPS           = Ref{rfc5280, "8", Should, "CAs name no https URLs, with which checks can go in circles"}
	refRequestType     = Ref{rfc6960, "A.1", Must, "the content type of a POST is application/ocsp-request"}
	refHost            = Ref{rfc9110, "7.2", Must, "a client sends Host in every request"}
	refContentType     = Ref{rfc6960, "A.2", Must, "the content type of a response is application/ocsp-response"}
	refUnreachable     = Ref{rfc6960, "5", May, "a client that cannot reach the responder could use CRLs"}
	refTimeout         = Ref{rfc9919, "4.1", May, "after its timeout, a client may try the CRL"}
	refCached          = Ref{rfc9919, "8.5", Should, "clients do not rely on a cached response after nextUpdate"}
	refStatus304       = Ref{rfc9110, "15.4.5", Must, "304 means that the client has a valid copy already"}
	refStatus400       = Ref{rfc9110, "15.5.1", Must, "400 means that the server does not process the request"}
	refStatus404       = Ref{rfc9110, "15.5.5", Must, "404 means that there is nothing at this URL"}
	refStatus405       = Ref{rfc9110, "15.5.6", Must, "405 means that the method is not supported at this URL"}
	refStatus429       = Ref{rfc6585, "4", Must, "429 means that the client sent too many requests"}
	refStatus500       = Ref{rfc9110, "15.6.1", Must, "500 means that the server could not process the request"}
	refStatus503       = Ref{rfc9110, "15.6.4", Must, "503 means that the server is unavailable for a while"}
	refCaptivePortal   = Ref{rfc6585, "B", None, "a client cannot tell a captive portal from the server that it asked"}
	refUntilClosed     = Ref{rfc9112, "6.3", Must, "without a length, the body ends with the connection"}
	refContentLength   = Ref{rfc9112, "6.3", Must, "a body is as long as Content-Length says"}
	refIncomplete      = Ref{rfc9112, "8", Must, "a body that is shorter than Content-Length is incomplete"}
	refChunked         = Ref{rfc9112, "7.1", Must, "every recipient can decode chunks"}
	refContentEncoding = Ref{rfc9110, "8.4", May, "a server may compress a body, and says so in Content-Encoding"}
	refRedirect        = Ref{rfc9110, "15.4.8", May, "a client may follow a redirect, by the same method"}
	refRedirectLoop    = Ref{rfc9110, "15.4", Should, "a client detects redirects that go in circles"}
)

// Staples, and certificates that require one.
var (
	refNoStaple         = Ref{rfc6066, "8", May, "a server may send no staple although the client asked for one"}
	refStapleChecked    = Ref{rfc6066, "8", Must, "a client aborts if the staple that it asked for is not satisfactory"}
	refMustStaple       = Ref{rfc7633, "4.3.3", Must, "a client that asks for staples rejects a must-staple certificate without a good one"}
	refFeatureNumbers   = Ref{rfc7633, "4.1", Must, "a server supports each TLS feature in its certificate that the client asks for"}
	refFeatureList      = Ref{rfc7633, "4", Must, "TLS features are a SEQUENCE OF INTEGER"}
	refIssuersFeatures  = Ref{rfc7633, "4.2.2", Must, "a CA with TLS features issues certificates that have them too"}
	refFeaturesRejected = Ref{rfc7633, "4.2.2", May, "a client may reject a certificate that lacks a TLS feature of its issuer"}
)

// Chains, and sessions that are resumed.
var (
	refTrustAnchor    = Ref{rfc5280, "6.1", Must, "a chain leads to a trust anchor of the client"}
	refChainRevoked   = Ref{rfc5280, "6.1.3", Must, "no certificate of the chain is revoked at the current time"}
	refSourcesAtOdds  = Ref{rfc5280, "6.1.3", None, "a CRL or another source is used, and nothing is said of sources that disagree"}
	refFullHandshake  = Ref{rfc5246, "F.1.4", Should, "a client does not resume a session if the certificate may have been revoked"}
	refFailedSession  = Ref{rfc5246, "7.2.2", Must, "a session that ended with a fatal alert is not resumed"}
	refTicketLifetime = Ref{rfc8446, "4.6.1", Should, "how long sessions can be resumed depends on how likely a revocation is"}
	refFailedTicket   = Ref{rfc8446, "6", Should, "the tickets of a connection that failed are discarded"}
)

// CRLs.
var (
	refCRLPoint          = Ref{rfc5280, "4.2.1.13", Must, "the URI of a distribution point leads to the current CRL in DER"}
	refNoCRLPoint        = Ref{rfc5280, "4.2.1.13", Should, "certificates and applications support distribution points"}
	refCRLSyntax         = Ref{rfc5280, "5.1", Must, "a CRL is a CertificateList in DER"}
	refCRLThisUpdate     = Ref{rfc5280, "5.1.2.4", None, "thisUpdate is when the CRL was issued, and nothing is compared with it"}
	refCRLNextUpdate     = Ref{rfc5280, "5.1.2.5", Must, "a CRL has nextUpdate, and what clients do without is not specified"}
	refCRLEmpty          = Ref{rfc5280, "5.1.2.6", Must, "a CRL without revoked certificates has no list of them"}
	refCRLExtension      = Ref{rfc5280, "5.2", Must, "a client does not use a CRL with a critical extension it cannot process"}
	refCRLEntryExtension = Ref{rfc5280, "5.3", Must, "a client does not use a CRL with a critical entry extension it cannot process"}
	refCRLDelta          = Ref{rfc5280, "5.2.4", Must, "a delta CRL has only what changed since another CRL"}
	refCRLScope          = Ref{rfc5280, "5.2.5", Must, "a CRL is only about what its issuing distribution point names"}
	refCRLScopeUnknown   = Ref{rfc5280, "5.2.5", Must, "to a client without this extension, what is not listed is of unknown status"}
	refCRLEntry          = Ref{rfc5280, "6.3.3", Must, "a certificate is revoked if the CRL has its issuer and serial number"}
	refCRLExpired        = Ref{rfc5280, "6.3.3", Must, "after nextUpdate a client needs a new CRL"}
	refCRLIssuer         = Ref{rfc5280, "6.3.3", Must, "the issuer of the CRL is the issuer of the certificate"}
	refCRLSignature      = Ref{rfc5280, "6.3.3", Must, "the key of the CRL's issuer verifies the signature"}
	refCRLEachPoint      = Ref{rfc5280, "6.3.3", Must, "a client looks at each distribution point until all reasons are covered"}
)
