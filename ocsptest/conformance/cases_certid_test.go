package conformance

import (
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// No client may see that a second went by between the setup of a case and the
// handshake: NSS refuses responses that were produced before thisUpdate.
func TestSinglesDoNotFollowTheClock(t *testing.T) {
	t.Parallel()
	w, err := newWorld(&scenario{}, worldSetting{network: new(ocsptest.Network)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	r := singles(nil, fakeca.Response{}, fakeca.Response{Status: fakeca.Revoked})(w)
	w.clock.advance(2 * time.Second)
	got, err := fakeca.ParseResponse(w.leaf.Staple(r))
	if err != nil {
		t.Fatal(err)
	}
	for i, single := range append([]fakeca.Response{got}, got.Also...) {
		if single.ThisUpdate.After(got.ProducedAt) {
			t.Errorf("single response %d: thisUpdate is %v after producedAt", i, single.ThisUpdate.Sub(got.ProducedAt))
		}
	}
}
