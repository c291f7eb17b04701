package conformance

import (
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var (
	aName = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9]+(-[a-z0-9]+)*$`)
	aRef  = regexp.MustCompile(`^(RFC \d{4}|Baseline Requirements)( (\d+|[A-Z])(\.\d+)*)?$`)
	aBug  = regexp.MustCompile(`^([\w.-]+/[\w.-]+#\d+|([\w.-]+ )?(CVE-\d{4}-\d+|HCSEC-\d{4}-\d+|GODRIVER-\d+))$`)
	// More than one sentence.
	aStop = regexp.MustCompile(`\.( |$)|\n`)
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	const fewest = 150
	seen := make(map[string]string) // the file of each name
	for _, group := range groups {
		file, _ := runtime.FuncForPC(reflect.ValueOf(group).Pointer()).FileLine(reflect.ValueOf(group).Pointer())
		prefix := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "cases_"), ".go") + "/"
		cases := group()
		if len(cases) == 0 {
			t.Errorf("%s has no cases", prefix)
		}
		for _, s := range cases {
			if before, twice := seen[s.name]; twice {
				t.Errorf("%s is in %s and in %s", s.name, before, file)
			}
			seen[s.name] = file
			if !aName.MatchString(s.name) || !strings.HasPrefix(s.name, prefix) {
				t.Errorf("%q is not %s and words with hyphens", s.name, prefix)
			}
			if s.doc == "" || aStop.MatchString(s.doc) {
				t.Errorf("%s: what is wrong is not one sentence: %q", s.name, s.doc)
			}
			for ref := range strings.SplitSeq(s.ref, ", ") {
				if !aRef.MatchString(ref) {
					t.Errorf("%s: %q is not a list of places such as RFC 6960 4.2.1", s.name, s.ref)
				}
			}
			for _, bug := range s.seen {
				if !aBug.MatchString(bug) {
					t.Errorf("%s: %q is not a public issue", s.name, bug)
				}
			}
			if (s.then == nil) != (s.first == nil) {
				t.Errorf("%s: then and first go together", s.name)
			}
		}
	}
	if len(seen) < fewest {
		t.Errorf("%d cases, fewer than %d", len(seen), fewest)
	}
}

// What the issues tell has happened elsewhere is in the catalogue.
func TestCatalogueHasRealBugs(t *testing.T) {
	t.Parallel()
	have := make(map[string]bool)
	for c := range Cases(Policy{}) {
		for _, bug := range c.Seen {
			have[bug] = true
		}
	}
	for _, bug := range []string{
		"nats-io/nats-server#7183", "hashicorp/vault#18938", "cloudflare/cfssl#993", "letsencrypt/boulder#884",
		"snowflakedb/gosnowflake#1337", "golang/go#59641", "golang/go#81395", "golang/go#81396", "golang/go#40017",
		"caddyserver/certmagic#378", "caddyserver/certmagic#383", "nats-io/nats-server#2692", "HCSEC-2024-07", "openssl/openssl#30323",
		"golang/go#43522", "hashicorp/vault#26091", "snowflakedb/gosnowflake#250", "hashicorp/vault#25982",
		"mongo-go-driver GODRIVER-2395", "nats-io/nats-server#3773", "traefik/traefik#11921", "caddyserver/caddy#4591",
		"nats-io/nats-server#2210", "curl CVE-2024-8096", "curl CVE-2024-0853", "golang/go#31641", "golang/go#77217",
		"sylabs/singularity#1417", "apernet/hysteria#1389", "SagerNet/sing-box#3118", "openssl/openssl#32376", "CVE-2026-3832",
		"golang/go#69078", "notation-go CVE-2024-56138",
	} {
		if !have[bug] {
			t.Errorf("no case has %s in Seen", bug)
		}
	}
}

// Who changes the Seen of a case changes that of nobody else.
func TestCasesAreCopies(t *testing.T) {
	t.Parallel()
	for c := range Cases(Policy{}) {
		for i := range c.Seen {
			c.Seen[i] = "changed"
		}
	}
	for c := range Cases(Policy{}) {
		if slices.Contains(c.Seen, "changed") {
			t.Errorf("%s was changed", c.Name)
		}
	}
}

// With one policy, memory and sockets. On sockets what hangs takes as long as
// the client's patience.
func BenchmarkSuite(b *testing.B) {
	for _, p := range []Policy{soft, hard, everything} {
		for _, bench := range []struct {
			name string
			opts []SuiteOption
		}{
			{"memory", []SuiteOption{InMemory()}},
			{"sockets", nil},
		} {
			b.Run(p.String()+"/"+bench.name, func(b *testing.B) {
				cases := slices.Collect(Cases(p))
				client := Reference(p)
				for b.Loop() {
					together(b, cases, func(c Case) error { return c.Test(b.Context(), client, bench.opts...) })
				}
				b.ReportMetric(float64(len(cases)), "cases/op")
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/op")
			})
		}
	}
}

// together runs cases as Run does, more at once where they wait.
func together(b *testing.B, cases []Case, test func(Case) error) {
	const atOnce = 16
	slots, errs := make(chan struct{}, atOnce), make(chan error)
	for _, c := range cases {
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs <- test(c)
		}()
	}
	for range cases {
		if err := <-errs; err != nil {
			b.Error(err)
		}
	}
}
