package ocsptest_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// Each benchmark runs beside the bare primitive that it is built on.

func BenchmarkServer(b *testing.B) {
	b.Run("bare=httptest", func(b *testing.B) {
		for b.Loop() {
			httptest.NewTLSServer(http.NotFoundHandler()).Close()
		}
	})
	b.Run("ocsptest", func(b *testing.B) {
		for b.Loop() {
			s := ocsptest.NewUnstartedServer()
			s.Start()
			s.Close()
		}
	})
}

func BenchmarkHandshake(b *testing.B) {
	server := ocsptest.NewServer(b, ocsptest.WithConnHandler(func(c *tls.Conn) {
		c.Read(make([]byte, 1))
	}))
	client := server.TLSClientConfig()
	client.ServerName = "localhost"

	b.Run("bare=crypto/tls", func(b *testing.B) {
		cert := server.Leaf.TLS()
		cert.OCSPStaple = server.Leaf.Staple(fakeca.Response{})
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, SessionTicketsDisabled: true})
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					c.Read(make([]byte, 1))
				}()
			}
		}()
		handshakes(b, l.Addr(), client)
	})
	b.Run("ocsptest", func(b *testing.B) {
		handshakes(b, server.Addr(), client)
	})
}

func handshakes(b *testing.B, addr net.Addr, cfg *tls.Config) {
	for b.Loop() {
		c, err := tls.Dial(addr.Network(), addr.String(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		if len(c.OCSPResponse()) == 0 {
			b.Fatal("no staple")
		}
		c.Close()
	}
}
