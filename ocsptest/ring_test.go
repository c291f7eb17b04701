package ocsptest

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestRing(t *testing.T) {
	t.Parallel()
	var r ring[int]
	check := func(what string, want []int, dropped int) {
		t.Helper()
		if diff := cmp.Diff(want, r.all()); diff != "" || r.dropped != dropped {
			t.Errorf("%s: dropped %d, want %d; records (-want +got):\n%s", what, r.dropped, dropped, diff)
		}
	}
	check("empty", []int{}, 0)
	first := r.add(1, 10)
	second := r.add(2, 10)
	check("two", []int{1, 2}, 0)
	r.grow(second, maxBytes-20)
	check("full", []int{1, 2}, 0)
	r.grow(first, 1)
	check("a byte more", []int{2}, 1)
	r.grow(first, maxBytes) // it is not kept any more
	check("what is dropped grows", []int{2}, 1)
	r.grow(second, 1000)
	check("the newest stays, whatever it holds", []int{2}, 1)
	r.add(3, 0)
	check("until there is a newer one", []int{3}, 2)
	r.clear()
	check("cleared", []int{}, 0)
	for i := range maxRecords + 2 {
		r.add(i, 1)
	}
	if all := r.all(); len(all) != maxRecords || all[0] != 2 || r.dropped != 2 || r.bytes != maxRecords {
		t.Errorf("%d records from %d, %d bytes, %d dropped", len(all), all[0], r.bytes, r.dropped)
	}
}

// Handshakes that fail with long texts, as with a list of protocols of 60 KB,
// do not fill the memory.
func TestRecorderIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	large := strings.Repeat("x", 1<<20)
	tests := []struct {
		name   string
		record func(a *attempt)
		kept   int
	}{
		{"error", func(a *attempt) { a.Err = errors.New(large) }, 63},
		{"server name", func(a *attempt) { a.ServerName = large }, 63},
		{"a staple for each", func(a *attempt) { a.Staple = []byte(large) }, 63},
		{"one staple for all", func(a *attempt) { a.Staple = oneStaple }, 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{ca: ca}
			for range 100 {
				a := r.begin(&tls.ClientHelloInfo{})
				r.end(a, func() { test.record(a) })
			}
			all, dropped := r.all()
			if len(all) != test.kept || dropped != 100-test.kept {
				t.Errorf("%d kept and %d dropped, want %d kept", len(all), dropped, test.kept)
			}
		})
	}
}

var oneStaple = make([]byte, 1<<20)
