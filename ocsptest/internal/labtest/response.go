package labtest

import (
	"crypto"
	"fmt"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Status returns the status that a response says, with the reason or the error.
// Without a response it is "none".
func Status(der []byte) string {
	if der == nil {
		return "none"
	}
	r, err := fakeca.ParseResponse(der)
	switch {
	case err != nil:
		return err.Error()
	case r.Status == fakeca.Revoked:
		return fmt.Sprintf("%v (%v)", r.Status, r.Reason)
	case r.Status == fakeca.ServerFailed:
		return fmt.Sprintf("%v (%v)", r.Status, r.Error)
	}
	return r.Status.String()
}

// Said returns what a response says: for each certificate its status and its
// CertID, and the nonce.
func Said(der []byte) string {
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err.Error()
	}
	if m.ResponseBytes == nil {
		return Status(der)
	}
	var all []string
	for _, single := range m.Responses {
		id := single.CertID
		text := fmt.Sprintf("%v %x", single.CertStatus.Status, id.SerialNumber)
		if hash := id.HashAlgorithm.Hash(); hash != crypto.SHA1 {
			text += fmt.Sprintf(" by %v", hash)
		}
		if id.HashAlgorithm.Parameters == nil {
			text += " without NULL"
		}
		all = append(all, text)
	}
	for _, e := range m.ResponseExtensions {
		if fakeca.IsNonce(e) {
			all = append(all, fmt.Sprintf("nonce %x", e.Value))
		}
	}
	return strings.Join(all, ", ")
}

// SignedBy returns an error if the CA did not sign a response.
func SignedBy(ca *fakeca.CA, der []byte) error {
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err
	}
	return ca.Cert.CheckSignature(m.SignatureAlgorithm.SignatureAlgorithm(), m.ResponseData.Marshal(), m.Signature)
}
