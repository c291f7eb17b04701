package fakeca

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// A CRL describes a certificate revocation list (RFC 5280 section 5). The zero
// value is a fresh and complete list of what is on record as revoked, signed
// by the CA. Times are written to the second.
type CRL struct {
	// Number is the CRL number (section 5.2.3). The default is ThisUpdate in
	// seconds since 1970, times 2^32, plus the [CA.Revision] of all CAs that are
	// listed. So lists that differ in time or content get different numbers, and a
	// complete and a delta CRL made together share one.
	Number *big.Int

	// The times have the defaults of a [Response]. They do not change what is
	// listed, which is what is on record now.
	ThisUpdate time.Time // default: one hour before now
	NextUpdate time.Time // default: 24 hours after ThisUpdate
	Forever    bool      // leaves nextUpdate out

	// Base makes the list a delta CRL (section 5.2.4) to the complete CRL of that
	// number, which this CA must have made. The delta lists revocations that were
	// set or changed since then. Certificates that are no longer revoked get
	// RemoveFromCRL. Those that are now revoked for a reason that OnlySomeReasons
	// leaves out get no reason. What the base had from Also is not removed unless
	// Also lists it with RemoveFromCRL.
	Base *big.Int

	// The fields of the issuing distribution point (section 5.2.5), a critical
	// extension that is left out if all of them are zero. OnlyUserCerts,
	// OnlyCACerts, OnlyAttributeCerts and OnlySomeReasons also limit what is
	// listed. Certificates that the CA did not issue count as users'.
	// DirectoryNames and RelativeName are as in a [CRLPoint].
	DistributionPoint  []string // URLs of the list
	DirectoryNames     [][]byte // further names of the list
	RelativeName       []byte   // the name of the list, which then has no other
	OnlyUserCerts      bool
	OnlyCACerts        bool
	OnlyAttributeCerts bool     // lists nothing, since this CA issues none
	OnlySomeReasons    []Reason // any except Unspecified and RemoveFromCRL; nil: all; empty: a BIT STRING without bits
	Indirect           bool     // names the CA in the first entry, if Signer has another name (section 5.3.3)

	// Only reports which certificates the list covers; nil: all. With a
	// DistributionPoint the list is a shard, and says so. Without, it claims to be
	// complete and is not.
	//
	// Only is called for certificates that the CAs issued, and must not change
	// them. Other revoked serial numbers are on the list whatever Only says, so
	// that a client finds them on any shard.
	Only func(*x509.Certificate) bool

	// Shards, if not zero, makes the list one of so many shards, up to 65536, and
	// Shard says which, from 0. The shard of a certificate is its serial number
	// modulo Shards, as in [Servers.CRLShards]. Serial numbers that the CA did not
	// issue are on every shard. Only can leave out more.
	Shard, Shards int

	// Others are further CAs whose revocations are on the list. The list is then
	// Indirect, and the first entry of each CA names it. A CA with the signer's name
	// is the same CA with another key, as after a key rollover: its entries do not
	// name it, and it does not make the list Indirect. Base, Only and the fields
	// above apply to each CA, and Also only to the CA that makes the list.
	Others []*CA

	// Freshest holds the URLs of delta CRLs to this one (section 5.2.6).
	Freshest []string

	// Also holds further entries, for certificates that are not on record as
	// revoked. Only Serial, Status (Revoked), Reason, ExplicitReason and RevokedAt
	// are used.
	Also []Response

	// Signer signs the list, which then has its name and key identifier. The
	// default is the CA. A Leaf with the CA's Cert and another Key forges a
	// signature in the CA's name. An issuer of Indirect lists is made with
	//
	//	ca.Issue(&x509.Certificate{Subject: name, KeyUsage: x509.KeyUsageCRLSign})
	//
	// and certificates name it in CRLIssuer of a [CRLPoint]. crypto/x509 checks the
	// signature of a list only if a CA signed it; [CRLMessage.CheckSignatureFrom]
	// checks that of a CRL issuer too.
	Signer *Leaf

	// SignatureAlgorithm is how to sign. The default is that of a [Response].
	SignatureAlgorithm x509.SignatureAlgorithm

	// Edit changes the list before it is signed. If it sets a signature, that one
	// is kept. CRLExtensions starts with the authority key identifier and the CRL
	// number. The delta CRL indicator, the issuing distribution point and the
	// freshest CRL follow in this order, if they are there.
	Edit func(*CRLMessage)

	// Mutate changes the finished list.
	Mutate func(der []byte) []byte
}

