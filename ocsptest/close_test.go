package ocsptest_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// bubble runs f in a synctest bubble with a network. A bubble ends only when all
// its goroutines have ended, so these tests also find leaks.
func bubble(t *testing.T, f func(t *testing.T, network ocsptest.Option)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { f(t, ocsptest.WithNetwork(new(ocsptest.Network))) })
}

func TestCloseMoreThanOnce(t *testing.T) {
	bubble(t, func(t *testing.T, network ocsptest.Option) {
		srv := ocsptest.NewServer(t, network)
		labtest.Get(t, srv.Client(), srv.URL)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(srv.Close)
		}
		wg.Wait()
		srv.Close()
		if _, err := srv.Client().Get(srv.URL); err == nil {
			t.Error("a closed server responds")
		}
	})
}

func TestCloseOfAnUnstartedServer(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewUnstartedServer()
	srv.Close()
	labtest.MustPanic(t, "ocsptest: started after Close; make another one", srv.Start)
}

// Close waits for a request that a handler works on.
func TestCloseWaitsForRequests(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			bubble(t, func(t *testing.T, network ocsptest.Option) {
				inside := make(chan struct{})
				srv := ocsptest.NewServer(t, network,
					ocsptest.WithTLSConfig(&tls.Config{NextProtos: []string{protocol}}),
					ocsptest.WithHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						close(inside)
						time.Sleep(3 * time.Second)
						io.WriteString(w, "done")
					})))
				body := make(chan string)
				go func() {
					resp, err := srv.Client().Get(srv.URL)
					if err != nil {
						body <- err.Error()
						return
					}
					defer resp.Body.Close()
					data, _ := io.ReadAll(resp.Body)
					body <- string(data)
				}()
				<-inside
				begin := time.Now()
				closed := make(chan time.Duration)
				go func() {
					srv.Close()
					closed <- time.Since(begin)
				}()
				if got := <-body; got != "done" {
					t.Errorf("the client got %q", got)
				}
				if got := <-closed; got < 3*time.Second || got >= 5*time.Second {
					t.Errorf("Close took %v", got)
				}
			})
		})
	}
}

// After five seconds Close says what it waits for, and ends it.
func TestCloseSaysWhatItWaitsFor(t *testing.T) {
	bubble(t, func(t *testing.T, network ocsptest.Option) {
		inside := make(chan struct{})
		srv := ocsptest.NewServer(t, network, ocsptest.WithHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(inside)
			<-r.Context().Done()
		})))
		go srv.Client().Get(srv.URL)
		<-inside
		notices := new(strings.Builder)
		srv.SendNotices(notices)
		begin := time.Now()
		srv.Close()
		if got := time.Since(begin); got != 5*time.Second {
			t.Errorf("Close took %v", got)
		}
		want := "ocsptest: Close of " + srv.Addr().String() + " has waited 5s for 1 handler to return; " +
			"it now cancels the contexts of requests and closes 1 connection\n"
		if diff := cmp.Diff(want, notices.String()); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
	})
}

func TestCloseEndsConnections(t *testing.T) {
	tests := []struct {
		name    string
		opts    []ocsptest.Option
		connect func(t *testing.T, srv *ocsptest.Server) net.Conn
	}{
		{"before a ClientHello", nil, func(t *testing.T, srv *ocsptest.Server) net.Conn {
			c, err := srv.DialContext(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			return c
		}},
		{"idle", nil, func(t *testing.T, srv *ocsptest.Server) net.Conn {
			c, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13))
			if err != nil {
				t.Fatal(err)
			}
			return c
		}},
		{"kept alive", nil, func(t *testing.T, srv *ocsptest.Server) net.Conn {
			c, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS12))
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			return c
		}},
		{"hijacked", []ocsptest.Option{
			ocsptest.WithTLSConfig(&tls.Config{NextProtos: []string{"http/1.1"}}),
			ocsptest.WithHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				c, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					io.WriteString(c, "mine\n")
				}
			})),
		}, func(t *testing.T, srv *ocsptest.Server) net.Conn {
			c, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13))
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if line, err := bufio.NewReader(c).ReadString('\n'); line != "mine\n" {
				t.Fatal(line, err)
			}
			return c
		}},
		{"of a handler of connections", []ocsptest.Option{
			ocsptest.WithConnHandler(func(c *tls.Conn) { io.Copy(io.Discard, c) }),
		}, func(t *testing.T, srv *ocsptest.Server) net.Conn {
			c, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13))
			if err != nil {
				t.Fatal(err)
			}
			return c
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, network ocsptest.Option) {
				srv := ocsptest.NewServer(t, append(test.opts, network)...)
				c := test.connect(t, srv)
				defer c.Close()
				synctest.Wait()
				begin := time.Now()
				srv.Close()
				if got := time.Since(begin); got != 0 {
					t.Errorf("Close took %v", got)
				}
				if _, err := io.Copy(io.Discard, c); err != nil && err != io.ErrUnexpectedEOF {
					t.Errorf("the client sees %v", err)
				}
			})
		})
	}
}

