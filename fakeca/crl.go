package fakeca

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// A CRL describes a certificate revocation list (RFC 5280 section 5). The zero
// value is a fresh and complete list of what is on record as revoked, signed
// by the CA. Times are written to the second.
type CRL struct {
	// Number is the CRL number (section 5.2.3). The default grows with each
	// second of ThisUpdate, and with each change of the record: ThisUpdate in
	// seconds since 1970, times 2^32, plus [CA.Revision]. So lists of different
	// times or contents never share a number, and a complete and a delta CRL
	// made at once do.
	Number *big.Int

	// The times have the defaults of a [Response], so that the two ways to
	// tell of a revocation become stale together. What is listed is what is on
	// record now, whatever the times say.
	ThisUpdate time.Time // default: one hour before now
	NextUpdate time.Time // default: 24 hours after ThisUpdate
	Forever    bool      // leaves nextUpdate out

	// Base, unless nil, makes a delta CRL (section 5.2.4) to the complete CRL
	// of that number: it lists what was revoked, or revoked otherwise, after
	// it, and what is no longer revoked with the reason RemoveFromCRL. How the
	// record was then is read from a Number that was left to its default.
	Base *big.Int

	// What concerns the issuing distribution point (section 5.2.5), an
	// extension that is left out if all of them are zero. The first three of
	// Only limit what is listed, too. Certificates that were not issued here
	// count as those of users.
	DistributionPoint  []string // URLs of the list
	OnlyUserCerts      bool
	OnlyCACerts        bool
	OnlyAttributeCerts bool     // of which this CA issues none
	OnlySomeReasons    []Reason // any but Unspecified and RemoveFromCRL
	Indirect           bool     // names the CA in the first entry, if Signer has another name (section 5.3.3)

	// Only, unless nil, limits the list to the certificates that it covers, of
	// those that this CA issued. With a DistributionPoint the list is a shard,
	// which says so in a critical extension; without, it is a list that claims
	// to be complete and is not. Serial numbers that the CA never issued are on
	// every shard, so that a client finds them wherever it looks. Only must not
	// change the certificate.
	Only func(*x509.Certificate) bool

	// Freshest holds the URLs of delta CRLs to this one (section 5.2.6).
	Freshest []string

	// Also holds further entries, for certificates that are on record as
	// something else or not at all. Of each, Serial, Status (Revoked), Reason,
	// ExplicitReason and RevokedAt enter.
	Also []Response

	// Signer signs in place of the CA, and gives the list its own name and key
	// identifier: an issuer of indirect CRLs, or anybody else. A Leaf of the
	// CA's Cert and another Key makes a forgery in the CA's name.
	Signer *Leaf

	// SignatureAlgorithm is how to sign. The default is that of a [Response].
	SignatureAlgorithm x509.SignatureAlgorithm

	// Edit changes the list before it is signed. A signature that it sets is
	// kept.
	Edit func(*CRLMessage)

	// Mutate changes the finished list.
	Mutate func(der []byte) []byte
}

// CRL makes a certificate revocation list of what is on record and returns its
// DER. The dates and reasons in it are those of an OCSP response made at the
// same time. It panics if c cannot be made, and says what to write instead.
func (ca *CA) CRL(c CRL) []byte {
	if wrong := c.check(); wrong != "" {
		panic("fakeca: CRL: " + wrong)
	}
	signer, key := ca.signer(c.Signer)
	scheme := schemeFor(key.Public(), c.SignatureAlgorithm)

	now := second(ca.Now())
	times := Response{ThisUpdate: c.ThisUpdate, NextUpdate: c.NextUpdate, Forever: c.Forever}.withTimes(now)
	listed, revision := ca.listed(&c, now)
	if c.Number == nil {
		c.Number = crlNumber(times.ThisUpdate, revision)
	}
	m := &CRLMessage{
		TBSCertList: TBSCertList{
			Version:             1,
			Signature:           scheme.identifier.clone(),
			Issuer:              bytes.Clone(signer.RawSubject),
			ThisUpdate:          Time{Time: times.ThisUpdate},
			NextUpdate:          Time{Time: times.NextUpdate},
			RevokedCertificates: make([]RevokedCertificate, len(listed)),
			CRLExtensions:       c.extensions(signer),
		},
		SignatureAlgorithm: scheme.identifier.clone(),
	}
	for i, r := range listed {
		m.RevokedCertificates[i] = revokedCertificate(r)
	}
	if len(listed) == 0 {
		m.RevokedCertificates = nil // section 5.1.2.6
	} else if c.Indirect && !bytes.Equal(signer.RawSubject, ca.Cert.RawSubject) {
		first := &m.RevokedCertificates[0]
		first.Extensions = append(first.Extensions, certificateIssuer(ca.Cert))
	}
	if c.Edit != nil {
		c.Edit(m)
	}
	if m.SignatureValue == nil {
		m.TBSCertList.Raw = m.TBSCertList.Marshal() // once, for the signature and for the list
		m.SignatureValue = scheme.sign(key, m.TBSCertList.Raw)
	}
	der := m.Marshal()
	if c.Mutate != nil {
		der = c.Mutate(der)
	}
	return der
}

