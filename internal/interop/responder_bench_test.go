package interop

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// BenchmarkAgainstOpenSSL compares the responder with openssl ocsp. Both have the
// same key and record, and eight clients that open a connection for each request.
// Ours is measured with connections kept alive too, which openssl does not
// support.
//
// openssl listens on all addresses, so the benchmark runs itself again in a
// network namespace that has only loopback.
func BenchmarkAgainstOpenSSL(b *testing.B) {
	openssl := program(b, "openssl")
	const inside = "OCSPLAB_INSIDE_UNSHARE"
	if os.Getenv(inside) == "" {
		if err := exec.Command("unshare", "-n", "ip", "link", "set", "lo", "up").Run(); err != nil {
			b.Skipf("cannot make a network namespace for openssl: unshare -n ip link set lo up: %v", err)
		}
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "unshare", "-n", "sh", "-c", `ip link set lo up && exec "$0" "$@"`,
			os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkAgainstOpenSSL$", "-test.benchtime=20x")
		cmd.Env = append(os.Environ(), inside+"=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		metrics := regexp.MustCompile(
			`([0-9.]+) (openssl/s|bare-closing/s|bare-keeping/s|closing/s|keeping/s|closing-ratio|keeping-ratio)`,
		).FindAllStringSubmatch(string(out), -1)
		if len(metrics) == 0 {
			b.Fatalf("no metrics in\n%s", out)
		}
		for b.Loop() { // measured by the other process
		}
		for _, m := range metrics {
			value, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(value, m[2])
		}
		b.ReportMetric(0, "ns/op")
		return
	}

	ca := fakeca.New(fakeca.WithName("root"))
	leaf := ca.Leaf()
	request := fakeca.NewRequest(leaf.Cert.SerialNumber, ca.Cert).Marshal()
	theirs := serveOpenSSL(b, openssl, leaf, request)
	ours := ocsptest.NewUnstartedResponder(ca)
	ours.Start()
	b.Cleanup(ours.Close)
	response := leaf.Staple(fakeca.Response{})
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(response) }))
	b.Cleanup(bare.Close)

	loads := []struct {
		addr string
		keep bool
	}{
		{theirs, false},
		{ours.Addr().String(), false},
		{ours.Addr().String(), true},
		{bare.Listener.Addr().String(), false},
		{bare.Listener.Addr().String(), true},
	}
	const n = 400
	rates := make([][]float64, len(loads))
	for b.Loop() {
		for i, load := range loads {
			begin := time.Now()
			if err := askEight(load.addr, request, n, load.keep); err != nil {
				b.Fatal(err)
			}
			rates[i] = append(rates[i], n/time.Since(begin).Seconds())
		}
	}
	median := func(i int) float64 {
		slices.Sort(rates[i])
		return rates[i][len(rates[i])/2]
	}
	b.ReportMetric(median(0), "openssl/s")
	b.ReportMetric(median(1), "closing/s")
	b.ReportMetric(median(2), "keeping/s")
	b.ReportMetric(median(3), "bare-closing/s")
	b.ReportMetric(median(4), "bare-keeping/s")
	b.ReportMetric(median(1)/median(0), "closing-ratio")
	b.ReportMetric(median(2)/median(0), "keeping-ratio")
}

// serveOpenSSL starts openssl ocsp for the issuer of leaf, waits until it responds
// to request, and returns its address.
func serveOpenSSL(b *testing.B, openssl string, leaf *fakeca.Leaf, request []byte) string {
	dir := b.TempDir()
	write(b, dir, "ca.pem", leaf.Issuer.CertPEM())
	write(b, dir, "ca.key", leaf.Issuer.KeyPEM())
	write(b, dir, "index.txt", fmt.Appendf(nil, "V\t491231235959Z\t\t%s\tunknown\t/CN=leaf\n", evenHex(leaf.Cert.SerialNumber)))
	const port = "8888" // free in this namespace
	ctx, cancel := context.WithCancel(b.Context())
	cmd := exec.CommandContext(ctx, openssl, "ocsp", "-port", port, "-index", "index.txt", "-CA", "ca.pem",
		"-rsigner", "ca.pem", "-rkey", "ca.key", "-resp_no_certs", "-nmin", "1440", "-ignore_err")
	cmd.Dir, cmd.Env = dir, cleanEnv(os.Environ())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cancel()
		cmd.Wait()
	})
	// Only a request shows that it is up. A connection without one blocks openssl
	// 3.0 forever.
	addr := "127.0.0.1:" + port
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := askEight(addr, request, 8, false)
		if err == nil {
			return addr
		}
		if time.Now().After(deadline) {
			b.Fatal(err)
		}
	}
}

// evenHex returns a serial number as in the index of openssl.
func evenHex(serial *big.Int) string {
	text := strings.ToUpper(serial.Text(16))
	if len(text)%2 == 1 {
		text = "0" + text
	}
	return text
}

// askEight sends n requests from eight clients, over one connection each or over
// one for each request.
func askEight(addr string, der []byte, n int, keep bool) error {
	const clients = 8
	request := fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: %d\r\n", len(der))
	if !keep {
		request = append(request, "Connection: close\r\n"...)
	}
	request = append(append(request, "\r\n"...), der...)
	deadline := time.Now().Add(10 * time.Second)
	errs := make(chan error, clients)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			var c net.Conn
			var in *bufio.Reader
			for i := range n / clients {
				if i == 0 || !keep {
					var err error
					if c, err = net.Dial("tcp", addr); err != nil {
						errs <- err
						return
					}
					c.SetDeadline(deadline)
					in = bufio.NewReader(c)
				}
				c.Write(request)
				resp, err := http.ReadResponse(in, nil)
				var body []byte
				if err == nil {
					body, err = io.ReadAll(resp.Body)
				}
				if err == nil && i == 0 { // the others are the same
					var said fakeca.Response
					if said, err = fakeca.ParseResponse(body); err == nil && said.Status != fakeca.Good {
						err = fmt.Errorf("%s: %v", resp.Status, said)
					}
				}
				if !keep || i == n/clients-1 || err != nil {
					c.Close()
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}
