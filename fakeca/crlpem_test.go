package fakeca_test

import (
	"bytes"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestCRLPEM(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	lists := [][]byte{root.CRL(fakeca.CRL{}), root.Intermediate().CRL(fakeca.CRL{}), []byte("no list")}
	rest := fakeca.CRLPEM(lists...)
	for i, want := range lists {
		if !strings.HasPrefix(string(rest), "-----BEGIN X509 CRL-----\n") {
			t.Fatalf("list %d is\n%s", i, rest)
		}
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil || !bytes.Equal(block.Bytes, want) || len(block.Headers) > 0 {
			t.Errorf("list %d is %v, want %x", i, block, want)
		}
	}
	if len(rest) > 0 {
		t.Errorf("then comes %q", rest)
	}
	if none := fakeca.CRLPEM(); len(none) > 0 {
		t.Errorf("of none: %q", none)
	}
}