// This test does not run in parallel, because it looks at all goroutines and open
// files of the process.
func TestManyServersLeaveNothingBehind(t *testing.T) {
	before := openFiles(t)
	others := serverGoroutines(nil) // of tests that were here before
	serve := func() {
		srv := ocsptest.NewUnstartedServer()
		srv.Start()
		defer srv.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
	}
	var wg sync.WaitGroup
	for range 15 {
		wg.Go(func() {
			for range 20 {
				serve()
			}
		})
	}
	wg.Wait()
	// A goroutine that has done its work may not have ended yet.
	deadline := time.Now().Add(10 * time.Second)
	for {
		left := serverGoroutines(others)
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			for _, stack := range left {
				t.Fatalf("%d goroutines are left:\n%s", len(left), stack)
			}
		}
		runtime.Gosched()
	}
	if after := openFiles(t); after > before+10 { // the poller has some of its own
		t.Errorf("%d files open, %d before", after, before)
	}
}

// serverGoroutines returns the stacks of goroutines that belong to servers and
// their clients, by their numbers, except those that are known.
func serverGoroutines(known map[string]string) map[string]string {
	buf := make([]byte, 64<<20)
	buf = buf[:runtime.Stack(buf, true)]
	out := make(map[string]string)
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		number, _, _ := strings.Cut(stack, " [")
		for _, frame := range []string{"ocsptest.(*host)", "ocsptest.(*Server)", "net/http.(*conn).serve", "net/http.(*persistConn)"} {
			if strings.Contains(stack, frame) && known[number] == "" {
				out[number] = stack
			}
		}
	}
	return out
}

func openFiles(t *testing.T) int {
	dir, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Logf("files are not counted here: %v", err)
	}
	return len(dir)
}

// A connection that was just accepted is closed like any other.
func TestCloseWhileClientsConnect(t *testing.T) {
	t.Parallel()
	for range 300 {
		srv := ocsptest.NewUnstartedServer(ocsptest.WithoutStaple())
		srv.Start()
		dialed := make(chan net.Conn)
		for range 4 {
			go func() {
				c, _ := srv.DialContext(t.Context(), "", "")
				dialed <- c
			}()
		}
		first := <-dialed
		srv.Close()
		for _, c := range []net.Conn{first, <-dialed, <-dialed, <-dialed} {
			if c != nil {
				c.Close()
			}
		}
	}
}

// silent sends a ClientHello, and nothing after it.
func silent(srv *ocsptest.Server) (end func()) {
	stop := make(chan struct{})
	go labtest.ConnectThrough(srv, labtest.ClientConfig(srv, tls.VersionTLS13), func(raw net.Conn) net.Conn {
		return &labtest.HookedConn{Conn: raw, ReadFunc: func([]byte) (int, error) {
			<-stop
			return 0, io.EOF
		}}
	})
	synctest.Wait()
	return sync.OnceFunc(func() { close(stop) })
}

// Close does not wait for a client that has been silent for five seconds already.
func TestCloseDoesNotWaitAgain(t *testing.T) {
	bubble(t, func(t *testing.T, network ocsptest.Option) {
		srv := ocsptest.NewServer(t, network)
		defer silent(srv)()
		time.Sleep(5 * time.Second)
		notices := new(strings.Builder)
		srv.SendNotices(notices)
		begin := time.Now()
		srv.Close()
		if got := time.Since(begin); got != 0 || notices.Len() > 0 {
			t.Errorf("Close took %v; notices: %s", got, notices)
		}
	})
}

