package conformance

import (
	"crypto/x509"
	"encoding/asn1"
	"testing"
)

// TestUnusedBitIsSet shows that the bit that encoding/signature-unused-bits
// declares unused is 1 in every world. If it was 0 in some, a client that reads
// unused bits as 0 would accept those.
func TestUnusedBitIsSet(t *testing.T) {
	t.Parallel()
	for range 20 {
		inWorld(t, "encoding/signature-unused-bits", func(t *testing.T, _ Case, w *world) {
			var response struct {
				Status asn1.Enumerated
				Bytes  struct {
					Type     asn1.ObjectIdentifier
					Response []byte
				} `asn1:"explicit,tag:0"`
			}
			must(asn1.Unmarshal(must(w.stapled(t.Context())), &response))
			var basic struct{ Data, Algorithm, Signature asn1.RawValue }
			must(asn1.Unmarshal(response.Bytes.Response, &basic))
			unused, signature := basic.Signature.Bytes[0], basic.Signature.Bytes[1:]
			if last := signature[len(signature)-1]; unused != 1 || last&1 != 1 {
				t.Errorf("%d unused bits, and the last byte is %#x", unused, last)
			}
			if err := w.ca.Cert.CheckSignature(x509.ECDSAWithSHA256, basic.Data.FullBytes, signature); err != nil {
				t.Errorf("with all its bits: %v", err)
			}
		})
	}
}
