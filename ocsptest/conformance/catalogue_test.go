package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var (
	nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	bugForm  = regexp.MustCompile(`^([\w.-]+/[\w.-]+#\d+|([\w.-]+ )?CVE-\d{4}-\d+)$`)
	whyOpen  = regexp.MustCompile(`\b(some|few|most|clients|client|no RFC|RFC \d+)\b`)
	sentence = regexp.MustCompile(`\.( |$)|\n`)
)

// TestCatalogue checks the form of all cases. Each is named after the file of its
// group.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	const fewest = 650
	seen := make(map[string]string) // the file of each name
	for _, group := range groups {
		pc := reflect.ValueOf(group).Pointer()
		file, _ := runtime.FuncForPC(pc).FileLine(pc)
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "cases_"), ".go")
		prefix := strings.ReplaceAll(name, "_", "-") + "/"
		cases := group()
		if len(cases) == 0 {
			t.Errorf("%s has no cases", prefix)
		}
		for _, s := range cases {
			if before, twice := seen[s.name]; twice {
				t.Errorf("%s is in %s and in %s", s.name, before, file)
			}
			seen[s.name] = file
			if !nameForm.MatchString(s.name) || !strings.HasPrefix(s.name, prefix) {
				t.Errorf("%q is not %s followed by words with hyphens", s.name, prefix)
			}
			if s.doc == "" || sentence.MatchString(s.doc) {
				t.Errorf("%s: doc is not a single sentence without a full stop: %q", s.name, s.doc)
			}
			if s.also != (Says{}) && !whyOpen.MatchString(s.doc) {
				t.Errorf("%s: doc does not say why clients differ: %q", s.name, s.doc)
			}
			if s.ref == (Ref{}) {
				t.Errorf("%s has no ref", s.name)
			}
			for _, bug := range s.seen {
				if !bugForm.MatchString(bug) {
					t.Errorf("%s: %q is not a public issue", s.name, bug)
				}
			}
			if s.second == nil && s.firstAlso != (Says{}) {
				t.Errorf("%s has firstAlso, and only one connection", s.name)
			}
			if _, ok := measured()[s.name]; !ok {
				t.Errorf("%s is not in evidence.txt; run go test -run TestEvidence -update", s.name)
			}
		}
	}
	if len(seen) < fewest {
		t.Errorf("%d cases, want at least %d", len(seen), fewest)
	}
}

// TestGroupsAreIndependent shows that the files of a group use nothing from those
// of another. What groups share is in ingredients.go.
func TestGroupsAreIndependent(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("cases_*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(file string) bool {
		return strings.HasSuffix(file, "_test.go") || file == "cases_response.go"
	})
	declaredBy := make(map[string]string) // the group of each name
	parsed := make(map[string]*ast.File)
	groupOf := func(file string) string {
		group, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(file, "cases_"), ".go"), "_")
		return group
	}
	for _, file := range files {
		if parsed[file], err = parser.ParseFile(token.NewFileSet(), file, nil, 0); err != nil {
			t.Fatal(err)
		}
		for name := range parsed[file].Scope.Objects {
			declaredBy[name] = groupOf(file)
		}
	}
	if len(declaredBy) < len(groups) {
		t.Fatalf("%d names in %d files", len(declaredBy), len(files))
	}
	for _, file := range files {
		for _, id := range parsed[file].Unresolved { // names that the file does not declare
			if group := declaredBy[id.Name]; group != "" && group != groupOf(file) {
				t.Errorf("%s uses %s of the group %s; move it to ingredients.go", file, id.Name, group)
			}
		}
	}
}

