package fakeca

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// An entry is what is on record about one certificate.
type entry struct {
	serial   *big.Int
	response Response
	cert     *x509.Certificate // the last one issued with this serial; nil: none

	// For delta CRLs: the revision at which a revocation was last set, changed or
	// undone, and those that were changed or undone, at most one for each reason.
	changed uint64
	former  []formerRevocation
}

// Set puts on record what the CA says about the certificate with this serial
// number, which need not be one that the CA issued. Every staple, responder and
// CRL made from this CA says so from now on.
func (ca *CA) Set(serial *big.Int, r Response) {
	if serial == nil {
		panic("fakeca: Set needs a serial number; give it leaf.Cert.SerialNumber")
	}
	r.mustBeValid()
	r = r.clone()
	now := second(ca.Now())
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.set(serial, now, r)
}

// set is Set with the lock held. It keeps r.
func (ca *CA) set(serial *big.Int, now time.Time, r Response) {
	ca.revision++
	e, _ := ca.entry(serial)
	wasListed := e.changed != 0
	was := e.response
	if was.Status == Revoked && (r.Status != Revoked || r.Reason != was.Reason) {
		e.addFormer(was.revocation(e.serial, now), ca.revision)
	}
	if was.Status == Revoked || r.Status == Revoked {
		e.changed = ca.revision
	}
	e.response = r
	if e.changed != 0 && !wasListed {
		ca.listings.add(e)
	}
}

// entry returns the entry for a serial number, and whether it is new.
func (ca *CA) entry(serial *big.Int) (e *entry, isNew bool) {
	key := serialKey(serial)
	if e := ca.record[key]; e != nil {
		return e, false
	}
	e = &entry{serial: new(big.Int).Set(serial)}
	ca.record[key] = e
	return e, true
}

// Revoke puts on record that the certificate with this serial number is revoked.
// The revocation is dated two hours before now, which is one hour before the
// thisUpdate of a response made now, and keeps that date. Revoke keeps how the
// response on record is signed: its Hash, Signer, SignatureAlgorithm, ByKey and
// OmitCert.
//
// Revoke accepts RemoveFromCRL, which is a reason only in delta CRLs (RFC 5280
// section 5.3.1).
func (ca *CA) Revoke(serial *big.Int, why Reason) {
	if serial == nil {
		panic("fakeca: Revoke needs a serial number; give it leaf.Cert.SerialNumber")
	}
	if !why.valid() {
		panic(fmt.Sprintf("fakeca: Revoke: there is no reason %d; use KeyCompromise or another of the ten (RFC 5280 section 5.3.1)", int(why)))
	}
	now := second(ca.Now())
	ca.mu.Lock()
	defer ca.mu.Unlock()
	e, _ := ca.entry(serial)
	was := e.response
	ca.set(serial, now, Response{
		Status: Revoked, Reason: why, RevokedAt: now.Add(-age - revokedBefore),
		Hash: was.Hash, Signer: was.Signer, SignatureAlgorithm: was.SignatureAlgorithm, ByKey: was.ByKey, OmitCert: was.OmitCert,
	})
}

// Lookup returns what is on record: what [CA.Set] or [CA.Revoke] put there, else
// Good for a certificate that the CA issued, and Unknown for any other.
func (ca *CA) Lookup(serial *big.Int) Response {
	if serial == nil {
		panic("fakeca: Lookup needs a serial number; give it leaf.Cert.SerialNumber")
	}
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	e, ok := ca.record[serialKey(serial)]
	if !ok {
		return Response{Status: Unknown}
	}
	return e.response.clone()
}

// Revoked returns what is on record as revoked, in the order of the serial
// numbers. Each Response has Serial, Status, Reason, ExplicitReason, and the
// RevokedAt that an OCSP response made now has. Certificates whose status on
// record is Unknown or an error are not included.
func (ca *CA) Revoked() []Response {
	now := second(ca.Now())
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	var all []Response
	for _, e := range ca.record {
		if e.response.Status == Revoked {
			r := e.response.revocation(e.serial, now)
			all = append(all, Response{
				Serial:         new(big.Int).Set(e.serial),
				Status:         Revoked,
				Reason:         r.reason,
				ExplicitReason: r.explicitReason,
				RevokedAt:      r.at,
			})
		}
	}
	slices.SortFunc(all, func(a, b Response) int { return a.Serial.Cmp(b.Serial) })
	return all
}

// Issued returns the certificates that the CA issued, in the order of their serial
// numbers. A root's own certificate is among them. If several have the same serial
// number, only the last one is included.
func (ca *CA) Issued() []*x509.Certificate {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	var all []*x509.Certificate
	for _, e := range ca.record {
		if e.cert != nil {
			all = append(all, e.cert)
		}
	}
	slices.SortFunc(all, func(a, b *x509.Certificate) int { return a.SerialNumber.Cmp(b.SerialNumber) })
	return all
}

// Revision returns a number that grows with each change of the record. What was
// made from the record is up to date as long as the number stays the same.
func (ca *CA) Revision() uint64 {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	return ca.revision
}

// recordIssued puts on record that a certificate was issued.
func (ca *CA) recordIssued(cert *x509.Certificate) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	e, isNew := ca.entry(cert.SerialNumber)
	wasIssued := e.cert != nil
	e.cert = cert
	if isNew {
		ca.revision++
	}
	if e.changed != 0 && !wasIssued {
		ca.listings.issued(e)
	}
}

func serialKey(serial *big.Int) string { return serial.Text(16) }

// A revocation is an entry of a CRL.
type revocation struct {
	serial         *big.Int
	at             time.Time
	reason         Reason
	explicitReason bool
	cert           *x509.Certificate // nil if the CA did not issue it
}

// hasReason reports whether the entry has a reasonCode.
func (r *revocation) hasReason() bool { return r.reason != Unspecified || r.explicitReason }

// revocation returns the entry for r, which is Revoked, in a CRL made now.
func (r *Response) revocation(serial *big.Int, now time.Time) revocation {
	at := r.RevokedAt
	if at.IsZero() {
		at = r.withTimes(now).RevokedAt
	}
	return revocation{serial: serial, at: at, reason: r.Reason, explicitReason: r.ExplicitReason}
}

// clone copies what r points to, so that the caller and the record cannot change
// each other's.
func (r Response) clone() Response {
	if r.Serial != nil {
		r.Serial = new(big.Int).Set(r.Serial)
	}
	r.Nonce = slices.Clone(r.Nonce)
	r.Also = slices.Clone(r.Also)
	for i := range r.Also {
		r.Also[i] = r.Also[i].clone()
	}
	return r
}
