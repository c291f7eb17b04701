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

// A daemon is a server program that runs in the foreground as a child process.
// It ends with the test, and so do its own children.
type daemon struct {
	address string // 127.0.0.1:port
	dir     string // with error.log
	cmd     *exec.Cmd
	exited  chan struct{}
}

// daemonPatience limits how long a daemon takes to start, to respond and to end.
const daemonPatience = 20 * time.Second

// startDaemon starts a program that writes daemon.pid once it listens. It gets a
// folder with files, and the configuration for a free port. If another program
// takes that port first, startDaemon tries again with another.
func startDaemon(
	t *testing.T, path string, files map[string][]byte,
	config func(dir, address string) string, args func(config string) []string,
) *daemon {
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
		// A process group can be killed as a whole. Pdeathsig ends it even if
		// the test is killed.
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

// freeAddress returns an address on which no program listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// listens waits until the daemon listens. It returns false if the daemon ended.
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

// stop ends the daemon and its children.
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
	// Orphans are not our children, so Wait does not wait for them.
	eventually(t, "its processes are gone", func() bool { return errors.Is(syscall.Kill(group, 0), syscall.ESRCH) })
}

// log returns the daemon's log.
func (d *daemon) log(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(d.dir, "error.log"))
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// logs waits until the log has a text so many times.
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
			t.Fatalf("waited %v until %s", daemonPatience, what)
		}
	}
}

// staple makes a handshake and describes the staple.
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

// get requests a page and returns the HTTP status code. The client's certificate
// may be nil.
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

// refusal makes a handshake and returns the error that ended the connection. It
// sends no request, because that could fail before the alert is read.
func (d *daemon) refusal(t *testing.T, root *fakeca.CA, client *fakeca.Leaf) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), daemonPatience)
	defer cancel()
	dialer := tls.Dialer{Config: clientConfig(root, client)}
	conn, err := dialer.DialContext(ctx, "tcp", d.address)
	if err == nil {
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(daemonPatience))
		_, err = conn.Read(make([]byte, 1)) // in TLS 1.3 the client's handshake ends before the server reads its certificate
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "remote error" {
		return "remote error: " + op.Err.Error()
	}
	return fmt.Sprint(err)
}
