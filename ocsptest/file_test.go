package ocsptest_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A CRL is made again only when the record has changed or an hour has passed.
func TestFilesAreCached(t *testing.T) {
	t.Parallel()
	clock := labtest.NewClock()
	ca := fakeca.New(clock.Option())
	r := ocsptest.NewUnstartedResponder(ca)
	other := fakeca.New(clock.Option())
	made := 0
	r.SetCRL(ca, fakeca.CRL{Edit: func(*fakeca.CRLMessage) { made++ }})
	read := func() string { return string(labtest.InProcess(r, labtest.GetRequest("/onecrl")).Body) }
	for _, step := range []struct {
		name   string
		do     func()
		crl    bool // is made again
		onecrl bool // differs
	}{
		{name: "first", do: func() {}, crl: true},
		{name: "again", do: func() {}},
		{name: "revoked", do: func() { ca.Revoke(big.NewInt(1), fakeca.KeyCompromise) }, crl: true, onecrl: true},
		{name: "almost an hour later", do: func() { clock.Now = clock.Now.Add(time.Hour - 1) }},
		{name: "an hour later", do: func() { clock.Now = clock.Now.Add(1) }, crl: true},
		{name: "a second before", do: func() { clock.Now = clock.Now.Add(-time.Second) }, crl: true},
		{name: "a CA more", do: func() { r.Add(other) }},
		{name: "revoked by the other", do: func() { other.Revoke(big.NewInt(1), fakeca.KeyCompromise) }, onecrl: true},
		{name: "unrevoked", do: func() { ca.Set(big.NewInt(1), fakeca.Response{}) }, crl: true, onecrl: true},
	} {
		before := read()
		made = 0
		step.do()
		for range 2 {
			labtest.InProcess(r, labtest.GetRequest("/crl/0"))
		}
		if got := made == 1; got != step.crl || made > 1 {
			t.Errorf("%s: the CRL was made %d times, want made again: %v", step.name, made, step.crl)
		}
		if got := read() != before; got != step.onecrl {
			t.Errorf("%s: OneCRL differs: %v, want %v", step.name, got, step.onecrl)
		}
	}
}