// CRL makes a certificate revocation list of what is on record and returns its
// DER. Dates and reasons are those of OCSP responses made at the same time. CRL
// panics if c is impossible, and says what to write instead.
func (ca *CA) CRL(c CRL) []byte {
	if wrong := cmp.Or(c.check(), ca.checkOthers(c.Others)); wrong != "" {
		panic("fakeca: CRL: " + wrong)
	}
	signer, key := ca.signer(c.Signer)
	scheme := schemeFor(key.Public(), c.SignatureAlgorithm)

	now := second(ca.Now())
	times := Response{ThisUpdate: c.ThisUpdate, NextUpdate: c.NextUpdate, Forever: c.Forever}.withTimes(now)
	sections, from := ca.sections(&c, signer, now)
	if len(c.Others) > 0 && slices.ContainsFunc(sections, func(s section) bool { return !sameName(s.issuer, signer) }) {
		c.Indirect = true
	}
	byHand := c.Number != nil
	if !byHand {
		c.Number = from.number(times.ThisUpdate)
	}
	if byHand || len(c.Others) > 0 {
		ca.remember(c.Number, from) // any other number encodes it
	}
	m := &CRLMessage{
		TBSCertList: TBSCertList{
			Version:       1,
			Signature:     scheme.identifier.clone(),
			Issuer:        bytes.Clone(signer.RawSubject),
			ThisUpdate:    Time{Time: times.ThisUpdate},
			NextUpdate:    Time{Time: times.NextUpdate},
			CRLExtensions: c.extensions(signer),
		},
		SignatureAlgorithm: scheme.identifier.clone(),
	}
	if first := sections[0]; c.Edit == nil && !c.Indirect && len(first.entries) > 0 {
		m.RawRevokedCertificates = encodeRevocations(first.entries) // no Edit sees the entries
	} else {
		m.RevokedCertificates = revokedCertificates(sections, signer, c.Indirect) // nil if there are none (section 5.1.2.6)
	}
	if c.Edit != nil {
		c.Edit(m)
	}
	if m.SignatureValue == nil {
		m.TBSCertList.Raw = m.TBSCertList.Marshal() // once, to sign and to send
		m.SignatureValue = scheme.sign(key, m.TBSCertList.Raw)
	}
	der := m.Marshal()
	if c.Mutate != nil {
		der = c.Mutate(der)
	}
	return der
}

// listed returns the revocations that c lists, in the order of the serial
// numbers, and the revision of the record that they were read from. If c is a
// delta CRL, base is the revision of its base.
func (ca *CA) listed(c *CRL, base uint64, now time.Time) ([]revocation, uint64) {
	all, revision := ca.onRecord(c, base, now)
	if c.Only != nil { // outside of the lock, so that it can use the CA
		all = slices.DeleteFunc(all, func(r revocation) bool { return r.cert != nil && !c.Only(r.cert) })
	}
	if len(c.Also) > 0 {
		for _, r := range c.Also {
			all = append(all, r.revocation(r.Serial, now))
		}
		slices.SortStableFunc(all, compareSerials)
	}
	return all, revision
}

// onRecord returns what c lists without Only and Also.
func (ca *CA) onRecord(c *CRL, base uint64, now time.Time) ([]revocation, uint64) {
	ca.mu.Lock() // because the entries are put in order
	defer ca.mu.Unlock()
	entries := ca.listings.of(c)
	all := make([]revocation, 0, len(entries))
	for _, one := range entries {
		if r, ok := one.entry.listed(c, base, now); ok {
			r.cert = one.entry.cert
			all = append(all, r)
		}
	}
	return all, ca.revision
}

// check returns what is wrong with c and what to write instead, or "".
func (c *CRL) check() string {
	if wrong := checkTimes(c.Forever, c.NextUpdate, c.ThisUpdate); wrong != "" {
		return wrong
	}
	if c.Signer != nil && (c.Signer.Key == nil || c.Signer.Cert == nil) {
		return "Signer has no private key or no certificate; use ca.Issue(&x509.Certificate{KeyUsage: x509.KeyUsageCRLSign})"
	}
	point, freshest := c.issuingDistributionPoint().name(), pointName{urls: c.Freshest}
	for _, name := range []pointName{point, freshest} {
		if wrong := name.check(); wrong != "" {
			return wrong
		}
	}
	if wrong := checkReasonFlags("OnlySomeReasons", c.OnlySomeReasons); wrong != "" {
		return wrong
	}
	switch {
	case c.Shards < 0 || c.Shards > maxShards:
		return fmt.Sprintf("Shards is %d; use 1 to %d, or leave it out for a list of all", c.Shards, maxShards)
	case c.Shards == 0 && c.Shard != 0:
		return fmt.Sprintf("Shard is %d and Shards is zero; set Shards to how many there are", c.Shard)
	case c.Shards > 0 && (c.Shard < 0 || c.Shard >= c.Shards):
		return fmt.Sprintf("Shard is %d; of %d shards, the numbers are 0 to %d", c.Shard, c.Shards, c.Shards-1)
	}
	for i, r := range c.Also {
		wrong := r.check()
		switch {
		case r.Serial == nil:
			wrong = "Serial is missing; set it to leaf.Cert.SerialNumber"
		case wrong == "" && r.Status != Revoked:
			wrong = fmt.Sprintf("Status is %v, and a CRL lists only what is revoked; set Status: fakeca.Revoked", r.Status)
		}
		if wrong != "" {
			return fmt.Sprintf("Also[%d]: %s", i, wrong)
		}
	}
	return ""
}

