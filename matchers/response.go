package matchers

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A response is a parsed subject.
type response struct {
	*subject
	failure ocsp.ResponseStatus // of an error response; else Success
	status  fakeca.Status       // ServerFailed for an error response
	whole   fakeca.Response     // has the fields of the whole response
	single  fakeca.Response     // has the fields of the single response that matchers judge
	others  []fakeca.Response   // the other single responses
	message *fakeca.Message     // nil if the response is not signed
}

func newResponse(s *subject, r fakeca.Response, m *fakeca.Message) *response {
	resp := &response{subject: s, failure: r.Failure(), status: r.Status, whole: r, single: r, others: r.Also, message: m}
	if resp.failure != ocsp.Success {
		resp.status = fakeca.ServerFailed
		return resp
	}
	if s.serial == nil {
		return resp
	}
	all := append([]fakeca.Response{r}, r.Also...)
	if i := slices.IndexFunc(all, func(r fakeca.Response) bool { return sameInt(r.Serial, s.serial) }); i >= 0 {
		resp.status, resp.single = all[i].Status, all[i]
		resp.others = slices.Delete(all, i, i+1)
	}
	return resp
}

func sameInt(a, b *big.Int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Cmp(b) == 0
}

// lacksFields says why an error response does not match; "" for others.
func (r *response) lacksFields() string {
	if r.failure != ocsp.Success {
		return "it is an error response"
	}
	return ""
}

// time returns a time of the response. Some times of an unsigned response are
// not known.
func (r *response) time(field string, t time.Time) (time.Time, error) {
	if t.IsZero() && r.message == nil {
		return t, fmt.Errorf("%s is not set in this unsigned response; set it, or pass the signed bytes", field)
	}
	return second(t), nil
}

// lines describes the response in at most three lines.
func (r *response) lines() []string {
	lines := []string{r.statusLine(), r.timesLine(), r.responderLine()}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

func (r *response) statusLine() string {
	line := r.statusText()
	serial := r.single.Serial
	switch sent := r.cert; {
	case r.failure != ocsp.Success && sent != nil:
		line += ", sent with " + certText(sent)
	case r.failure != ocsp.Success:
	case sent != nil && sameInt(serial, sent.SerialNumber):
		line += ", for " + certText(sent)
	case sent != nil:
		line += fmt.Sprintf(", for serial %x, sent with %s", serial, certText(sent))
	case serial != nil:
		line += fmt.Sprintf(", for serial %x", serial)
	}
	for i, other := range r.others {
		if i == 2 {
			return line + fmt.Sprintf("; and %d more", len(r.others)-i)
		}
		line += "; also " + other.Status.String()
		if other.Serial != nil {
			line += fmt.Sprintf(" for serial %x", other.Serial)
		}
	}
	return line
}

func (r *response) statusText() string {
	switch {
	case r.failure != ocsp.Success:
		return fmt.Sprintf("%v (%v)", fakeca.ServerFailed, r.failure)
	case r.status != fakeca.Revoked:
		return r.status.String()
	case r.single.RevokedAt.IsZero():
		return fmt.Sprintf("%v (%v)", r.status, r.single.Reason)
	}
	return fmt.Sprintf("%v (%v) since %s", r.status, r.single.Reason, stamp(r.single.RevokedAt))
}

func (r *response) timesLine() string {
	if r.failure != ocsp.Success {
		return ""
	}
	var parts []string
	for _, t := range []struct {
		name string
		time time.Time
	}{
		{"thisUpdate", r.single.ThisUpdate},
		{"nextUpdate", r.single.NextUpdate},
		{"producedAt", r.whole.ProducedAt},
	} {
		switch {
		case !t.time.IsZero():
			parts = append(parts, t.name+" "+stamp(t.time))
		case t.name == "nextUpdate" && r.single.Forever:
			parts = append(parts, "no nextUpdate")
		}
	}
	return strings.Join(parts, ", ")
}

func (r *response) responderLine() string {
	if r.message == nil || r.message.ResponseBytes == nil {
		return ""
	}
	id := r.message.ResponderID
	line := "responder " + rdnText(id.ByName)
	if id.ByKey != nil {
		line = fmt.Sprintf("responder key %x", id.ByKey)
		for _, cert := range append(r.embedded(), r.chain...) {
			if id.Names(cert) {
				line += " of " + nameOf(cert)
				break
			}
		}
	}
	switch certs := r.embedded(); {
	case len(certs) == 0:
	case len(certs) > 1:
		line += fmt.Sprintf(", embeds %s and %d more", nameOf(certs[0]), len(certs)-1)
	case id.Names(certs[0]):
		line += ", embeds its certificate"
	default:
		line += ", embeds " + nameOf(certs[0])
	}
	return line
}

// embedded returns the certificates in a signed response that can be parsed.
func (r *response) embedded() []*x509.Certificate {
	var certs []*x509.Certificate
	for _, der := range r.message.Certs {
		if cert, err := x509.ParseCertificate(der); err == nil {
			certs = append(certs, cert)
		}
	}
	return certs
}
