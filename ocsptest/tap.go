package ocsptest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/cryptobyte"
)

// Listener returns a listener for a server that uses [Server.ServerTLSConfig], such
// as a gRPC server, or an SMTP server after STARTTLS. It makes the records of
// handshakes complete: with the client's alert, and with the refusals of TLS 1.3
// clients. An alert encrypted with ChaCha20-Poly1305 is recorded without its
// number.
func (s *Server) Listener(l net.Listener) net.Listener { return tappedListener{l} }

type tappedListener struct{ net.Listener }

func (l tappedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &tap{Conn: c}, nil
}

// A tap is a connection of a server that is not ours. It reads along, because
// crypto/tls reports alerts to no callback. In TLS 1.3 alerts are encrypted. The
// keys come through the configuration's KeyLogWriter.
type tap struct {
	net.Conn

	mu      sync.Mutex
	alerted func(Alert) // nil before the ClientHello
	pending []byte      // a record that is not complete yet
	now     *recordKeys // that the client encrypts with in TLS 1.3
	later   *recordKeys // after its Finished
	tapState
}

// A tapState is what a tap has seen of a handshake.
type tapState struct {
	version    uint16 // of TLS; zero before the ServerHello
	written    int    // bytes of the server's
	alert      Alert  // the client's
	unreadable bool   // the client sent an alert in TLS 1.3 that cannot be decrypted
	changedKey bool   // the client sent ChangeCipherSpec
	finished   bool   // the client sent Finished, in TLS 1.3
	readErr    error  // of the connection
}

// start begins to read along, after the ClientHello. alerted is called for each
// alert.
func (t *tap) start(cfg *tls.Config, alerted func(Alert)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.alerted, t.pending, t.now, t.later, t.tapState = alerted, nil, nil, nil, tapState{}
	if cfg.KeyLogWriter == nil {
		cfg.KeyLogWriter = keyLog{t}
	} else {
		cfg.KeyLogWriter = io.MultiWriter(cfg.KeyLogWriter, keyLog{t})
	}
}

func (t *tap) state() tapState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tapState
}

func (t *tap) Write(p []byte) (int, error) {
	n, err := t.Conn.Write(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.written += n
	if t.version == 0 && len(p) >= 11 && p[0] == handshakeType && p[5] == serverHelloType {
		t.version = binary.BigEndian.Uint16(p[9:]) // if it is TLS 1.3, keyLog knows
	}
	return n, err
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.readErr = err
	}
	if t.alerted == nil {
		return n, err
	}
	t.pending = append(t.pending, p[:n]...)
	for len(t.pending) >= recordHeader {
		size := recordHeader + int(binary.BigEndian.Uint16(t.pending[3:]))
		if len(t.pending) < size {
			break
		}
		t.readRecord(t.pending[:size])
		t.pending = t.pending[size:]
	}
	return n, err
}

// Content types of records and messages (RFC 8446 sections 5.1 and 4), and sizes.
const (
	changeCipherSpecType = 20
	alertType            = 21
	handshakeType        = 22
	applicationType      = 23

	serverHelloType = 2
	finishedType    = 20

	recordHeader         = 5
	encryptedAlertRecord = recordHeader + 2 + 1 + 16
)

// readRecord reads a record of the client's. It is called with mu held.
func (t *tap) readRecord(record []byte) {
	var alert Alert
	switch {
	case record[0] == alertType:
		alert, _ = parseAlert(record)
	case record[0] == changeCipherSpecType:
		t.changedKey = true
	case record[0] != applicationType || t.now == nil:
	case t.later == nil && len(record) != encryptedAlertRecord:
		t.now.sequence++
	default:
		contentType, content := t.now.open(record)
		if content == nil && t.later != nil {
			if contentType, content = t.later.open(record); content != nil {
				t.now, t.later = t.later, nil
			}
		}
		switch {
		case contentType == alertType && len(content) == 2 && content[0] == fatal:
			alert = Alert(content[1])
		case contentType == handshakeType && t.now.isFinished(content):
			t.finished = true
		case content == nil && !t.finished: // the sizes tell them apart
			t.unreadable = len(record) == encryptedAlertRecord
			t.finished = len(record) == recordHeader+4+t.now.hashSize+1+16
		}
	}
	if alert != 0 {
		t.alert = alert
		t.alerted(alert)
	}
}

// A keyLog takes the client's keys from a KeyLogWriter.
type keyLog struct{ tap *tap }

func (k keyLog) Write(line []byte) (int, error) {
	label, rest, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	_, text, _ := strings.Cut(rest, " ") // after the client's random
	secret, err := hex.DecodeString(text)
	if err != nil {
		return len(line), nil
	}
	k.tap.mu.Lock()
	defer k.tap.mu.Unlock()
	switch label {
	case "CLIENT_HANDSHAKE_TRAFFIC_SECRET":
		k.tap.now, k.tap.version = newRecordKeys(secret), tls.VersionTLS13
	case "CLIENT_TRAFFIC_SECRET_0":
		k.tap.later = newRecordKeys(secret)
	}
	return len(line), nil
}

// recordKeys open the records that one secret protects (RFC 8446 section 5.2).
type recordKeys struct {
	aead     cipher.AEAD // nil if there is none
	iv       []byte
	sequence uint64
	hashSize int
}

func newRecordKeys(secret []byte) *recordKeys {
	h, keySize := sha256.New, 16 // TLS_AES_128_GCM_SHA256, unless it is ChaCha20-Poly1305
	if len(secret) == sha512.Size384 {
		h, keySize = sha512.New384, 32 // TLS_AES_256_GCM_SHA384
	}
	k := &recordKeys{hashSize: len(secret), iv: expandLabel(h, secret, "iv", 12)}
	if block, err := aes.NewCipher(expandLabel(h, secret, "key", keySize)); err == nil {
		k.aead, _ = cipher.NewGCM(block) // refused with GODEBUG=fips140=only
	}
	return k
}

// expandLabel is HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
func expandLabel(h func() hash.Hash, secret []byte, label string, size int) []byte {
	var b cryptobyte.Builder
	b.AddUint16(uint16(size))
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("tls13 " + label)) })
	b.AddUint8(0)
	out, err := hkdf.Expand(h, secret, string(b.BytesOrPanic()), size)
	if err != nil {
		return make([]byte, size) // no record opens with it
	}
	return out
}

// open returns the content of a record and its type; nil if it does not open.
func (k *recordKeys) open(record []byte) (contentType byte, content []byte) {
	if k.aead == nil {
		return 0, nil
	}
	nonce := make([]byte, len(k.iv))
	binary.BigEndian.PutUint64(nonce[len(nonce)-8:], k.sequence)
	for i := range nonce {
		nonce[i] ^= k.iv[i]
	}
	plain, err := k.aead.Open(nil, nonce, record[recordHeader:], record[:recordHeader])
	if err != nil {
		return 0, nil
	}
	k.sequence++
	plain = bytes.TrimRight(plain, "\x00") // the padding
	if len(plain) == 0 {
		return 0, nil
	}
	return plain[len(plain)-1], plain[:len(plain)-1]
}

// isFinished reports whether the messages end with Finished.
func (k *recordKeys) isFinished(messages []byte) bool {
	i := len(messages) - 4 - k.hashSize
	return i >= 0 && messages[i] == finishedType && messages[i+1] == 0 && messages[i+2] == 0 && int(messages[i+3]) == k.hashSize
}