// ParseCRL reads a CRL. It is as strict as [ParseCRLMessage], and also refuses
// what a CRL cannot hold: a CRL number, base number, issuing distribution point,
// freshest CRL or reason code that cannot be read; OtherNames of an
// [IssuingDistributionPoint]; more for the freshest CRL than the URLs of one
// point; and entries that name their certificate issuer.
//
// ParseCRL fills in Number, the times, Base, the fields of the issuing
// distribution point, Freshest and SignatureAlgorithm. All entries are in Also,
// with the fields that CRL uses. A list without a number has a nil Number. Other
// extensions, even critical ones, the version and the issuer are in the
// [CRLMessage].
func ParseCRL(der []byte) (CRL, error) {
	m, err := ParseCRLMessage(der)
	if err != nil {
		return CRL{}, err
	}
	c, err := m.crl()
	if err != nil {
		return CRL{}, fmt.Errorf("fakeca: CRL: %w", err)
	}
	return c, nil
}

func (m *CRLMessage) crl() (CRL, error) {
	c := CRL{
		ThisUpdate:         m.ThisUpdate.Time,
		NextUpdate:         m.NextUpdate.Time,
		Forever:            m.NextUpdate.IsZero(),
		SignatureAlgorithm: m.SignatureAlgorithm.SignatureAlgorithm(),
	}
	if err := c.readExtensions(&m.TBSCertList); err != nil {
		return CRL{}, within("crlExtensions", err)
	}
	if n := len(m.RevokedCertificates); n > 0 {
		c.Also = make([]Response, n)
	}
	for i := range m.RevokedCertificates {
		var err error
		if c.Also[i], err = m.RevokedCertificates[i].response(); err != nil {
			return CRL{}, within("revokedCertificates", within(fmt.Sprintf("entry %d", i), err))
		}
	}
	return c, nil
}

func (c *CRL) readExtensions(l *TBSCertList) error {
	var err error
	if c.Number, err = l.Number(); err != nil {
		return err
	}
	if c.Base, err = l.BaseNumber(); err != nil {
		return err
	}
	p, err := l.IssuingDistributionPoint()
	switch {
	case err != nil:
		return err
	case p != nil && p.isZero():
		return within("issuingDistributionPoint", errors.New("it says nothing, which a CRL cannot hold; use ParseCRLMessage"))
	case p != nil && p.OtherNames != nil:
		return within("issuingDistributionPoint", errors.New("a name is neither a URL nor a directoryName; use ParseCRLMessage"))
	case p != nil:
		c.DistributionPoint, c.DirectoryNames, c.RelativeName = p.URLs, p.DirectoryNames, p.RelativeName
		c.OnlyUserCerts, c.OnlyCACerts, c.OnlyAttributeCerts = p.OnlyUserCerts, p.OnlyCACerts, p.OnlyAttributeCerts
		c.OnlySomeReasons, c.Indirect = p.OnlySomeReasons, p.Indirect
	}
	points, err := FreshestCRLOf(l.CRLExtensions)
	if err != nil || points == nil {
		return err
	}
	first := points[0]
	onlyURLs := first.URLs != nil && first.DirectoryNames == nil && first.OtherNames == nil && first.Reasons == nil && first.CRLIssuer == nil
	if len(points) > 1 || !onlyURLs {
		return within("freshestCRL", errors.New("not one point of URLs only; use FreshestCRLOf"))
	}
	c.Freshest = first.URLs
	return nil
}

// response describes the entry, as it is in CRL.Also.
func (c *RevokedCertificate) response() (Response, error) {
	r := Response{Serial: c.SerialNumber, Status: Revoked, RevokedAt: c.RevocationDate.Time}
	issuer, err := c.CertificateIssuer()
	if err == nil && issuer != nil {
		err = within("certificateIssuer", errors.New("a CRL cannot hold it; use ParseCRLMessage"))
	}
	if err != nil {
		return r, within("crlEntryExtensions", err)
	}
	reason, err := c.Reason()
	if reason != nil {
		r.Reason, r.ExplicitReason = *reason, *reason == Unspecified
	}
	return r, within("crlEntryExtensions", err)
}
