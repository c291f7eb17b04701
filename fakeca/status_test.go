package fakeca_test

import (
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestStatusText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status fakeca.Status
		number int
		name   string
	}{
		{fakeca.Good, 0, "good"},
		{fakeca.Revoked, 1, "revoked"},
		{fakeca.Unknown, 2, "unknown"},
		{fakeca.ServerFailed, 3, "server_failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if int(tt.status) != tt.number {
				t.Errorf("number %d, want %d", tt.status, tt.number)
			}
			if got := tt.status.String(); got != tt.name {
				t.Errorf("String: %q", got)
			}
			if got := tt.status.GomegaString(); got != tt.name {
				t.Errorf("GomegaString: %q", got)
			}
			text, err := tt.status.MarshalText()
			if err != nil || string(text) != tt.name {
				t.Errorf("MarshalText: %q, %v", text, err)
			}
			got := fakeca.Status(-1)
			if err := got.UnmarshalText(text); err != nil || got != tt.status {
				t.Errorf("UnmarshalText: %v, %v", got, err)
			}
		})
	}
}

func TestStatusTextErrors(t *testing.T) {
	t.Parallel()
	for _, s := range []fakeca.Status{-1, 4} {
		want := map[fakeca.Status]string{-1: "-1", 4: "4"}[s]
		if got := s.String(); got != "status("+want+")" {
			t.Errorf("String: %q", got)
		}
		_, err := s.MarshalText()
		checkError(t, "MarshalText", err, "fakeca: there is no status "+want+"; use Good, Revoked, Unknown or ServerFailed")
	}
	for _, text := range []string{"", "Good", "GOOD", "serverFailed", "good "} {
		s := fakeca.Revoked
		checkError(t, "UnmarshalText", s.UnmarshalText([]byte(text)),
			`fakeca: there is no status "`+text+`"; use one of good, revoked, unknown, server_failed`)
		if s != fakeca.Revoked {
			t.Errorf("%q changed the status to %v", text, s)
		}
	}
}

func TestReasonText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		reason  fakeca.Reason
		number  int
		name    string
		rfc5280 string
	}{
		{fakeca.Unspecified, 0, "unspecified", "unspecified"},
		{fakeca.KeyCompromise, 1, "key_compromise", "keyCompromise"},
		{fakeca.CACompromise, 2, "ca_compromise", "cACompromise"},
		{fakeca.AffiliationChanged, 3, "affiliation_changed", "affiliationChanged"},
		{fakeca.Superseded, 4, "superseded", "superseded"},
		{fakeca.CessationOfOperation, 5, "cessation_of_operation", "cessationOfOperation"},
		{fakeca.CertificateHold, 6, "certificate_hold", "certificateHold"},
		{fakeca.RemoveFromCRL, 8, "remove_from_crl", "removeFromCRL"},
		{fakeca.PrivilegeWithdrawn, 9, "privilege_withdrawn", "privilegeWithdrawn"},
		{fakeca.AACompromise, 10, "aa_compromise", "aACompromise"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if int(tt.reason) != tt.number {
				t.Errorf("number %d, want %d", tt.reason, tt.number)
			}
			if got := tt.reason.String(); got != tt.name {
				t.Errorf("String: %q", got)
			}
			if got := tt.reason.GomegaString(); got != tt.name {
				t.Errorf("GomegaString: %q", got)
			}
			text, err := tt.reason.MarshalText()
			if err != nil || string(text) != tt.name {
				t.Errorf("MarshalText: %q, %v", text, err)
			}
			for _, text := range []string{tt.name, tt.rfc5280} {
				got := fakeca.Reason(-1)
				if err := got.UnmarshalText([]byte(text)); err != nil || got != tt.reason {
					t.Errorf("UnmarshalText(%q): %v, %v", text, got, err)
				}
			}
		})
	}
}

func TestReasonTextErrors(t *testing.T) {
	t.Parallel()
	for number, text := range map[fakeca.Reason]string{-1: "-1", 7: "7", 11: "11"} {
		if got := number.String(); got != "reason("+text+")" {
			t.Errorf("String: %q", got)
		}
		_, err := number.MarshalText()
		checkError(t, "MarshalText", err, "fakeca: there is no reason "+text+"; RFC 5280 section 5.3.1 has 0 to 6 and 8 to 10")
	}
	for _, text := range []string{
		"", "_", "key compromise", "keyCompromised", "KEY_COMPROMISE", "key__compromise", "caCompromise", "\u017fuperseded", "1",
	} {
		r := fakeca.Superseded
		checkError(t, "UnmarshalText", r.UnmarshalText([]byte(text)),
			`fakeca: there is no reason "`+text+`"; write it as in key_compromise or keyCompromise (RFC 5280 section 5.3.1)`)
		if r != fakeca.Superseded {
			t.Errorf("%q changed the reason to %v", text, r)
		}
	}
}

// The untyped constants of x/crypto/ocsp can be used as statuses and reasons.
func TestConstantsOfXCrypto(t *testing.T) {
	t.Parallel()
	got := fakeca.Response{Status: ocsp.Revoked, Reason: ocsp.AACompromise}
	if got.Status != fakeca.Revoked || got.Reason != fakeca.AACompromise {
		t.Errorf("%v", got)
	}
}

func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want %q", what, want)
	} else if err.Error() != want {
		t.Errorf("%s:\n got %s\nwant %s", what, err, want)
	}
}
