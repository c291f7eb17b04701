package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
)

// secrets returns the private part of a key in the forms in which Go prints bytes.
func secrets(key crypto.Signer) []string {
	var secret []byte
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		secret = must(k.Bytes())
	case *rsa.PrivateKey:
		secret = k.D.Bytes()
	case ed25519.PrivateKey:
		secret = k.Seed()
	}
	hexadecimal := fmt.Sprintf("%#v", secret)
	return []string{
		fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), new(big.Int).SetBytes(secret).String(),
		strings.Trim(fmt.Sprint(secret), "[]"), hexadecimal[len("[]byte{") : len(hexadecimal)-1],
		base64.StdEncoding.EncodeToString(secret)[:20],
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]crypto.Signer{"ECDSA": p384(), "RSA": rsa2048(), "Ed25519": ed()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithKey(key))
			leaf := ca.Issue(&x509.Certificate{PublicKey: key})
			var log bytes.Buffer
			for handler, logger := range map[string]*slog.Logger{
				"text": slog.New(slog.NewTextHandler(&log, nil)), "JSON": slog.New(slog.NewJSONHandler(&log, nil)),
			} {
				logger.Info(handler, "leaf", leaf, "ca", ca)
			}
			printed := map[string]string{"log": log.String()}
			for _, v := range []any{
				leaf, *leaf, ca, []*fakeca.Leaf{leaf}, []fakeca.Leaf{*leaf}, []*fakeca.CA{ca},
				fakeca.Response{Signer: leaf}, fakeca.CRL{Signer: leaf},
			} {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
					printed[fmt.Sprintf("%s of %T", verb, v)] = fmt.Sprintf(verb, v)
				}
				if _, ok := v.(fakeca.CRL); !ok { // whose functions have no JSON
					printed[fmt.Sprintf("JSON of %T", v)] = string(must(json.Marshal(v)))
				}
			}
			for what, text := range printed {
				for _, secret := range secrets(key) {
					if strings.Contains(text, secret) {
						t.Errorf("%s shows the key: %s", what, text)
						break
					}
				}
			}
		})
	}
}

func TestLeafAndCAText(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithName("root"), fakeca.WithTemplate(&x509.Certificate{SerialNumber: big.NewInt(10)}))
	ca := root.Intermediate(fakeca.WithName("issuing"), fakeca.WithTemplate(&x509.Certificate{SerialNumber: big.NewInt(11)}))
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0x2a), DNSNames: []string{"a.test"}})
	tests := []struct {
		name string
		v    interface {
			fmt.Stringer
			fmt.GoStringer
			GomegaString() string
		}
		text string
		json string
	}{
		{"root", root, "CN=root, serial a, issued by CN=root", `{"subject":"CN=root","serial":"a","issuer":"CN=root"}`},
		{"intermediate", ca, "CN=issuing, serial b, issued by CN=root", `{"subject":"CN=issuing","serial":"b","issuer":"CN=root"}`},
		{"leaf", leaf, "CN=a.test, serial 2a, issued by CN=issuing", `{"subject":"CN=a.test","serial":"2a","issuer":"CN=issuing"}`},
		{"empty leaf", fakeca.Leaf{}, "no certificate", `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.v.String(); got != tt.text {
				t.Errorf("String: %s, want %s", got, tt.text)
			}
			if got := tt.v.GomegaString(); got != tt.text {
				t.Errorf("GomegaString: %s, want %s", got, tt.text)
			}
			if got := string(must(json.Marshal(tt.v))); got != tt.json {
				t.Errorf("JSON: %s, want %s", got, tt.json)
			}
		})
	}
}
