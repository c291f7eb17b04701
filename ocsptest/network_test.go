package ocsptest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// pair returns the two ends of a connection in memory.
func pair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	network := new(ocsptest.Network)
	l, err := network.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	client, err = network.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return client, <-accepted
}

func TestNetworkCarriesBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t)
		if client.RemoteAddr().String() != server.LocalAddr().String() || client.LocalAddr().String() != server.RemoteAddr().String() {
			t.Error("the ends do not agree on their addresses")
		}
		data := bytes.Repeat([]byte("0123456789abcdef"), 1<<14) // four times what is buffered
		var wg sync.WaitGroup
		for _, ends := range [][2]net.Conn{{client, server}, {server, client}} { // both ways at once
			wg.Go(func() {
				if n, err := ends[0].Write(data); n != len(data) || err != nil {
					t.Errorf("wrote %d bytes, %v", n, err)
				}
			})
			wg.Go(func() {
				got := make([]byte, len(data))
				if _, err := io.ReadFull(ends[1], got); err != nil || !bytes.Equal(got, data) {
					t.Errorf("read other bytes, %v", err)
				}
			})
		}
		wg.Wait()
	})
}

func TestNetworkConnClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t)
		io.WriteString(client, "last words")
		client.Close()
		client.Close()
		if got, err := io.ReadAll(server); string(got) != "last words" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		if _, err := server.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("wrote to a closed end: %v", err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read after its own Close: %v", err)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("wrote after its own Close: %v", err)
		}
		if err := client.SetDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("set a deadline after Close: %v", err)
		}
	})
}

func TestNetworkConnCloseWakesReadAndWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t)
		errs := make(chan error, 2)
		go func() {
			_, err := client.Read(make([]byte, 1))
			errs <- err
		}()
		go func() {
			_, err := client.Write(make([]byte, 1<<20))
			errs <- err
		}()
		synctest.Wait()
		client.Close()
		for range 2 {
			if err := <-errs; !errors.Is(err, net.ErrClosed) {
				t.Errorf("woke with %v", err)
			}
		}
		server.Close()
	})
}

func TestNetworkConnDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t)
		defer server.Close()
		defer client.Close()
		begin := time.Now()
		client.SetDeadline(begin.Add(time.Minute))
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("read: %v after %v", err, time.Since(begin))
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write: %v", err)
		}
		var timeout net.Error
		if _, err := client.Read(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v is no timeout", err)
		}
		client.SetDeadline(time.Time{})
		if _, err := client.Write([]byte("x")); err != nil {
			t.Errorf("write without a deadline: %v", err)
		}
		client.SetWriteDeadline(time.Now().Add(time.Hour))
		if n, err := client.Write(make([]byte, 1<<20)); n == 0 || n == 1<<20 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write beyond the buffer: %d bytes, %v", n, err)
		}
		if got := time.Since(begin); got != time.Minute+time.Hour {
			t.Errorf("took %v", got)
		}
	})
}

func TestNetworkDial(t *testing.T) {
	t.Parallel()
	network := new(ocsptest.Network)
	l, err := network.Listen()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := network.DialContext(t.Context(), "tcp", "127.0.0.1:9999"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a port without a listener: %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := network.DialContext(canceled, "tcp", l.Addr().String()); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	dialed := make(chan error)
	go func() {
		_, err := network.DialContext(t.Context(), "tcp", l.Addr().String())
		dialed <- err
	}()
	l.Close()
	l.Close()
	if err := <-dialed; !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("closed meanwhile: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close: %v", err)
	}
}

// A name resolves to 127.0.0.1 while a server on the network has it.
func TestNetworkNames(t *testing.T) {
	t.Parallel()
	network := ocsptest.WithNetwork(new(ocsptest.Network))
	srv := ocsptest.NewServer(t, network) // for localhost and *.example.com, at port 1
	brief := ocsptest.NewServer(t, network, ocsptest.WithLeaf(fakeca.New().Leaf("api.example.test")))
	brief.Close()
	tests := []struct {
		address string
		want    string // the error
	}{
		{"127.0.0.1:1", ""},
		{"localhost:1", ""},
		{"www.example.com:1", ""},
		{"127.0.0.1:9", "dial tcp 127.0.0.1:9: connect: connection refused"},
		{"localhost:9", "dial tcp 127.0.0.1:9: connect: connection refused"},
		{"www.example.com:443", "dial tcp 127.0.0.1:443: connect: connection refused"},
		{"192.0.2.1:1", "dial tcp 192.0.2.1:1: connect: connection refused"},
		{"[::1]:1", "dial tcp [::1]:1: connect: connection refused"},
		{"elsewhere.test:1", "dial tcp: lookup elsewhere.test: no such host on this ocsptest.Network"},
		{"api.example.test:2", "dial tcp: lookup api.example.test: no such host on this ocsptest.Network"},
		{"localhost", "dial tcp: address localhost: missing port in address"},
		{"localhost:https", "dial tcp: address localhost:https: not a port"},
		{"localhost:65536", "dial tcp: address localhost:65536: not a port"},
	}
	for _, test := range tests {
		c, err := srv.Network().DialContext(t.Context(), "tcp", test.address)
		if err == nil {
			c.Close()
			err = errors.New("")
		}
		if diff := cmp.Diff(test.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.address, diff)
		}
	}
}

func TestNetworkPortsRunOut(t *testing.T) {
	t.Parallel()
	network := new(ocsptest.Network)
	for {
		l, err := network.Listen()
		if err != nil {
			if err.Error() != "ocsptest: all ports of this Network were used; make another" {
				t.Error(err)
			}
			return
		}
		if port := l.Addr().(*net.TCPAddr).Port; port < 1 || port > 65535 {
			t.Fatalf("port %d", port)
		}
		l.Close()
	}
}
