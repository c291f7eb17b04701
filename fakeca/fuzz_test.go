package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Marshal returns the bytes that ParseMessage read, and errors have our prefix.
func FuzzParseResponse(f *testing.F) {
	ca, leaf := world()
	for _, fault := range allFaults() {
		f.Add(leaf.Staple(fault.response()))
	}
	for _, a := range signatureAlgorithms {
		signer := fakeca.New(fakeca.WithKey(a.key()))
		f.Add(signer.Sign(leaf.Cert.SerialNumber, fakeca.Response{SignatureAlgorithm: a.algorithm, ByKey: true}))
	}
	f.Add(leaf.Staple(fakeca.Response{Signer: ca.OCSPSigner(), Also: make([]fakeca.Response, 2)}))
	const prefix = "fakeca: OCSP response: "
	f.Fuzz(func(t *testing.T, der []byte) {
		given := bytes.Clone(der)
		r, err := fakeca.ParseResponse(der)
		m, messageErr := fakeca.ParseMessage(der)
		lenient, lenientErr := fakeca.ParseMessageLenient(der)
		if !bytes.Equal(der, given) {
			t.Fatal("the parser wrote to its argument")
		}
		if err != nil && !strings.HasPrefix(err.Error(), prefix) {
			t.Errorf("%v", err)
		}
		if lenientErr == nil && !bytes.Equal(lenient.Marshal(), der) {
			t.Errorf("Marshal of a lenient reading gives\n%x of\n%x", lenient.Marshal(), der)
		}
		if lenientErr != nil && messageErr == nil {
			t.Errorf("ParseMessageLenient refuses what ParseMessage reads: %v", lenientErr)
		}
		if messageErr != nil {
			if err == nil {
				t.Errorf("ParseResponse reads what ParseMessage refuses: %v", messageErr)
			}
			if m != nil || !strings.HasPrefix(messageErr.Error(), prefix) {
				t.Errorf("%v, %v", m, messageErr)
			}
			return
		}
		if !bytes.Equal(m.Marshal(), der) {
			t.Errorf("Marshal gives\n%x of\n%x", m.Marshal(), der)
		}
		if err != nil {
			return
		}
		if m.ResponseBytes != nil {
			_ = m.CheckSignatureFrom(leaf.Issuer.Cert)
		}
		checkSignsAgain(t, ca, r)
	})
}

// checkSignsAgain signs a parsed response again and checks that it says the same.
func checkSignsAgain(t *testing.T, ca *fakeca.CA, r fakeca.Response) {
	t.Helper()
	r.SignatureAlgorithm = 0 // it is another key
	// A zero time means the default.
	for _, s := range append(slices.Clone(r.Also), r) {
		if s.Error == 0 && (s.ThisUpdate.IsZero() || r.ProducedAt.IsZero() || s.Status == fakeca.Revoked && s.RevokedAt.IsZero()) {
			return
		}
	}
	again, err := fakeca.ParseResponse(ca.Sign(nil, r))
	if err != nil {
		t.Fatal(err)
	}
	again.SignatureAlgorithm = 0
	if diff := cmp.Diff(r, again, bigInts); diff != "" {
		t.Errorf("signed again it says something else:\n%s", diff)
	}
}

