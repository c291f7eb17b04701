package ocsptest_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// bareHandler writes the same response to each request.
func bareHandler(same labtest.Reply) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		maps.Copy(w.Header(), same.Header)
		w.Write(same.Body)
	})
}

// compare runs bare and ours in turn, n operations at a time, and reports the rate
// of the median run of each. Other load on the machine affects both alike.
func compare(b *testing.B, n int, bare, ours func(n int)) {
	var spent [2][]time.Duration
	bare(n)
	ours(n)
	for b.Loop() {
		for i, run := range []func(int){bare, ours} {
			begin := time.Now()
			run(n)
			spent[i] = append(spent[i], time.Since(begin))
		}
	}
	rate := func(times []time.Duration) float64 {
		slices.Sort(times)
		return float64(n) / times[len(times)/2].Seconds()
	}
	b.ReportMetric(rate(spent[0]), "bare/s")
	b.ReportMetric(rate(spent[1]), "ocsptest/s")
	b.ReportMetric(rate(spent[1])/rate(spent[0]), "ratio")
}

// overLoopback returns a function that sends the same request n times, over eight
// connections that are kept alive, with as little work on the client's side as
// possible.
func overLoopback(b *testing.B, addr string, der []byte) func(n int) {
	return sendOverLoopback(b, addr, fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: x\r\n"+
		"Content-Type: application/ocsp-request\r\nContent-Length: %d\r\n\r\n%s", len(der), der))
}

func sendOverLoopback(b *testing.B, addr string, request []byte) func(n int) {
	const clients = 8
	var conns [clients]net.Conn
	var ins [clients]*bufio.Reader
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		conns[i], ins[i] = c, bufio.NewReader(c)
	}
	return func(n int) {
		var wg sync.WaitGroup
		for i := range conns {
			wg.Go(func() {
				for range n / clients {
					conns[i].Write(request)
					resp, err := http.ReadResponse(ins[i], nil)
					if err == nil {
						_, err = io.Copy(io.Discard, resp.Body)
					}
					if err != nil || resp.StatusCode != 200 {
						b.Error(resp, err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

// BenchmarkCachedResponses measures cached responses, over HTTP with
// connections kept alive.
func BenchmarkCachedResponses(b *testing.B) {
	ca := fakeca.New()
	der := labtest.RequestFor(ca.Leaf()).Marshal()
	responder := ocsptest.NewResponder(b, ca)
	bare := httptest.NewServer(bareHandler(labtest.InProcess(responder, labtest.PostRequest(der))))
	b.Cleanup(bare.Close)
	compare(b, 800, overLoopback(b, bare.Listener.Addr().String(), der), overLoopback(b, responder.Addr().String(), der))
}

// BenchmarkCachedCRLs measures CRLs that are cached, over HTTP with connections
// kept alive: as they are, and compressed.
func BenchmarkCachedCRLs(b *testing.B) {
	for _, size := range []struct{ entries, requests int }{{1, 800}, {1_000, 800}, {1_000_000, 8}} {
		ca := fakeca.New()
		serial := new(big.Int).Lsh(big.NewInt(1), 120)
		for range size.entries {
			serial.Add(serial, big.NewInt(1))
			ca.Revoke(serial, fakeca.KeyCompromise)
		}
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("entries=%d/%s", size.entries, encoding), func(b *testing.B) {
				responder := ocsptest.NewResponder(b, ca)
				same := get(responder, "/crl/0", map[string]string{"Accept-Encoding": encoding})
				bare := httptest.NewServer(bareHandler(same))
				b.Cleanup(bare.Close)
				request := fmt.Append(nil, "GET /crl/0 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ", encoding, "\r\n\r\n")
				compare(b, size.requests,
					sendOverLoopback(b, bare.Listener.Addr().String(), request),
					sendOverLoopback(b, responder.Addr().String(), request))
			})
		}
	}
}

// quiet is a ResponseWriter that drops what is written, and can be used again.
type quiet struct{ header http.Header }

func (q *quiet) Header() http.Header         { return q.header }
func (q *quiet) Write(p []byte) (int, error) { return len(p), nil }
func (q *quiet) WriteHeader(int)             {}

// BenchmarkFreshResponses measures requests with a nonce, whose responses are not
// cached, in process.
func BenchmarkFreshResponses(b *testing.B) {
	ca := fakeca.New()
	req := labtest.WithNonce(labtest.RequestFor(ca.Leaf()), make([]byte, 32))
	responder := ocsptest.NewUnstartedResponder(ca)

	digest := sha256.Sum256([]byte("to be signed"))
	der := req.Marshal()
	nonce := der[len(der)-32:]
	w := &quiet{make(http.Header)}
	body := bytes.NewReader(nil)
	post := labtest.PostRequest(der)
	post.Body = io.NopCloser(body)
	compare(b, 50, func(n int) {
		for range n {
			if _, err := ecdsa.SignASN1(rand.Reader, ca.Key.(*ecdsa.PrivateKey), digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	}, func(n int) {
		for range n {
			binary.NativeEndian.PutUint64(nonce, binary.NativeEndian.Uint64(nonce)+1)
			clear(w.header)
			body.Reset(der)
			responder.ServeHTTP(w, post)
		}
	})
}

// BenchmarkLargeRecord asks about certificates in turn, with responses not
// cached yet, of a CA that issued one and of one that issued many.
func BenchmarkLargeRecord(b *testing.B) {
	for _, size := range []int64{1, 10_000} {
		ca := fakeca.New()
		for n := range size {
			ca.Set(big.NewInt(n), fakeca.Response{})
			if n%10 == 1 {
				ca.Revoke(big.NewInt(n), fakeca.KeyCompromise)
			}
		}
		b.Run(fmt.Sprintf("fresh/certificates=%d", size), func(b *testing.B) {
			responder := ocsptest.NewUnstartedResponder(ca)
			w := &quiet{make(http.Header)}
			for n := int64(0); b.Loop(); n++ {
				responder.ServeHTTP(w, labtest.PostRequest(labtest.WithNonce(labtest.Request(ca, n%size), []byte{1}).Marshal()))
			}
		})
		b.Run(fmt.Sprintf("cached/certificates=%d", size), func(b *testing.B) {
			responder := ocsptest.NewUnstartedResponder(ca)
			w := &quiet{make(http.Header)}
			ders := make([][]byte, size)
			for n := range ders {
				ders[n] = labtest.Request(ca, int64(n)).Marshal()
				responder.ServeHTTP(w, labtest.PostRequest(ders[n]))
			}
			for n := 0; b.Loop(); n++ {
				responder.ServeHTTP(w, labtest.PostRequest(ders[n%len(ders)]))
			}
		})
	}
}

// BenchmarkRequestRecords reports what a load leaves in memory: the records of
// the newest requests, however many there were.
func BenchmarkRequestRecords(b *testing.B) {
	ca := fakeca.New()
	der := labtest.RequestFor(ca.Leaf()).Marshal()
	for _, load := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("requests=%d", load), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				responder := ocsptest.NewUnstartedResponder(ca)
				w := &quiet{make(http.Header)}
				for range load {
					responder.ServeHTTP(w, labtest.PostRequest(der))
				}
				grown := heap() - before
				b.ReportMetric(float64(grown), "heap-B")
				b.ReportMetric(float64(grown)/4096, "B/record")
				runtime.KeepAlive(responder)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
