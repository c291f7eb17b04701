package fakeca_test

import (
	"crypto/x509"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A historyStep is what is on record about each serial number, and which of them
// changed at this step.
type historyStep struct {
	revoked map[int64]fakeca.Reason
	changed map[int64]bool
	numbers []*big.Int // of the lists that were made after it
}

// listing returns the entries that a list must have, by RFC 5280 section 5.2.4: a
// complete one if base is negative, and else a delta to the list made after the
// step of that index. Each is a serial number and a reason.
func listing(history []historyStep, base int, inScope func(int64, fakeca.Reason) bool) []string {
	last := len(history) - 1
	var all []string
	for serial := int64(1); serial <= historySerials; serial++ {
		isRevoked, wasListed, isChanged := false, false, base < 0
		for i, step := range history {
			reason, revoked := step.revoked[serial]
			listed := revoked && inScope(serial, reason)
			switch {
			case i == last && listed:
				isRevoked = true
			case i >= base && listed:
				wasListed = true
			}
			isChanged = isChanged || i > base && step.changed[serial]
		}
		reason, revokedNow := history[last].revoked[serial]
		switch {
		case !isChanged:
		case isRevoked: // (a)
			all = append(all, fmt.Sprint(serial, " ", reason))
		case base < 0 || !wasListed: // (d)
		case revokedNow: // (c)
			all = append(all, fmt.Sprint(serial, " ", fakeca.Unspecified))
		default: // (b)
			all = append(all, fmt.Sprint(serial, " ", fakeca.RemoveFromCRL))
		}
	}
	return all
}

const historySerials = 8 // of which 1 to 4 are users', 5 and 6 CAs', and 7 and 8 not issued

func reasonsListed(list *x509.RevocationList) []string {
	var all []string
	for _, e := range list.RevokedCertificateEntries {
		all = append(all, fmt.Sprint(e.SerialNumber, " ", fakeca.Reason(e.ReasonCode)))
	}
	return all
}

// A delta to any list that was made before, of each scope and whoever numbered it,
// has what changed since.
func TestDeltaToAnyBase(t *testing.T) {
	t.Parallel()
	reasons := []fakeca.Reason{fakeca.CertificateHold, fakeca.Superseded, fakeca.KeyCompromise, fakeca.Unspecified}
	isCA := func(serial int64) bool { return serial == 5 || serial == 6 }
	onShard := func(serial int64) bool { return serial > 6 || serial%2 == 0 }
	url := []string{"http://crl.test/0"}
	some := func(reasons ...fakeca.Reason) []fakeca.Reason { return reasons }
	scopes := []struct {
		name    string
		crl     fakeca.CRL
		inScope func(int64, fakeca.Reason) bool
	}{
		{"all", fakeca.CRL{}, func(int64, fakeca.Reason) bool { return true }},
		{"users", fakeca.CRL{OnlyUserCerts: true}, func(s int64, _ fakeca.Reason) bool { return !isCA(s) }},
		{"CAs", fakeca.CRL{OnlyCACerts: true}, func(s int64, _ fakeca.Reason) bool { return isCA(s) }},
		{"shard", fakeca.CRL{Only: even, DistributionPoint: url}, func(s int64, _ fakeca.Reason) bool { return onShard(s) }},
		{"numbered shard", fakeca.CRL{Shards: 2, DistributionPoint: url}, func(s int64, _ fakeca.Reason) bool { return onShard(s) }},
		{"holds", fakeca.CRL{OnlySomeReasons: some(fakeca.CertificateHold)}, func(_ int64, r fakeca.Reason) bool {
			return r == fakeca.CertificateHold
		}},
		{
			"users' holds and compromises on a shard",
			fakeca.CRL{Only: even, DistributionPoint: url, OnlyUserCerts: true, OnlySomeReasons: some(fakeca.CertificateHold, fakeca.KeyCompromise)},
			func(s int64, r fakeca.Reason) bool {
				return onShard(s) && !isCA(s) && (r == fakeca.CertificateHold || r == fakeca.KeyCompromise)
			},
		},
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			clock := now
			ca := fakeca.New(fakeca.WithClock(func() time.Time { return clock }), fakeca.WithKey(ed()))
			for serial := int64(1); serial <= 6; serial++ {
				ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial), IsCA: isCA(serial), PublicKey: ca.Key})
			}
			history := []historyStep{{revoked: make(map[int64]fakeca.Reason)}}
			for i := range 16 {
				last := history[len(history)-1]
				step := historyStep{revoked: maps.Clone(last.revoked), changed: make(map[int64]bool)}
				serial := 1 + random.Int64N(historySerials)
				if reason := reasons[random.IntN(len(reasons))]; random.IntN(3) > 0 {
					ca.Revoke(big.NewInt(serial), reason)
					step.revoked[serial], step.changed[serial] = reason, true
				} else if _, revoked := step.revoked[serial]; revoked {
					ca.Set(big.NewInt(serial), fakeca.Response{})
					delete(step.revoked, serial)
					step.changed[serial] = true
				}
				history = append(history, step)
				now := len(history) - 1
				byHand := big.NewInt(int64(10 + i))
				history[now].numbers = []*big.Int{byHand, mustParseCRL(t, ca.CRL(fakeca.CRL{})).Number}
				for _, scope := range scopes {
					scope.crl.Edit = func(m *fakeca.CRLMessage) { m.SignatureValue = []byte{0} } // to save time
					complete := scope.crl
					complete.Number = byHand
					want := listing(history, -1, scope.inScope)
					if diff := cmp.Diff(want, reasonsListed(mustParseCRL(t, ca.CRL(complete)))); diff != "" {
						t.Fatalf("%s, step %d: complete (-want +got):\n%s", scope.name, now, diff)
					}
					for base, old := range history {
						want := listing(history, base, scope.inScope)
						for _, number := range old.numbers {
							delta := scope.crl
							delta.Base = number
							if diff := cmp.Diff(want, reasonsListed(mustParseCRL(t, ca.CRL(delta)))); diff != "" {
								t.Fatalf("%s, step %d: delta to %v of step %d (-want +got):\n%s", scope.name, now, number, base, diff)
							}
						}
					}
				}
				clock = clock.Add(time.Hour)
			}
		})
	}
}

