package fakeca

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/ocsp"
)

// The names are those in k6's Response.ocsp.
type responseJSON struct {
	Status     string  `json:"status"`
	Reason     *string `json:"revocation_reason,omitempty"`
	ProducedAt millis  `json:"produced_at,omitzero"`
	ThisUpdate millis  `json:"this_update,omitzero"`
	NextUpdate millis  `json:"next_update,omitzero"`
	RevokedAt  millis  `json:"revoked_at,omitzero"`
}

// millis is a time in milliseconds since 1970.
type millis struct{ time.Time }

func (m millis) MarshalJSON() ([]byte, error) { return json.Marshal(m.UnixMilli()) }

func (m *millis) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil // as if left out
	}
	var n int64
	if err := json.Unmarshal(data, &n); err != nil {
		return fmt.Errorf("a time is a whole number of milliseconds since 1970, not %s", data)
	}
	m.Time = time.UnixMilli(n).UTC()
	return nil
}

// MarshalJSON writes an object with "status", "revocation_reason", "produced_at",
// "this_update", "next_update" and "revoked_at", as k6 does in Response.ocsp.
// Times are in milliseconds since 1970. Zero times are left out, and so is the
// reason unless Status is Revoked. A Status or Reason that does not exist is an
// error.
func (r Response) MarshalJSON() ([]byte, error) {
	if r.Failure() != ocsp.Success {
		r.Status = ServerFailed
	}
	status, err := r.Status.MarshalText()
	if err != nil {
		return nil, err
	}
	out := responseJSON{
		Status:     string(status),
		ProducedAt: millis{r.ProducedAt},
		ThisUpdate: millis{r.ThisUpdate},
		NextUpdate: millis{r.NextUpdate},
		RevokedAt:  millis{r.RevokedAt},
	}
	if r.Status == Revoked {
		reason, err := r.Reason.MarshalText()
		if err != nil {
			return nil, err
		}
		out.Reason = new(string(reason))
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. All other fields become zero.
func (r *Response) UnmarshalJSON(data []byte) error {
	out, err := responseFromJSON(data)
	if err != nil {
		return fmt.Errorf("fakeca: Response in JSON: %w", err)
	}
	*r = out
	return nil
}

func responseFromJSON(data []byte) (Response, error) {
	var in responseJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return Response{}, err
	}
	status, err := parseStatus(in.Status)
	if err != nil {
		return Response{}, err
	}
	out := Response{
		Status:     status,
		ProducedAt: in.ProducedAt.Time,
		ThisUpdate: in.ThisUpdate.Time,
		NextUpdate: in.NextUpdate.Time,
		RevokedAt:  in.RevokedAt.Time,
	}
	if in.Reason != nil {
		if out.Reason, err = parseReason(*in.Reason); err != nil {
			return Response{}, err
		}
	}
	if wrong := out.check(); wrong != "" {
		return Response{}, errors.New(wrong)
	}
	return out, nil
}