// Marshal returns the bytes that ParseCRLMessage read, crypto/x509 reads the same
// if it accepts the list, what ParseCRL reads can be made again, and errors have
// our prefix.
func FuzzParseCRL(f *testing.F) {
	ca, _ := world()
	for _, der := range manyLists() {
		f.Add(der)
	}
	v1 := smallList()
	v1.Version, v1.CRLExtensions, v1.RevokedCertificates[1].Extensions = 0, nil, nil
	f.Add(v1.Marshal())
	const prefix = "fakeca: CRL: "
	f.Fuzz(func(t *testing.T, der []byte) {
		given := bytes.Clone(der)
		c, crlErr := fakeca.ParseCRL(der)
		m, err := fakeca.ParseCRLMessage(der)
		if !bytes.Equal(der, given) {
			t.Fatal("the parser wrote to its argument")
		}
		if crlErr != nil && !strings.HasPrefix(crlErr.Error(), prefix) {
			t.Errorf("%v", crlErr)
		}
		if err != nil {
			if crlErr == nil {
				t.Errorf("ParseCRL reads what ParseCRLMessage refuses: %v", err)
			}
			if m != nil || !strings.HasPrefix(err.Error(), prefix) {
				t.Errorf("%v, %v", m, err)
			}
			return
		}
		if !bytes.Equal(m.Marshal(), der) {
			t.Errorf("Marshal gives\n%x of\n%x", m.Marshal(), der)
		}
		_ = m.CheckSignatureFrom(ca.Cert)
		for _, a := range accessors {
			if a.number != 21 && a.number != 24 && a.number != 29 || len(m.RevokedCertificates) > 0 {
				_, _ = a.read(m)
			}
		}
		if crlErr == nil {
			checkListsAgain(t, c)
		}
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			return
		}
		if diff := diffCRL(list, m); diff != "" {
			t.Errorf("(-x509 +fakeca):\n%s", diff)
		}
	})
}

// checkListsAgain makes a parsed list again and checks that it says the same.
func checkListsAgain(t *testing.T, c fakeca.CRL) {
	t.Helper()
	ca := fakeca.New(fakeca.WithClock(clock), fakeca.WithKey(p256()))
	c.SignatureAlgorithm = 0 // it is another key
	if c.Number == nil || c.ThisUpdate.IsZero() || slices.ContainsFunc(c.Also, func(r fakeca.Response) bool { return r.RevokedAt.IsZero() }) {
		return // what is zero means the default
	}
	again, err := fakeca.ParseCRL(ca.CRL(c))
	if err != nil {
		t.Fatal(err)
	}
	again.SignatureAlgorithm = 0
	slices.SortStableFunc(c.Also, func(a, b fakeca.Response) int { return a.Serial.Cmp(b.Serial) })
	if diff := cmp.Diff(c, again, bigInts); diff != "" {
		t.Errorf("made again it says something else:\n%s", diff)
	}
}

// Distribution points that were parsed can be made again.
func FuzzCRLPoints(f *testing.F) {
	for _, p := range []fakeca.CRLPoint{
		{},
		{URLs: []string{"http://a", "ldap://b"}, Reasons: []fakeca.Reason{fakeca.AACompromise}, CRLIssuer: [][]byte{nameDER("a")}},
		{DirectoryNames: [][]byte{nameDER("a")}, OtherNames: [][]byte{dnsName}, Reasons: []fakeca.Reason{}},
		{RelativeName: relativeDER("a")},
	} {
		f.Add(fakeca.CRLDistributionPoints(p, p).Value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		e := fakeca.CRLDistributionPoints(fakeca.CRLPoint{})
		e.Value = value
		points, err := fakeca.CRLPointsOf([]pkix.Extension{e})
		if err != nil {
			if points != nil || !strings.HasPrefix(err.Error(), "cRLDistributionPoints: ") {
				t.Errorf("%v, %v", points, err)
			}
			return
		}
		e = fakeca.CRLDistributionPoints(points...)
		again, err := fakeca.CRLPointsOf([]pkix.Extension{e})
		if diff := cmp.Diff(points, again); diff != "" || err != nil {
			t.Errorf("made again they are something else: %v\n%s", err, diff)
		}
		for _, p := range points {
			_ = p.Names(nameDER("a"))
		}
	})
}

