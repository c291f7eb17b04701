package interop

import (
	"encoding/json"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const k6Script = "../../examples/k6/ocsp.js"

// runK6 runs the example's script against the servers of a lab.
func runK6(t *testing.T, l *lab, version string) result {
	t.Helper()
	script, err := filepath.Abs(k6Script)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return command{
		path: program(t, "k6"),
		args: []string{
			"run", "-q", "--no-usage-report", "--no-color", "--address", "",
			"--config", write(t, dir, "config.json", []byte(`{"tlsVersion": "tls`+version+`"}`)),
			"-e", "OCSPLAB_JSON=" + write(t, dir, "servers.json", []byte(jsonOf(t, l))),
			script,
		},
		env:     []string{"SSL_CERT_FILE=" + l.Root, "SSL_CERT_DIR=" + dir},
		timeout: time.Minute,
	}.run(t)
}

// The exit code of k6 if a threshold is crossed.
const thresholdsCrossed = 99

func testK6(t *testing.T, l *lab) {
	program(t, "k6")
	eachVersion(t, "as served", func(t *testing.T, version string) {
		if r := runK6(t, l, version); r.code != 0 {
			t.Errorf("exit code %d\n%s", r.code, r.all())
		}
	})
	// Each check can fail.
	for _, test := range []struct {
		name string
		lie  func(t *testing.T, l *lab)
		want string // the check that fails
	}{
		{
			name: "status",
			lie:  func(t *testing.T, l *lab) { l.server(t, "unknown").OCSP.Status = 0 },
			want: "unknown: status",
		},
		{
			name: "reason",
			lie:  func(t *testing.T, l *lab) { l.server(t, "revoked-superseded").OCSP.Reason++ },
			want: "revoked-superseded: revocation_reason",
		},
		{
			name: "producedAt",
			lie: func(t *testing.T, l *lab) {
				r := l.server(t, "good").OCSP
				r.ProducedAt = r.ProducedAt.Add(time.Second)
			},
			want: "good: produced_at",
		},
		{
			name: "thisUpdate",
			lie: func(t *testing.T, l *lab) {
				r := l.server(t, "not-yet-valid").OCSP
				r.ThisUpdate = r.ThisUpdate.Add(-time.Second)
			},
			want: "not-yet-valid: this_update",
		},
		{
			name: "nextUpdate",
			lie:  func(t *testing.T, l *lab) { l.server(t, "expired").OCSP.NextUpdate = time.Time{} },
			want: "expired: next_update",
		},
		{
			name: "revokedAt",
			lie: func(t *testing.T, l *lab) {
				r := l.server(t, "revoked-key-compromise").OCSP
				r.RevokedAt = r.RevokedAt.Add(time.Second)
			},
			want: "revoked-key-compromise: revoked_at",
		},
		{
			name: "staple",
			lie: func(t *testing.T, l *lab) {
				l.server(t, "no-staple").OCSP = l.server(t, "unknown").OCSP
			},
			want: "no-staple: this_update",
		},
		{
			name: "failure",
			lie: func(t *testing.T, l *lab) {
				l.server(t, "try-later").OCSP = l.server(t, "good").OCSP
			},
			want: "try-later: status",
		},
		{
			name: "server",
			lie: func(t *testing.T, l *lab) {
				// A server that does not speak TLS.
				ln, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { ln.Close() })
				go func() {
					for {
						c, err := ln.Accept()
						if err != nil {
							return
						}
						c.Close()
					}
				}()
				l.server(t, "good").URL = "https://" + ln.Addr().String()
			},
			want: "good: connects",
		},
	} {
		t.Run("swapped "+test.name, func(t *testing.T) {
			t.Parallel()
			var lying lab
			if err := json.Unmarshal([]byte(jsonOf(t, l)), &lying); err != nil {
				t.Fatal(err)
			}
			test.lie(t, &lying)
			r := runK6(t, &lying, "1.3")
			if r.code != thresholdsCrossed || !strings.Contains(r.stdout, "✗ "+test.want+"\n") {
				t.Errorf("exit code %d, want %d and %q to fail\n%s", r.code, thresholdsCrossed, test.want, r.all())
			}
		})
	}
}
