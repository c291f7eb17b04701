package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// With no IPv4, --port means the ports of ::1. The test runs itself again in a
// network namespace that has none.
func TestServePortsWithoutIPv4(t *testing.T) {
	const inside = "OCSPLAB_TEST_WITHOUT_IPV4"
	if os.Getenv(inside) != "" {
		testServePortsOnIPv6(t)
		return
	}
	t.Parallel()
	ip, err := exec.LookPath("ip")
	if err != nil {
		t.Skip("ip, of iproute2, is not installed")
	}
	run := func(env ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c",
			`"$0" link set lo up && "$0" address del 127.0.0.1/8 dev lo && exec "$@"`, ip)
		cmd.Env = append(os.Environ(), env...)
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
		if env == nil {
			cmd.Args = append(cmd.Args, "true")
		} else {
			cmd.Args = append(cmd.Args, os.Args[0], "-test.run=^TestServePortsWithoutIPv4$", "-test.v")
		}
		return cmd.CombinedOutput()
	}
	if out, err := run(); err != nil {
		t.Skipf("this system makes no network namespace: %v\n%s", err, out)
	}
	out, err := run(inside + "=1")
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestServePortsWithoutIPv4")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func testServePortsOnIPv6(t *testing.T) {
	const port = 8440
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
		t.Fatal("there is IPv4")
	}
	l, err := startLab(port)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i, s := range l.servers {
		want := fmt.Sprintf("[::1]:%d", port+i)
		if got := s.Addr().String(); got != want {
			t.Errorf("%s listens on %s, want %s", s.name, got, want)
		}
		conn, err := tls.Dial("tcp", want, &tls.Config{RootCAs: l.root.Pool()})
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		conn.Close()
	}
	if _, err := startLab(port); err == nil {
		t.Error("two labs on the same ports")
	}
}
