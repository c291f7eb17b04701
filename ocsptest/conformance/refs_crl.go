package conformance

// This file holds the references of the groups that are only about CRLs.

// The form of CRLs, and their signers.
var (
	refCRLVersion1          = Ref{rfc5280, "5", Must, "clients that support CRLs process complete CRLs of the versions v1 and v2"}
	refCRLVersion           = Ref{rfc5280, "5.1.2.1", Must, "a CRL with extensions has the version v2"}
	refCRLVersionIsV2       = Ref{rfc5280, "5.1", Must, "the version of a CRL, if it is there, is v2"}
	refCRLSignatureValue    = Ref{rfc5280, "5.1.1.3", Must, "the signature is a BIT STRING, over tbsCertList in DER"}
	refCRLAlgorithms        = Ref{rfc5280, "5.1.1.2", Must, "the algorithm outside of tbsCertList is the same as inside"}
	refCRLOtherAlgorithms   = Ref{rfc5280, "5.1.1.2", May, "a CRL may be signed with other algorithms than those listed"}
	refCRLIssuerName        = Ref{rfc5280, "5.1.2.3", Must, "the issuer of a CRL has a name that is not empty"}
	refCRLKeyID             = Ref{rfc5280, "5.2.1", Must, "CAs name the key that signed a CRL by its key identifier"}
	refKeyIDNotCritical     = Ref{rfc5280, "4.2.1.1", Must, "the authority key identifier is not critical"}
	refCRLNumber            = Ref{rfc5280, "5.2.3", Must, "a CRL has a number that is not negative, in an extension that is not critical"}
	refCRLNumberLength      = Ref{rfc5280, "5.2.3", Must, "clients handle CRL numbers of 20 octets, and CAs use no longer ones"}
	refCRLExtensionsIgnored = Ref{rfc5280, "5.2", May, "clients may ignore unknown extensions of a CRL that are not critical"}
	refCRLSign              = Ref{rfc5280, "6.3.3", Must, "the key usage of the CRL's issuer, if there is one, has cRLSign"}
	refCRLSeparateKey       = Ref{rfc5280, "5.1.1.3", Should, "clients support CRLs that a CA signs with another key than certificates"}
	refCRLScopeOfName       = Ref{rfc5280, "5", None, "a CA is known by its name, so that its key does not change what a CRL covers"}
	refRSAParameters        = Ref{rfc4055, "5", Must, "implementations accept RSA with SHA-2 with NULL and without parameters"}
	refRSANeedsSHA2         = Ref{baseline, "7.1.3.2.1", Must, "CAs use SHA-2 with an RSA key, and SHA-1 in CRLs only until September 2026"}
)

// The times of CRLs.
var (
	refCRLNextUpdateDate = Ref{rfc5280, "5.1.2.5", Must, "nextUpdate is when the next CRL comes at the latest"}
	refCRLEitherTime     = Ref{rfc5280, "5.1.2.5", Must, "clients process UTCTime, for years until 2049, and GeneralizedTime"}
	refCRLRecent         = Ref{rfc5280, "3.3", None, "how recent a CRL has to be may depend on the client"}
	refUTCTimeForm       = Ref{rfc5280, "4.1.2.5.1", Must, "a UTCTime has seconds, and ends in Z"}
	refUTCTimeYear       = Ref{rfc5280, "4.1.2.5.1", Must, "the year of a UTCTime is in 1950 to 2049"}
)

// The entries of CRLs.
var (
	refCRLListed                 = Ref{rfc5280, "5.1.2.6", Must, "a CRL lists certificates by their serial numbers, in any order"}
	refCRLEntryDate              = Ref{rfc5280, "6.3.3", None, "an entry counts as it is found, and its date is compared with nothing"}
	refCRLEntryDateForm          = Ref{rfc5280, "5.1.2.6", Must, "the date of a revocation has the form of thisUpdate"}
	refSerialGraceful            = Ref{rfc5280, "4.1.2.2", Should, "clients can handle certificates whose serial number is zero or negative"}
	refReasonType                = Ref{rfc5280, "5.3.1", Must, "a reason is ENUMERATED"}
	refReasonNotCritical         = Ref{rfc5280, "5.3.1", Must, "a reason is in an extension that is not critical"}
	refCRLEntryExtensionsIgnored = Ref{rfc5280, "5.3", May, "clients may ignore unknown extensions of entries that are not critical"}
	refInvalidityDate            = Ref{rfc5280, "5.3.2", Must, "an invalidity date is a GeneralizedTime, and does not change what is revoked"}
	refCertificateIssuer         = Ref{rfc5280, "5.3.3", Must, "an entry names its certificate issuer in a CRL that is indirect"}
)

