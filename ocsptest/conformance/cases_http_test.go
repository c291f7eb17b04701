package conformance

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// TestEndlessBody shows that the body of http/endless does not end, and that a
// client that reads all of it does not fill the memory.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	const least, most = 16 << 20, 18 << 20
	inWorld(t, "http/endless", func(t *testing.T, _ Case, w *world) {
		ctx, cancel := context.WithTimeout(t.Context(), defaultHangDeadline)
		defer cancel()
		url := fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.ca.Cert).URL(w.responder.URL)
		resp, err := httpClient(w.server).Do(must(http.NewRequestWithContext(ctx, http.MethodGet, url, nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		begin := time.Now()
		n, err := io.CopyN(io.Discard, resp.Body, 2*most)
		if !errors.Is(err, context.DeadlineExceeded) || n < least || n > most {
			t.Errorf("read %d bytes in %v, want %d to %d: %v", n, time.Since(begin), least, most, err)
		}
	})
}
