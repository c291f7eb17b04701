package ocsptest

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A memoryConn is one end of a connection. It is no net.Pipe, because that has no
// buffer: two TLS peers that write at once would wait for each other.
type memoryConn struct {
	in, out       *stream
	local, remote net.Addr
	resets        atomic.Bool // Close resets
}

func newMemoryConns(addr net.Addr) (client, server *memoryConn) {
	up, down := newStream(), newStream()
	from := &net.TCPAddr{IP: loopbackIP, Port: 0}
	return &memoryConn{in: down, out: up, local: from, remote: addr},
		&memoryConn{in: up, out: down, local: addr, remote: from}
}

func (c *memoryConn) Read(p []byte) (int, error)         { return c.in.read(p) }
func (c *memoryConn) Write(p []byte) (int, error)        { return c.out.write(p) }
func (c *memoryConn) LocalAddr() net.Addr                { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr               { return c.remote }
func (c *memoryConn) SetReadDeadline(t time.Time) error  { return c.in.reader.set(c.in, t) }
func (c *memoryConn) SetWriteDeadline(t time.Time) error { return c.out.writer.set(c.out, t) }

func (c *memoryConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetLinger makes Close reset the connection if seconds is 0, as that of a
// net.TCPConn does.
func (c *memoryConn) SetLinger(seconds int) error {
	c.resets.Store(seconds == 0)
	return nil
}

func (c *memoryConn) Close() error {
	if c.resets.Load() {
		c.reset()
	}
	c.in.closeEnd(&c.in.reader)
	c.out.closeEnd(&c.out.writer)
	return nil
}

// reset makes the peer's writing fail, and its reading once it has read what had
// come before, as RST does on Linux.
func (c *memoryConn) reset() {
	for _, s := range []*stream{c.in, c.out} {
		s.mu.Lock()
		s.broken = true
		s.changed.Broadcast()
		s.mu.Unlock()
	}
}

// A stream carries bytes in one direction.
type stream struct {
	mu             sync.Mutex
	changed        *sync.Cond
	buffer         []byte
	broken         bool // by reset
	reader, writer streamEnd
}

// A streamEnd is guarded by the stream's mu.
type streamEnd struct {
	closed   bool
	deadline time.Time
	timer    *time.Timer
}

// streamBuffer is how many bytes a stream holds before writing blocks.
const streamBuffer = 64 << 10

func newStream() *stream {
	s := new(stream)
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.reader.closed:
			return 0, net.ErrClosed
		case s.reader.expired():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.broken && len(s.buffer) == 0:
			return 0, syscall.ECONNRESET
		case len(s.buffer) > 0:
			n := copy(p, s.buffer)
			s.buffer = s.buffer[n:]
			s.changed.Broadcast()
			return n, nil
		case s.writer.closed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.writer.closed:
			return n, net.ErrClosed
		case s.broken:
			return n, syscall.ECONNRESET
		case s.writer.expired():
			return n, os.ErrDeadlineExceeded
		case s.reader.closed:
			return n, syscall.EPIPE
		case n == len(p):
			return n, nil
		case len(s.buffer) < streamBuffer:
			more := min(len(p)-n, streamBuffer-len(s.buffer))
			s.buffer = append(s.buffer, p[n:n+more]...)
			n += more
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
}

func (s *stream) closeEnd(e *streamEnd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.closed = true
	e.stop()
	s.changed.Broadcast()
}

func (e *streamEnd) expired() bool { return !e.deadline.IsZero() && !time.Now().Before(e.deadline) }

func (e *streamEnd) stop() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

func (e *streamEnd) set(s *stream, t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.closed {
		return net.ErrClosed
	}
	e.stop()
	e.deadline = t
	if !t.IsZero() {
		e.timer = time.AfterFunc(time.Until(t), func() {
			s.mu.Lock() // else a reader that just looked at the time would sleep on
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
	s.changed.Broadcast()
	return nil
}
