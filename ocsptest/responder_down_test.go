package ocsptest_test

import (
	"bytes"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

func TestDownAndUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opts func() []ocsptest.ResponderOption
	}{
		{"socket", func() []ocsptest.ResponderOption { return nil }},
		{"socket, TLS", func() []ocsptest.ResponderOption { return []ocsptest.ResponderOption{ocsptest.WithTLS()} }},
		{"memory", func() []ocsptest.ResponderOption {
			return []ocsptest.ResponderOption{ocsptest.WithNetwork(new(ocsptest.Network))}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New()
			r := ocsptest.NewResponder(t, ca, test.opts()...)
			leaf := ca.Leaf()
			r.Script(fault.None(), fault.None(), fault.HTTPError(503))
			addr := r.Addr().String()
			for i, want := range []string{"good", "good", "503"} {
				for range 2 { // the second does nothing
					r.Up()
				}
				resp, err := r.Client().Get(r.URL + labtest.GetPath(labtest.RequestFor(leaf).Marshal()))
				if err != nil {
					t.Fatal(err)
				}
				if got := labtest.Status(labtest.ReadAll(t, resp)); resp.StatusCode == 200 && got != want || resp.StatusCode == 503 != (want == "503") {
					t.Errorf("%d: %d %s, want %s", i, resp.StatusCode, got, want)
				}
				for range 2 {
					r.Down()
				}
				if _, err := r.Client().Get(r.URL); !errors.Is(err, syscall.ECONNREFUSED) {
					t.Errorf("down: %v", err)
				}
				if got := r.Addr().String(); got != addr {
					t.Errorf("it was at %s, and is at %s", addr, got)
				}
				if names := ca.Leaf().Cert.OCSPServer; names[0] != r.URL {
					t.Errorf("down, certificates name %q", names)
				}
			}
			if got := len(r.Requests()); got != 3 {
				t.Errorf("%d requests on record", got)
			}
			r.Close()
			labtest.MustPanic(t, "ocsptest: Up: the responder is closed; create a new one", r.Up)
			r.Down() // does nothing
		})
	}
}

// Down ends connections and the requests on them.
func TestDownEndsConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ca := fakeca.New()
		r := ocsptest.NewResponder(t, ca, ocsptest.WithNetwork(new(ocsptest.Network)))
		idle := labtest.Must(r.DialContext(t.Context(), "", ""))
		defer idle.Close()
		r.SetFault(fault.Hang())
		ended := make(chan error)
		ask := func() {
			_, err := r.Client().Post(r.URL, "application/ocsp-request", bytes.NewReader(labtest.Request(ca, 1).Marshal()))
			ended <- err
		}
		go ask()
		synctest.Wait()
		begin := time.Now()
		r.Down()
		if err := <-ended; !errors.Is(err, io.EOF) {
			t.Errorf("a request that hangs: %v", err)
		}
		if _, err := idle.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("a connection that is silent: %v", err)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("Down took %v", took)
		}

		r.Up()
		go ask() // hangs again, until the end
		synctest.Wait()
		r.Close()
		if err := <-ended; !errors.Is(err, io.EOF) {
			t.Errorf("the next request: %v", err)
		}
	})
}

func TestDownOfAnUnstartedResponder(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewUnstartedResponder(fakeca.New())
	labtest.MustPanic(t, "ocsptest: Down: the responder is not started; call Start first", r.Down)
	labtest.MustPanic(t, "ocsptest: Up: the responder is not started; call Start first", r.Up)
}

func TestUpOnATakenPort(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewResponder(t, fakeca.New())
	r.Down()
	l, err := net.Listen("tcp", r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	func() {
		defer func() {
			if got, _ := recover().(error); !errors.Is(got, syscall.EADDRINUSE) || !strings.HasPrefix(got.Error(), "ocsptest: ") {
				t.Errorf("panicked with %v", got)
			}
		}()
		r.Up()
	}()
	l.Close()
	r.Up()
	labtest.ReadAll(t, labtest.Get(t, r.Client(), r.URL))
}

func TestResponderReset(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca)
	leaf := ca.Leaf()
	delta := r.AddCRL(ca, "/delta", fakeca.CRL{Number: big.NewInt(7)})
	r.SetFault(fault.HTTPError(500))
	r.Script(fault.Hangup())
	r.SetCRL(ca, fakeca.CRL{Number: big.NewInt(7)})
	r.SetCRLFault(ca, fault.HTTPError(500))
	withNonce := labtest.WithNonce(labtest.RequestFor(leaf), []byte("before"))
	labtest.InProcess(r, labtest.GetRequest("/crl/0"))
	labtest.MustPanic(t, http.ErrAbortHandler.Error(), func() { labtest.Post(r, withNonce) })
	r.Down()
	r.Reset()
	if got := r.Requests(); len(got) != 0 {
		t.Errorf("still recorded: %v", got)
	}
	resp := labtest.Get(t, r.Client(), r.URL+labtest.GetPath(labtest.RequestFor(leaf).Marshal()))
	if got := labtest.Status(labtest.ReadAll(t, resp)); got != "good" {
		t.Errorf("it says %s", got)
	}
	labtest.ReadAll(t, labtest.Get(t, r.Client(), r.CRLURL(ca)))
	labtest.ReadAll(t, labtest.Get(t, r.Client(), delta))
	got := r.Requests()
	if len(got) != 3 || got[1].StatusCode != 200 || got[1].CRLNumber.Int64() == 7 || got[2].CRLNumber.Int64() != 7 {
		t.Errorf("recorded %v", got)
	}
	r.SetFault(fault.ReplayedNonce())
	if got := labtest.Said(labtest.Post(r, withNonce).Body); strings.Contains(got, "6265666f7265") {
		t.Errorf("the nonce from before was replayed: %s", got)
	}
}