// Which certificates a CRL covers, and where a certificate says that it is.
var (
	refPointNames        = Ref{rfc5280, "6.3.3", Must, "a CRL and the certificate's distribution point have a name in common"}
	refIdenticalNames    = Ref{rfc5280, "5.2.5", Must, "the names in the CRL and in the certificate have the same encoding"}
	refAssumedPoint      = Ref{rfc5280, "6.3.3", Must, "for other CRLs, a distribution point with the issuer's name is assumed"}
	refRelativeName      = Ref{rfc5280, "4.2.1.13", Must, "a relative name is appended to the name of the CRL's issuer"}
	refUserCerts         = Ref{rfc5280, "6.3.3", Must, "a CRL with onlyContainsUserCerts says nothing about CAs"}
	refCACerts           = Ref{rfc5280, "6.3.3", Must, "a CRL with onlyContainsCACerts says something only about CAs"}
	refAttributeCerts    = Ref{rfc5280, "6.3.3", Must, "a CRL with onlyContainsAttributeCerts says nothing about certificates with keys"}
	refOneKind           = Ref{rfc5280, "5.2.5", Must, "a CRL is limited to at most one kind of certificate"}
	refIDPCritical       = Ref{rfc5280, "5.2.5", Must, "an issuing distribution point is critical"}
	refIDPEmpty          = Ref{rfc5280, "5.2.5", Must, "an issuing distribution point is not an empty SEQUENCE"}
	refReasonsMask       = Ref{rfc5280, "6.3.3", Must, "a client looks at CRLs until one revokes or they cover all reasons"}
	refSomeReasons       = Ref{rfc5280, "5.2.5", Must, "onlySomeReasons has the reasons of the revocations on the CRL"}
	refReasonOfScope     = Ref{rfc5280, "5.2.5", Must, "an entry of a CRL for some reasons needs no reason code"}
	refPointReasons      = Ref{rfc5280, "6.3.3", Must, "a CRL counts for those of its reasons that the distribution point has too"}
	refPointsNotCritical = Ref{rfc5280, "4.2.1.13", Should, "the extension with the distribution points is not critical"}
	refPointParts        = Ref{rfc5280, "4.2.1.13", Must, "a distribution point has a name or a cRLIssuer"}
	refSeveralNames      = Ref{rfc5280, "4.2.1.13", Must, "the names of a distribution point are ways to the same CRL"}
	refDirectoryEntry    = Ref{rfc5280, "4.2.1.13", None, "how a client gets what a directory name names is a local matter"}
	refLDAP              = Ref{rfc5280, "4.2.1.13", Should, "a distribution point has at least one LDAP or HTTP URL"}
	refCRLContentType    = Ref{rfc5280, "4.2.1.13", Should, "the content type of a CRL is application/pkix-crl"}
)

// Delta CRLs.
var (
	refUseDeltas           = Ref{rfc5280, "6.3.3", May, "whether delta CRLs are used is an input of the algorithm"}
	refDeltaEntries        = Ref{rfc5280, "5.2.4", Must, "a delta CRL lists what has changed since its base"}
	refDeltaRemoves        = Ref{rfc5280, "5.2.4", Must, "removeFromCRL says that a certificate is no longer on hold"}
	refDeltaIndicator      = Ref{rfc5280, "5.2.4", Must, "a CRL with the delta CRL indicator, which is critical, is no complete CRL"}
	refDeltaCombined       = Ref{rfc5280, "5.2.4", Must, "issuer, scope and numbers say whether a delta CRL continues a complete CRL"}
	refDeltaCurrent        = Ref{rfc5280, "5.2.4", Must, "a delta CRL is current from thisUpdate until nextUpdate"}
	refDeltaSignature      = Ref{rfc5280, "6.3.3", Must, "the key of the complete CRL verifies the signature of the delta CRL"}
	refDeltaOfExpired      = Ref{rfc5280, "6.3.3", Must, "a current delta CRL updates a complete CRL that has expired"}
	refFreshestOfLeaf      = Ref{rfc5280, "4.2.1.15", May, "a certificate may name delta CRLs as it names CRLs"}
	refFreshestNotCritical = Ref{rfc5280, "5.2.6", Must, "the extension that names delta CRLs is not critical"}
	refNoFreshestInDelta   = Ref{rfc5280, "5.2.6", Must, "a delta CRL names no delta CRLs"}
)

// CRLs for several CAs.
var (
	refCRLIssuerNamed      = Ref{rfc5280, "6.3.3", Must, "if the distribution point has a cRLIssuer, that issues the CRL, which is indirect"}
	refNamelessPoint       = Ref{rfc5280, "6.3.3", Must, "a distribution point without a name has the names of its cRLIssuer"}
	refCRLIssuerPath       = Ref{rfc5280, "6.3.3", Must, "the CRL's issuer has a path to the trust anchor of the certificate"}
	refEntryIssuer         = Ref{rfc5280, "5.3.3", Must, "an entry without certificate issuer has that before it, the first that of the CRL"}
	refEntryIssuerNames    = Ref{rfc5280, "5.3.3", Must, "the certificate issuer has names of the issuer, among them its distinguished name"}
	refEntryIssuerCritical = Ref{rfc5280, "5.3.3", Must, "a certificate issuer is critical, because it says what entries are about"}
)

// How CRLs come, and how they change.
var (
	refStatus204      = Ref{rfc9110, "15.3.5", Must, "204 means that there is no body"}
	refStatus403      = Ref{rfc9110, "15.5.4", Must, "403 means that the server refuses the request"}
	refCRLNumberGrows = Ref{rfc5280, "5.2.3", Must, "the numbers of CRLs increase, so that a client knows which is newer"}
)

// Certificates about whose revocation the CA says nothing.
var (
	refNoRevAvail       = Ref{rfc9608, "4", Must, "whether a certificate with noRevAvail is revoked is not checked"}
	refNoRevAvailNaming = Ref{rfc9608, "3", Must, "a certificate with noRevAvail that names a CRL or a responder is invalid"}
	refNoRevAvailOfCA   = Ref{rfc9608, "3", Must, "a certificate of a CA with noRevAvail is invalid"}
	refShortLived       = Ref{baseline, "7.1.2.11.2", Must, "only certificates for at most seven days may name neither a CRL nor a responder"}
	refPointersChecked  = Ref{baseline, "4.9.6", Should, "clients check all certificates that name a CRL or a responder"}
)
