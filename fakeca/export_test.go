package fakeca

import (
	"crypto/x509"
	"math/big"
)

// RecordIssued puts on record that cert was issued with this serial number, for
// tests of records that are too large to issue every certificate.
func (ca *CA) RecordIssued(serial *big.Int, cert *x509.Certificate) {
	copied := *cert
	copied.SerialNumber = serial
	ca.recordIssued(&copied)
	ca.record[serialKey(serial)].cert = cert
}