// What the bases of a delta can be besides the lists of the test above.
func TestBaseNumbers(t *testing.T) {
	t.Parallel()
	revoke := func(ca *fakeca.CA, serials ...int64) {
		for _, serial := range serials {
			ca.Revoke(big.NewInt(serial), fakeca.Superseded)
		}
	}
	number := func(ca *fakeca.CA, c fakeca.CRL) *big.Int { return must(fakeca.ParseCRL(ca.CRL(c))).Number }
	tests := []struct {
		name string
		base func(*fakeca.CA) *big.Int // revokes 1, or 1 and 2; the test then revokes 3
		want []int64
	}{
		{"by hand", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1, 2)
			return number(ca, fakeca.CRL{Number: big.NewInt(7)})
		}, []int64{3}},
		{"negative", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1, 2)
			return number(ca, fakeca.CRL{Number: big.NewInt(-7)})
		}, []int64{3}},
		{"of 20 bytes", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1, 2)
			n := new(big.Int).Lsh(big.NewInt(1), 158)
			return number(ca, fakeca.CRL{Number: n.Add(n, big.NewInt(1<<32-1))})
		}, []int64{3}},
		{"by hand, of a delta", func(ca *fakeca.CA) *big.Int {
			base := number(ca, fakeca.CRL{})
			revoke(ca, 1, 2)
			return number(ca, fakeca.CRL{Number: big.NewInt(7), Base: base})
		}, []int64{3}},
		{"two lists of one number: the delta is to both", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1)
			number(ca, fakeca.CRL{Number: big.NewInt(7)})
			revoke(ca, 2)
			return number(ca, fakeca.CRL{Number: big.NewInt(7)})
		}, []int64{2, 3}},
		{"a default number, given by hand to a later list: the delta is to both", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1)
			n := number(ca, fakeca.CRL{})
			revoke(ca, 2)
			return number(ca, fakeca.CRL{Number: n})
		}, []int64{2, 3}},
		{"default, before 1970", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1, 2)
			return number(ca, fakeca.CRL{ThisUpdate: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)})
		}, []int64{3}},
		{"of no list", func(ca *fakeca.CA) *big.Int { revoke(ca, 1, 2); return big.NewInt(3) }, []int64{1, 2, 3}},
		{"of no list, negative and long", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1, 2)
			n := new(big.Int).Lsh(big.NewInt(-1), 40)
			return n.Add(n, big.NewInt(3))
		}, []int64{1, 2, 3}},
		{"of no list, negative", func(ca *fakeca.CA) *big.Int { revoke(ca, 1, 2); return big.NewInt(-3) }, []int64{1, 2, 3}},
		{"the caller changes it", func(ca *fakeca.CA) *big.Int {
			revoke(ca, 1, 2)
			n := big.NewInt(7)
			ca.CRL(fakeca.CRL{Number: n})
			n.SetInt64(8)
			return big.NewInt(7)
		}, []int64{3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithClock(clock))
			base := tt.base(ca)
			revoke(ca, 3)
			var got []int64
			for _, e := range must(fakeca.ParseCRL(ca.CRL(fakeca.CRL{Base: base}))).Also {
				got = append(got, e.Serial.Int64())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An entry with RemoveFromCRL has the date of the last revocation that the list
// covers, and one for a reason that it does not cover has its own date.
func TestDeltaEntries(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithClock(clock))
	base := mustParseCRL(t, ca.CRL(fakeca.CRL{})).Number
	lift := fakeca.Response{}
	for _, r := range []fakeca.Response{
		{Status: fakeca.Revoked, Reason: fakeca.CertificateHold, RevokedAt: at(1 * time.Hour)}, lift,
		{Status: fakeca.Revoked, Reason: fakeca.Superseded, RevokedAt: at(2 * time.Hour)}, lift,
	} {
		ca.Set(big.NewInt(1), r)
	}
	for _, r := range []fakeca.Response{
		{Status: fakeca.Revoked, Reason: fakeca.CertificateHold, RevokedAt: at(3 * time.Hour)},
		{Status: fakeca.Revoked, RevokedAt: at(4 * time.Hour), ExplicitReason: true},
	} {
		ca.Set(big.NewInt(2), r)
	}
	for _, tt := range []struct {
		name    string
		reasons []fakeca.Reason
		want    []string
	}{
		{"all", nil, []string{"1 remove_from_crl 2024-05-06T09:08:09Z", "2 unspecified 2024-05-06T11:08:09Z"}},
		{"holds", []fakeca.Reason{fakeca.CertificateHold}, []string{
			"1 remove_from_crl 2024-05-06T08:08:09Z", "2 unspecified 2024-05-06T11:08:09Z",
		}},
		{"superseded", []fakeca.Reason{fakeca.Superseded}, []string{"1 remove_from_crl 2024-05-06T09:08:09Z"}},
	} {
		list := mustParseCRL(t, ca.CRL(fakeca.CRL{Base: base, OnlySomeReasons: tt.reasons}))
		if diff := cmp.Diff(tt.want, entries(list)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if len(list.RevokedCertificateEntries) == 2 {
			last := list.RevokedCertificateEntries[1]
			if explicit := len(last.Extensions) > 0; explicit != (tt.reasons == nil) {
				t.Errorf("%s: extensions %v", tt.name, last.Extensions)
			}
		}
	}
}

// A delta has what Also says and nothing else of what Also of its base said.
func TestDeltaAndAlso(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithClock(clock))
	also := func(serial int64, reason fakeca.Reason) []fakeca.Response {
		return []fakeca.Response{{Serial: big.NewInt(serial), Status: fakeca.Revoked, Reason: reason}}
	}
	ca.Revoke(big.NewInt(1), fakeca.Superseded)
	base := mustParseCRL(t, ca.CRL(fakeca.CRL{Also: slices.Concat(also(2, fakeca.CertificateHold), also(4, fakeca.Superseded))}))
	ca.Revoke(big.NewInt(3), fakeca.Superseded)
	for _, tt := range []struct {
		name  string
		delta fakeca.CRL
		want  []string
		known []string // to a client with the base
	}{
		{"nothing", fakeca.CRL{}, []string{"3 superseded"}, []string{"1", "2", "3", "4"}},
		{
			"one more", fakeca.CRL{Also: also(5, fakeca.Superseded)},
			[]string{"3 superseded", "5 superseded"}, []string{"1", "2", "3", "4", "5"},
		},
		{
			"one less", fakeca.CRL{Also: also(2, fakeca.RemoveFromCRL)},
			[]string{"2 remove_from_crl", "3 superseded"}, []string{"1", "3", "4"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.delta.Base = base.Number
			delta := mustParseCRL(t, ca.CRL(tt.delta))
			if diff := cmp.Diff(tt.want, reasonsListed(delta)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var known []string
			for serial := range applied(base, delta) {
				known = append(known, serial)
			}
			slices.Sort(known)
			if diff := cmp.Diff(tt.known, known); diff != "" {
				t.Errorf("a client knows (-want +got):\n%s", diff)
			}
		})
	}
}
