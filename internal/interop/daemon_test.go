//go:build linux

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
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A daemon is a server that somebody else wrote, in the foreground, a child of
// the test. Nothing of it is left when the test has ended.
type daemon struct {
	address string // 127.0.0.1:port
	dir     string // with error.log
	cmd     *exec.Cmd
	exited  chan struct{}
}

// What a daemon may take to start, to answer and to end.
const daemonPatience = 20 * time.Second

// startDaemon starts a program that writes daemon.pid once it listens. The
// configuration is made for a port that was free a moment ago, in a folder with
// the files; if another takes the port first, it begins anew.
func startDaemon(t *testing.T, path string, files map[string][]byte, config func(dir, address string) string, args func(config string) []string) *daemon {
	t.Helper()
	for attempt := 1; ; attempt++ {
		dir := t.TempDir()
		for name, data := range files {
			write(t, dir, name, data)
		}
		d := &daemon{address: freeAddress(t), dir: dir, exited: make(chan struct{})}
		d.cmd = exec.Command(path, args(write(t, dir, "daemon.conf", []byte(config(dir, d.address))))...)
		log, err := os.OpenFile(filepath.Join(dir, "error.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		d.cmd.Stdout, d.cmd.Stderr, d.cmd.Dir, d.cmd.Env = log, log, dir, cleanEnv(os.Environ())
		// A group of its own, which ends as a whole, and if this process is
		// killed too.
		d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
		err = d.cmd.Start()
		log.Close()
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			d.cmd.Wait()
			close(d.exited)
		}()
		t.Cleanup(func() { d.stop(t) })
		if d.listens(t) {
			return d
		}
		if !strings.Contains(d.log(t), "Address already in use") || attempt == 5 {
			t.Fatalf("%s did not start:\n%s", path, d.log(t))
		}
	}
}

// freeAddress returns an address that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// listens waits until the daemon listens, and returns false if it ended.
func (d *daemon) listens(t *testing.T) bool {
	t.Helper()
	ended := false
	eventually(t, "it listens", func() bool {
		select {
		case <-d.exited:
			ended = true
			return true
		default:
		}
		_, err := os.Stat(filepath.Join(d.dir, "daemon.pid"))
		return err == nil
	})
	return !ended
}

// stop ends the daemon and all that it started.
func (d *daemon) stop(t *testing.T) {
	if t.Failed() {
		t.Logf("%s:\n%s", d.cmd.Path, d.log(t))
	}
	group := -d.cmd.Process.Pid
	syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-d.exited:
	case <-time.After(daemonPatience):
		t.Errorf("%s did not end", d.cmd.Path)
	}
	syscall.Kill(group, syscall.SIGKILL)
	<-d.exited
	// What its master left is not ours to wait for, and gone in a moment.
	eventually(t, "its processes are gone", func() bool { return errors.Is(syscall.Kill(group, 0), syscall.ESRCH) })
}

// log is what the daemon logged.
func (d *daemon) log(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(d.dir, "error.log"))
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// logs waits until the daemon has logged a text so often.
func (d *daemon) logs(t *testing.T, text string, times int) {
	t.Helper()
	eventually(t, fmt.Sprintf("the log has %q %d times", text, times), func() bool {
		return strings.Count(d.log(t), text) >= times
	})
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(daemonPatience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("after %v it is not so that %s", daemonPatience, what)
		}
	}
}

// staple makes a handshake and tells of the staple: "none", or what it says.
func (d *daemon) staple(t *testing.T, leaf *fakeca.Leaf) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), daemonPatience)
	defer cancel()
	dialer := tls.Dialer{Config: clientConfig(leaf.Issuer, nil)}
	conn, err := dialer.DialContext(ctx, "tcp", d.address)
	if err != nil {
		t.Fatalf("handshake: %v", err)
	}
	defer conn.Close()
	der := conn.(*tls.Conn).OCSPResponse()
	if der == nil {
		return "none"
	}
	r, err := fakeca.ParseResponse(der)
	switch {
	case err != nil:
		return err.Error()
	case r.Error != 0:
		return r.Error.String()
	case r.Status == fakeca.Revoked:
		return "revoked: " + r.Reason.String()
	}
	return r.Status.String()
}

// get asks for a page, with a client's certificate or without, and returns the
// HTTP status code.
func (d *daemon) get(t *testing.T, root *fakeca.CA, client *fakeca.Leaf) (int, error) {
	t.Helper()
	c := http.Client{Transport: &http.Transport{TLSClientConfig: clientConfig(root, client), DisableKeepAlives: true}, Timeout: daemonPatience}
	resp, err := c.Get("https://" + d.address + "/")
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

// refusal makes a handshake and tells what ended the connection. It asks for
// nothing: a request could meet a connection that is closed, and fail before
// the alert is read.
func (d *daemon) refusal(t *testing.T, root *fakeca.CA, client *fakeca.Leaf) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), daemonPatience)
	defer cancel()
	dialer := tls.Dialer{Config: clientConfig(root, client)}
	conn, err := dialer.DialContext(ctx, "tcp", d.address)
	if err == nil {
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(daemonPatience))
		_, err = conn.Read(make([]byte, 1)) // in TLS 1.3 the client's handshake ends before the server has seen its certificate
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "remote error" {
		return "remote error: " + op.Err.Error()
	}
	return fmt.Sprint(err)
}

func clientConfig(root *fakeca.CA, client *fakeca.Leaf) *tls.Config {
	config := &tls.Config{RootCAs: root.Pool(), ServerName: "localhost"}
	if client != nil {
		config.Certificates = []tls.Certificate{client.TLS()}
	}
	return config
}