// A Response from JSON survives a round trip.
func FuzzResponseJSON(f *testing.F) {
	for _, r := range []fakeca.Response{
		{},
		{Status: fakeca.ServerFailed},
		{Status: fakeca.Unknown, ThisUpdate: at(0), NextUpdate: at(time.Hour), ProducedAt: at(time.Second)},
		{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise, RevokedAt: time.UnixMilli(-62167219200000)},
	} {
		f.Add(must(json.Marshal(r)))
	}
	f.Add([]byte(`{"status":"revoked","revocation_reason":"keyCompromise","revoked_at":null,"this_update":253402300799999}`))
	f.Add([]byte(`{"status":"good","this_update":1e3}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second fakeca.Response
		if err := first.UnmarshalJSON(data); err != nil {
			if !strings.HasPrefix(err.Error(), "fakeca: Response in JSON: ") {
				t.Errorf("%v", err)
			}
			return
		}
		text, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &second); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(first, second, bigInts); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

func FuzzStatusText(f *testing.F) {
	for s := fakeca.Good; s <= fakeca.ServerFailed; s++ {
		f.Add([]byte(s.String()))
	}
	f.Add([]byte("Good"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s fakeca.Status
		if err := s.UnmarshalText(text); err != nil {
			if !strings.HasPrefix(err.Error(), "fakeca: there is no status ") {
				t.Errorf("%v", err)
			}
			return
		}
		if back, err := s.MarshalText(); err != nil || !bytes.Equal(back, text) {
			t.Errorf("%q is written as %q, %v", text, back, err)
		}
	})
}

func FuzzReasonText(f *testing.F) {
	for r := fakeca.Unspecified; r <= fakeca.AACompromise; r++ {
		f.Add([]byte(r.String()))
	}
	f.Add([]byte("cACompromise"))
	f.Add([]byte("removeFromCRL"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r, back fakeca.Reason
		if err := r.UnmarshalText(text); err != nil {
			if !strings.HasPrefix(err.Error(), "fakeca: there is no reason ") {
				t.Errorf("%v", err)
			}
			return
		}
		written, err := r.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := back.UnmarshalText(written); err != nil || back != r {
			t.Errorf("%q is %v, written as %q, read as %v, %v", text, r, written, back, err)
		}
	})
}

// A CA that was loaded can issue and sign.
func FuzzLoad(f *testing.F) {
	root := fakeca.New()
	ca := root.Intermediate()
	f.Add(root.CertPEM(), root.KeyPEM())
	f.Add(slices.Concat(ca.CertPEM(), root.CertPEM()), ca.KeyPEM())
	f.Add(slices.Concat(root.CertPEM(), ca.CertPEM()), root.KeyPEM())
	f.Add(ca.Leaf().CertPEM(), ca.KeyPEM())
	f.Add(ca.KeyPEM(), ca.CertPEM())
	f.Add(fakeca.New(fakeca.WithKey(ed())).CertPEM(), pemOf("ENCRYPTED PRIVATE KEY", nil))
	f.Add(pemOf("CERTIFICATE", nil), pemOf("EC PRIVATE KEY", nil))
	f.Add([]byte{}, pemOf("RSA PRIVATE KEY", []byte{0x30}))
	f.Add(root.Cert.Raw, must(x509.MarshalPKCS8PrivateKey(root.Key)))
	f.Fuzz(func(t *testing.T, cert, key []byte) {
		checkLoad(t, cert, key)
		checkLoad(t, pemOf("CERTIFICATE", cert), pemOf("PRIVATE KEY", key))
	})
}

func checkLoad(t *testing.T, certPEM, keyPEM []byte) {
	t.Helper()
	ca, err := fakeca.Load(certPEM, keyPEM)
	if err != nil {
		if ca != nil || !strings.HasPrefix(err.Error(), "fakeca: Load: ") {
			t.Errorf("%v, %v", ca, err)
		}
		return
	}
	leaf := ca.Leaf()
	if !bytes.Equal(leaf.Cert.RawIssuer, ca.Cert.RawSubject) {
		t.Errorf("issued by %v, not %v", leaf.Cert.Issuer, ca.Cert.Subject)
	}
	if _, err := fakeca.ParseResponse(leaf.Staple(fakeca.Response{})); err != nil {
		t.Error(err)
	}
}
