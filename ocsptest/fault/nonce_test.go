package fault_test

import (
	"bytes"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// nonces returns the extnValues of the nonces in a response, and those in its
// first single response. What the client sent is SENT, other bytes are OTHER.
func nonces(der, sent []byte) string {
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err.Error()
	}
	wrapped := append([]byte{4, byte(len(sent))}, sent...)
	if len(sent) > 127 {
		wrapped = append([]byte{4, 0x81, byte(len(sent))}, sent...)
	}
	values := func(list []pkix.Extension) string {
		var all []string
		for _, e := range list {
			text := fmt.Sprintf("%x", e.Value)
			switch {
			case !fakeca.IsNonce(e):
				text = e.Id.String()
			case len(sent) > 0 && bytes.Equal(e.Value, wrapped):
				text = "SENT"
			case len(sent) > 0 && bytes.Equal(e.Value, sent):
				text = "SENT, unwrapped"
			case len(e.Value) >= 34:
				text = fmt.Sprintf("OTHER of %d", len(e.Value))
			}
			all = append(all, text)
		}
		return strings.Join(all, " and ")
	}
	text := values(m.ResponseExtensions)
	if single := values(m.Responses[0].SingleExtensions); single != "" {
		text += "single " + single
	}
	return text
}

func TestNonceFaults(t *testing.T) {
	t.Parallel()
	ten := []byte("0123456789")
	long := bytes.Repeat([]byte{0xbb}, 128)
	tests := []struct {
		fault fault.Fault
		sent  []byte
		want  string
	}{
		{fault.None(), nil, ""},
		{fault.None(), ten, "SENT"},
		{fault.WrongNonce(), nil, "OTHER of 34"},
		{fault.WrongNonce(), ten, "OTHER of 34"},
		{fault.NoNonce(), nil, ""},
		{fault.NoNonce(), ten, ""},
		{fault.NonceOfLength(0), ten, "0400"},
		{fault.NonceOfLength(0), nil, "0400"},
		{fault.NonceOfLength(3), ten, "0403303132"},
		{fault.NonceOfLength(10), ten, "SENT"},
		{fault.NonceOfLength(12), ten, "040c303132333435363738390000"},
		{fault.NonceOfLength(3), nil, "0403000000"},
		{fault.NonceOfLength(33), ten, "OTHER of 35"},
		{fault.NonceOfLength(129), ten, "OTHER of 132"},
		{fault.UnsolicitedNonce(), nil, "OTHER of 34"},
		{fault.UnsolicitedNonce(), ten, "SENT"},
		{fault.UnwrappedNonce(), ten, "SENT, unwrapped"},
		{fault.UnwrappedNonce(), long, "SENT, unwrapped"},
		{fault.UnwrappedNonce(), []byte{7}, "SENT, unwrapped"},
		{fault.TwoNonces(), ten, "SENT and 040a30313233343536373838"},
		{fault.TwoNonces(), nil, "OTHER of 34 and OTHER of 34"},
		{fault.NonceInSingle(), ten, "single SENT"},
		{fault.NonceInSingle(), nil, "single OTHER of 34"},
	}
	ca := fakeca.New()
	ca.Set(labtest.Request(ca, 1).List[0].CertID.SerialNumber, fakeca.Response{})
	for _, test := range tests {
		t.Run(fmt.Sprintf("%v to %d", test.fault, len(test.sent)), func(t *testing.T) {
			t.Parallel()
			r := ocsptest.NewUnstartedResponder(ca)
			r.SetFault(test.fault)
			req := labtest.Request(ca, 1)
			if test.sent != nil {
				req.SetNonce(test.sent)
			}
			for range 2 {
				body := labtest.Post(r, req).Body
				if got := nonces(body, test.sent); got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
				if err := labtest.SignedBy(ca, body); err != nil {
					t.Error(err)
				}
				m := labtest.Must(fakeca.ParseMessage(body))
				if m.Responses[0].CertStatus.Status != fakeca.Good || m.Responses[0].CertID.SerialNumber.Int64() != 1 {
					t.Errorf("%+v", m.Responses)
				}
			}
		})
	}
}

func TestReplayedNonce(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	r.SetFault(fault.ReplayedNonce())
	ask := func(nonce string) []byte {
		req := labtest.Request(ca, 1)
		if nonce != "" {
			req.SetNonce([]byte(nonce))
		}
		return labtest.Post(r, req).Body
	}
	if got := nonces(ask("first"), []byte("first")); got != "OTHER of 34" {
		t.Errorf("at first %s", got)
	}
	for _, step := range []struct{ send, want string }{
		{"second", "first"}, {"third", "second"}, {"", "third"}, {"fourth", "third"},
	} {
		if got := nonces(ask(step.send), []byte(step.want)); got != "SENT" {
			t.Errorf("to %q: %s, want %q", step.send, got, step.want)
		}
	}
}
