package fakeca

import (
	"math/big"
	"slices"
	"time"
)

// Set puts on record what the CA says of the certificate with this serial
// number, whether the CA issued it or not. It changes at once what every
// staple, responder and CRL made from this CA says.
func (ca *CA) Set(serial *big.Int, r Response) {
	if serial == nil {
		panic("fakeca: Set needs a serial number; give it leaf.Cert.SerialNumber")
	}
	r.mustMakeSense()
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.record[serialKey(serial)] = r.clone()
	ca.revision++
}

// Revoke puts on record that the certificate with this serial number is
// revoked. The revocation is dated two hours before now, one hour before the
// thisUpdate of an answer made now, and stays so as time goes on.
func (ca *CA) Revoke(serial *big.Int, why Reason) {
	if serial == nil {
		panic("fakeca: Revoke needs a serial number; give it leaf.Cert.SerialNumber")
	}
	thisUpdate := second(ca.Now()).Add(-age)
	ca.Set(serial, Response{Status: Revoked, Reason: why, RevokedAt: thisUpdate.Add(-revokedBefore)})
}

// Lookup returns what is on record: what was [CA.Set], Good for what the CA
// issued, and Unknown for all else.
func (ca *CA) Lookup(serial *big.Int) Response {
	if serial == nil {
		panic("fakeca: Lookup needs a serial number; give it leaf.Cert.SerialNumber")
	}
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	r, ok := ca.record[serialKey(serial)]
	if !ok {
		return Response{Status: Unknown}
	}
	return r.clone()
}

// Revision returns a number that grows each time that the record changes. What
// was made from the record is as new as the record while the number stays.
func (ca *CA) Revision() uint64 {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	return ca.revision
}

func serialKey(serial *big.Int) string { return serial.Text(16) }

// clone copies what r points to, so that neither side sees the other change it.
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

// second is t as far as a GeneralizedTime tells it.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
