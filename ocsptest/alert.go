package ocsptest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"reflect"
)

// An Alert is the description of a TLS alert (RFC 8446 section 6). Zero
// (close_notify) means that the client sent no alert.
type Alert uint8

// The names of RFC 8446 section 6 and appendix B.2, reserved ones included, and
// that of Encrypted Client Hello.
var alertNames = map[Alert]string{
	0:   "close_notify",
	10:  "unexpected_message",
	20:  "bad_record_mac",
	21:  "decryption_failed",
	22:  "record_overflow",
	30:  "decompression_failure",
	40:  "handshake_failure",
	41:  "no_certificate",
	42:  "bad_certificate",
	43:  "unsupported_certificate",
	44:  "certificate_revoked",
	45:  "certificate_expired",
	46:  "certificate_unknown",
	47:  "illegal_parameter",
	48:  "unknown_ca",
	49:  "access_denied",
	50:  "decode_error",
	51:  "decrypt_error",
	60:  "export_restriction",
	70:  "protocol_version",
	71:  "insufficient_security",
	80:  "internal_error",
	86:  "inappropriate_fallback",
	90:  "user_canceled",
	100: "no_renegotiation",
	109: "missing_extension",
	110: "unsupported_extension",
	111: "certificate_unobtainable",
	112: "unrecognized_name",
	113: "bad_certificate_status_response",
	114: "bad_certificate_hash_value",
	115: "unknown_psk_identity",
	116: "certificate_required",
	120: "no_application_protocol",
	121: "ech_required",
}

// String returns the name in RFC 8446, such as "certificate_revoked".
func (a Alert) String() string {
	if name, ok := alertNames[a]; ok {
		return name
	}
	return fmt.Sprintf("alert(%d)", uint8(a))
}

// GomegaString returns what String returns, for the messages of Gomega.
func (a Alert) GomegaString() string { return a.String() }

// receivedAlert returns the alert that the peer sent, if err is about one.
func receivedAlert(err error) Alert {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return 0
	}
	return alertNumber(op.Err)
}

// alertNumber returns the alert in an error of crypto/tls, whose type is not
// exported.
func alertNumber(err error) Alert {
	if v := reflect.ValueOf(err); v.Kind() == reflect.TypeFor[tls.AlertError]().Kind() {
		return Alert(v.Uint())
	}
	return 0
}