// TestCatalogueHasRealBugs shows that the catalogue has a case for each of these
// public bugs.
func TestCatalogueHasRealBugs(t *testing.T) {
	t.Parallel()
	have := make(map[string]bool)
	for c := range Cases() {
		for _, bug := range c.Seen {
			have[bug] = true
		}
	}
	for _, bug := range []string{
		"18F/identity-pki#184", "CVE-2026-3832", "Fedict/eid-mw#109", "PeculiarVentures/PKI.js#502", "Vault CVE-2024-2660", "aws/aws-lc#3105",
		"bradh11/certmonitor#128", "caddyserver/caddy#4591", "caddyserver/certmagic#378", "certbot/certbot#7989", "cloudflare/cfssl#993",
		"contentauth/c2pa-rs#2273", "contentauth/c2pa-rs#2510", "contentauth/c2pa-rs#2542", "curl CVE-2024-0853", "curl CVE-2024-8096",
		"curl/curl#18902", "curl/curl#21677", "erlang/otp#11136", "golang/go#40017", "golang/go#43522", "golang/go#59641",
		"golang/go#77217", "golang/go#81395", "golang/go#81396", "hashicorp/vault#19037", "hashicorp/vault#25982",
		"hashicorp/vault#26091", "letsencrypt/boulder#884", "mondoohq/mql#10464", "mongodb/mongo-go-driver#926",
		"nats-io/nats-server#2210", "nats-io/nats-server#2692", "nats-io/nats-server#3773", "nats-io/nats-server#7183",
		"open62541/open62541#6705", "openssl/openssl#30323", "openssl/openssl#32376", "openssl/openssl#32377",
		"randombit/botan#5449", "snowflakedb/gosnowflake#1337", "snowflakedb/gosnowflake#250", "traefik/traefik#11921",
		"acmesh-official/acme.sh#2900", "apple/app-store-server-library-node#447", "bcgit/bc-java#1485", "bcgit/bc-java#2458",
		"bradh11/certmonitor#112", "caddyserver/caddy#7377", "carl-wallace/rust-pki#93", "keycloak/keycloak#28768",
		"keycloak/keycloak#52063", "letsencrypt/boulder#2717", "matteocorti/check_ssl_cert#540", "mongodb/mongo-c-driver#655",
		"openssl/openssl#1986", "rustls/webpki#132", "snowflakedb/gosnowflake#1828", "snowflakedb/snowflake-connector-python#2567",
		"7ritn/VaulTLS#166", "CESNET/libnetconf2#605", "Mbed-TLS/mbedtls#1784", "Mbed-TLS/mbedtls#3340", "NeySlim/ultimate-ca-manager#202",
		"Netflix/lemur#1028", "akash-network/console#3381", "dogtagpki/jss#1006", "emqx/emqx#17135", "notaryproject/notation-core-go#214",
		"openssl/openssl#30024", "openssl/openssl#32366", "proftpd/proftpd#859", "proftpd/proftpd#860", "vitessio/vitess#21054",
		"wolfSSL CVE-2026-6450", "wolfSSL/wolfssl#10274", "wolfSSL/wolfssl#8676",
		"strongswan/strongswan#2011", "wolfSSL CVE-2026-10098", "wolfSSL/wolfssl#10554", "wolfSSL/wolfssl#3070", "wolfSSL/wolfssl#9834",
	} {
		if !have[bug] {
			t.Errorf("no case has %s in Seen", bug)
		}
	}
}

// TestCasesAreCopies shows that a change to one case's Seen changes no other.
func TestCasesAreCopies(t *testing.T) {
	t.Parallel()
	for c := range Cases() {
		for i := range c.Seen {
			c.Seen[i] = "changed"
		}
	}
	for c := range Cases() {
		if slices.Contains(c.Seen, "changed") {
			t.Errorf("%s was changed", c.Name)
		}
	}
}

// TestFetchedTwins shows that a response says the same whether it is stapled or
// fetched.
func TestFetchedTwins(t *testing.T) {
	t.Parallel()
	twins := 0
	byName := make(map[string]Case)
	for c := range Cases() {
		byName[c.Name] = c
	}
	for _, c := range byName {
		fetched, ok := byName[c.Name+"-fetched"]
		if !ok {
			continue
		}
		twins++
		if c.Leaf.Staple != fetched.Leaf.OCSP || c.Sources != Staple || fetched.Sources != OCSP || !slices.Equal(c.Rules, fetched.Rules) {
			t.Errorf("%s says %v %v, and fetched %v %v", c.Name, c.Leaf, c.Rules, fetched.Leaf, fetched.Rules)
		}
	}
	if twins < 200 {
		t.Errorf("%d twins, want at least 200", twins)
	}
}
