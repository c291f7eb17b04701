package fault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// slow returns a responder in memory, with a fault, and a request for it.
func slow(t *testing.T, f fault.Fault, opts ...ocsptest.ResponderOption) (*ocsptest.Responder, []byte) {
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca, append(opts, ocsptest.WithNetwork(new(ocsptest.Network)))...)
	r.SetFault(f)
	return r, labtest.Request(ca, 1).Marshal()
}

func postTo(ctx context.Context, r *ocsptest.Responder, der []byte) (*http.Response, error) {
	req := labtest.Must(http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(der)))
	req.Header.Set("Content-Type", "application/ocsp-request")
	return r.Client().Do(req)
}

func TestDelay(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]ocsptest.ResponderOption{nil, {ocsptest.WithTLS()}} {
		for _, delay := range []time.Duration{0, time.Nanosecond, 90 * time.Second, 7 * 24 * time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				r, der := slow(t, fault.Delay(delay), opts...)
				begin := time.Now()
				resp, err := postTo(t.Context(), r, der)
				if err != nil {
					t.Fatal(err)
				}
				if got := labtest.Said(labtest.ReadAll(t, resp)); got != "unknown 1" || time.Since(begin) != delay {
					t.Errorf("%v: %s after %v", delay, got, time.Since(begin))
				}
			})
		}
	}
}

// Drip pauses before each byte, and sends the headers with the first.
func TestDrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, der := slow(t, fault.Drip(time.Minute))
		begin := time.Now()
		resp, err := postTo(t.Context(), r, der)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var body []byte
		for n := 1; ; n++ {
			b := make([]byte, 100)
			k, err := resp.Body.Read(b)
			body = append(body, b[:k]...)
			if err == io.EOF && k == 0 {
				break
			}
			if took := time.Since(begin); k != 1 || took != time.Duration(n)*time.Minute {
				t.Fatalf("%d bytes, %v after %v, want the %dth", k, err, took, n)
			}
			if err == io.EOF {
				break
			}
		}
		if got := labtest.Said(body); got != "unknown 1" || resp.ContentLength != int64(len(body)) {
			t.Errorf("%s, of length %d", got, resp.ContentLength)
		}
	})
}

// waiting are the faults that wait until Close or the client ends them.
var waiting = []fault.Fault{fault.Hang(), fault.Delay(time.Hour), fault.Drip(time.Hour)}

func TestCloseEndsWhatHangs(t *testing.T) {
	t.Parallel()
	for _, f := range waiting {
		for _, opts := range [][]ocsptest.ResponderOption{nil, {ocsptest.WithTLS()}} {
			t.Run(f.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r, der := slow(t, f, opts...)
					begin := time.Now()
					ended := make(chan error)
					go func() {
						_, err := postTo(t.Context(), r, der)
						ended <- err
					}()
					time.Sleep(30 * time.Minute) // of the bubble
					r.Close()
					if err := <-ended; !errors.Is(err, io.EOF) || time.Since(begin) != 30*time.Minute {
						t.Errorf("%v after %v", err, time.Since(begin))
					}
					if got := r.Requests(); len(got) != 1 || got[0].StatusCode != 0 || got[0].Response != nil {
						t.Errorf("recorded %v", got)
					}
				})
			})
		}
	}
}

// A client that goes away ends what hangs. Otherwise the bubble would not end.
func TestClientThatGoesEndsWhatHangs(t *testing.T) {
	t.Parallel()
	for _, f := range waiting {
		t.Run(f.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, der := slow(t, f)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begin := time.Now()
				if _, err := postTo(ctx, r, der); !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				synctest.Wait()
				if got := r.Requests(); len(got) != 1 || got[0].StatusCode != 0 || time.Since(begin) != time.Minute {
					t.Errorf("recorded %v after %v", got, time.Since(begin))
				}
				r.SetFault(fault.None())
				resp, err := postTo(t.Context(), r, der)
				if err != nil {
					t.Fatal(err)
				}
				if got := labtest.Said(labtest.ReadAll(t, resp)); got != "unknown 1" {
					t.Errorf("the next client gets %s", got)
				}
			})
		})
	}
}

// The record has what was sent until the client went away.
func TestClientGoesDuringDrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, der := slow(t, fault.Drip(time.Second))
		resp, err := postTo(t.Context(), r, der)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(6*time.Second + time.Millisecond)
		resp.Body.Close()
		synctest.Wait()
		if got := r.Requests()[0]; got.StatusCode != 200 || len(got.Response) != 7 {
			t.Errorf("recorded %d, %d bytes", got.StatusCode, len(got.Response))
		}
	})
}

func TestCloseEndsManyRequestsThatHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, der := slow(t, fault.Hang())
		const many = 100
		ended := make(chan error)
		for range many {
			go func() {
				_, err := postTo(t.Context(), r, der)
				ended <- err
			}()
		}
		synctest.Wait()
		if got := len(r.Requests()); got != many {
			t.Errorf("%d requests", got)
		}
		go r.Close()
		for range many {
			if err := <-ended; !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		}
	})
}

// A huge body does not wait for a client that has read enough.
func TestHugeBodyToAClientThatGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, der := slow(t, fault.HugeBody(1<<40))
		resp, err := postTo(t.Context(), r, der)
		if err != nil {
			t.Fatal(err)
		}
		if resp.ContentLength != 1<<40 {
			t.Errorf("length %d", resp.ContentLength)
		}
		if n, err := io.CopyN(io.Discard, resp.Body, 10<<20); err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		resp.Body.Close()
	})
}