// listed returns the revocations that c lists, in the order of the serial
// numbers, and the revision of the record that they were read from.
func (ca *CA) listed(c *CRL, now time.Time) ([]revocation, uint64) {
	all, revision := ca.onRecord(c, now)
	if c.Only != nil { // outside of the lock, so that it can use the CA
		all = slices.DeleteFunc(all, func(r revocation) bool { return r.cert != nil && !c.Only(r.cert) })
	}
	bySerial := func(a, b revocation) int { return a.serial.Cmp(b.serial) }
	slices.SortFunc(all, bySerial)
	if len(c.Also) > 0 {
		for _, r := range c.Also {
			all = append(all, r.revocation(r.Serial, now))
		}
		slices.SortStableFunc(all, bySerial)
	}
	return all, revision
}

// onRecord returns what is on record that c lists, Only and Also aside.
func (ca *CA) onRecord(c *CRL, now time.Time) ([]revocation, uint64) {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	var all []revocation
	for _, e := range ca.record {
		if r, ok := e.listed(c, now); ok {
			r.cert = e.cert
			all = append(all, r)
		}
	}
	return all, ca.revision
}

// listed says whether c is to list e, and as what.
func (e *entry) listed(c *CRL, now time.Time) (revocation, bool) {
	isCA := e.cert != nil && e.cert.IsCA
	if c.Base != nil && e.changed <= crlRevision(c.Base) || c.OnlyAttributeCerts || c.OnlyCACerts && !isCA || c.OnlyUserCerts && isCA {
		return revocation{}, false
	}
	var r revocation
	switch {
	case e.response.Status == Revoked:
		r = e.response.revocation(e.serial, now)
	case c.Base != nil && e.unrevoked != nil:
		r = *e.unrevoked
	default:
		return revocation{}, false
	}
	if len(c.OnlySomeReasons) > 0 && !slices.Contains(c.OnlySomeReasons, r.reason) {
		return revocation{}, false
	}
	if e.response.Status != Revoked {
		r.reason = RemoveFromCRL
	}
	return r, true
}

// The revision is in the low bits of a CRL number.
const revisionBits = 32

func crlNumber(thisUpdate time.Time, revision uint64) *big.Int {
	n := big.NewInt(max(thisUpdate.Unix(), 0)) // a CRL number is not negative
	return n.Lsh(n, revisionBits).Add(n, new(big.Int).SetUint64(revision))
}

func crlRevision(number *big.Int) uint64 {
	mask := big.NewInt(1<<revisionBits - 1)
	return mask.And(mask, number).Uint64()
}

// check returns what is wrong with c and what to write instead, or nothing.
func (c *CRL) check() string {
	switch {
	case c.Forever && !c.NextUpdate.IsZero():
		return "Forever leaves NextUpdate out, and NextUpdate is set; choose one"
	case c.Signer != nil && (c.Signer.Key == nil || c.Signer.Cert == nil):
		return "Signer has no private key or no certificate; use ca.Issue(&x509.Certificate{KeyUsage: x509.KeyUsageCRLSign})"
	}
	for _, t := range []time.Time{c.ThisUpdate, c.NextUpdate} {
		if y := t.UTC().Year(); y < 0 || y > 9999 {
			return fmt.Sprintf("a GeneralizedTime has years 0 to 9999, not %d", y)
		}
	}
	for _, url := range slices.Concat(c.DistributionPoint, c.Freshest) {
		if !isIA5String(url) {
			return fmt.Sprintf("the URL %q is not in ASCII, as IA5String has to be; percent-encode it", url)
		}
	}
	for _, r := range c.OnlySomeReasons {
		if !r.valid() || r == Unspecified || r == RemoveFromCRL {
			return fmt.Sprintf("OnlySomeReasons has %v, for which RFC 5280 section 4.2.1.13 has no bit; add the extension in Edit to send it", r)
		}
	}
	for i, r := range c.Also {
		wrong := r.check()
		switch {
		case r.Serial == nil:
			wrong = "Serial is missing; set it to leaf.Cert.SerialNumber"
		case wrong == "" && r.Status != Revoked:
			wrong = fmt.Sprintf("Status is %v, and a CRL lists what is revoked; set Status: fakeca.Revoked", r.Status)
		}
		if wrong != "" {
			return fmt.Sprintf("Also[%d]: %s", i, wrong)
		}
	}
	return ""
}