// A handler that does not return is named, and Close waits for it.
func TestCloseNamesAHandlerThatDoesNotReturn(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler func(f func()) ocsptest.Option
	}{
		{"HTTP", func(f func()) ocsptest.Option {
			return ocsptest.WithHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { f() }))
		}},
		{"connection", func(f func()) ocsptest.Option { return ocsptest.WithConnHandler(func(*tls.Conn) { f() }) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, network ocsptest.Option) {
				end := make(chan struct{})
				srv := ocsptest.NewServer(t, network, test.handler(func() { <-end }))
				c, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				synctest.Wait()
				notices := new(strings.Builder)
				srv.SendNotices(notices)
				closed := make(chan struct{})
				go func() {
					srv.Close()
					close(closed)
				}()
				time.Sleep(10 * time.Second)
				synctest.Wait()
				got := notices.String()
				for _, want := range []string{" has waited 5s for 1 handler to return;", " still waits for 1 handler to return:\n", "close_test.go"} {
					if !strings.Contains(got, want) {
						t.Errorf("notices lack %q:\n%s", want, got)
					}
				}
				select {
				case <-closed:
					t.Error("Close did not wait for the handler")
				default:
				}
				close(end)
				<-closed
			})
		})
	}
}

// Close in a handler would wait for itself, so it panics.
func TestCloseInAHandler(t *testing.T) {
	bubble(t, func(t *testing.T, network ocsptest.Option) {
		var srv *ocsptest.Server
		srv = ocsptest.NewServer(t, network, ocsptest.WithHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { srv.Close() })))
		notices := new(strings.Builder)
		srv.SendNotices(notices)
		begin := time.Now()
		if _, err := srv.Client().Get(srv.URL); err == nil {
			t.Error("the client got a response")
		}
		srv.Close()
		if got := time.Since(begin); got != 5500*time.Millisecond {
			t.Errorf("took %v", got)
		}
		const want = "ocsptest: Close was called by a handler, and waits for handlers to return; call it elsewhere, or with go"
		if !strings.Contains(notices.String(), want) || !strings.Contains(srv.Report(), "panic in a handler: "+want) {
			t.Errorf("notices:\n%sreport:\n%s", notices, srv.Report())
		}
	})
}

// A handler may close another server.
func TestCloseOfAnotherServerInAHandler(t *testing.T) {
	bubble(t, func(t *testing.T, network ocsptest.Option) {
		other := ocsptest.NewServer(t, network)
		srv := ocsptest.NewServer(t, network, ocsptest.WithHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other.Close() })))
		begin := time.Now()
		if got := labtest.Get(t, srv.Client(), srv.URL).StatusCode; got != http.StatusOK || time.Since(begin) != 0 {
			t.Errorf("status %d after %v", got, time.Since(begin))
		}
	})
}

// A panic of a handler of connections is reported, and does not end the test
// binary.
func TestConnHandlerThatPanics(t *testing.T) {
	bubble(t, func(t *testing.T, network ocsptest.Option) {
		srv := ocsptest.NewServer(t, network, ocsptest.WithConnHandler(func(*tls.Conn) { panic("from the test's handler") }))
		c, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.Copy(io.Discard, c)
		srv.Close()
		if got := srv.Report(); !strings.Contains(got, "\n    panic in a handler: from the test's handler\n") {
			t.Errorf("reported %s", got)
		}
	})
}

// Close waits at most five seconds for handshakes and handlers together.
func TestCloseHasOneDeadline(t *testing.T) {
	bubble(t, func(t *testing.T, network ocsptest.Option) {
		inside := make(chan struct{})
		srv := ocsptest.NewServer(t, network, ocsptest.WithHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(inside)
			<-r.Context().Done()
		})))
		go srv.Client().Get(srv.URL)
		<-inside
		defer silent(srv)()
		notices := new(strings.Builder)
		srv.SendNotices(notices)
		begin := time.Now()
		srv.Close()
		if got := time.Since(begin); got != 5*time.Second {
			t.Errorf("Close took %v", got)
		}
		prefix := "ocsptest: Close of " + srv.Addr().String()
		want := prefix + " gives up waiting for 1 handshake that clients did not finish\n" +
			prefix + " has waited 5s for 1 handler to return; it now cancels the contexts of requests and closes 1 connection\n"
		if diff := cmp.Diff(want, notices.String()); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
	})
}
