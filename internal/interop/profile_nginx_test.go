package interop

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// nginxConfig returns a configuration of nginx with these settings of the server.
// The certificate is in chain.pem and key.pem beside it.
func nginxConfig(address, settings string) string {
	return fmt.Sprintf(`
pid daemon.pid;
error_log error.log info;
daemon off;
user root;
worker_processes 1;
events {}
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server {
		listen %s ssl;
		ssl_certificate chain.pem;
		ssl_certificate_key key.pem;
		ssl_session_cache off;
		%s
		location / { return 200 "let in"; }
	}
}
`, address, settings)
}

// nginxWithCRLs returns a client that connects to nginx with the leaf as its
// certificate. Each connection is to a new nginx, with the CRLs of the whole chain.
func nginxWithCRLs(t *testing.T, path string) conformance.Client {
	dir := t.TempDir()
	server := fakeca.New().Leaf()
	write(t, dir, "chain.pem", server.ChainPEM())
	write(t, dir, "key.pem", server.KeyPEM())
	script := crlScript{chain: true}
	return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		f, err := script.files(ctx, dir, path, s)
		if err != nil {
			return conformance.NotRun(err)
		}
		settings := fmt.Sprintf("ssl_verify_client on; ssl_verify_depth 2; ssl_client_certificate %s; ssl_crl %s;", f.root, f.crls)
		log, err := visitNginx(ctx, path, dir, settings, clientConfig(server.Issuer, s.Leaf))
		if err == nil || ctx.Err() != nil {
			return err
		}
		// nginx rejects the certificate, or does not start because it cannot read the CRLs.
		rejected := regexp.MustCompile(`(client SSL certificate verify error: .*) while |\[emerg\] .*?: (.*` + regexp.QuoteMeta(f.crls) + `.*)`)
		if m := rejected.FindStringSubmatch(log); m != nil {
			return errors.New(m[1] + m[2])
		}
		return conformance.NotRun(fmt.Errorf("%w\n%s", err, log))
	})
}

// visitNginx starts nginx with a configuration in dir, requests a page, and stops
// nginx. It returns the log, and an error unless the HTTP status is 200.
//
// nginx inherits the listening socket, as it does when its executable is upgraded.
// So the client connects before nginx starts, and need not wait until it listens.
// If nginx does not start, the connection is reset.
func visitNginx(ctx context.Context, path, dir, settings string, client *tls.Config) (log string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	socket, err := l.(*net.TCPListener).File()
	l.Close()
	if err != nil {
		return "", err
	}
	defer socket.Close()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return "", err
	}
	defer conn.Close()

	config, err1 := tempFile(dir, []byte(nginxConfig(l.Addr().String(), settings)))
	prefix, err2 := os.MkdirTemp(dir, "")
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	nginx := exec.CommandContext(ctx, path, "-p", prefix, "-e", "error.log", "-c", config)
	nginx.Env = append(cleanEnv(os.Environ()), "NGINX=3;") // the descriptor of the socket
	nginx.ExtraFiles = []*os.File{socket}
	nginx.Cancel = func() error { return nginx.Process.Signal(syscall.SIGTERM) } // ends its worker too
	nginx.WaitDelay = 5 * time.Second
	if err := nginx.Start(); err != nil {
		return "", err
	}
	socket.Close()

	_, err = httpGet(ctx, &http.Client{Transport: &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		TLSClientConfig:   client,
		DisableKeepAlives: true,
	}}, "https://localhost/")
	stop()
	nginx.Wait()
	text, readErr := os.ReadFile(filepath.Join(prefix, "error.log"))
	return string(text), errors.Join(err, readErr)
}
