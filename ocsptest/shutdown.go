package ocsptest

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"
)

// waitTimeout is how long we wait for code that is not ours before we say so.
const waitTimeout = 5 * time.Second

// close stops the host, and blocks until all has ended. A handler of the host that
// calls it would wait for itself. There it panics once its time is up.
func (h *host) close() {
	h.closeOnce.Do(func() { go h.shutdown() })
	if !calledByHandler() {
		<-h.closed
		return
	}
	select {
	case <-h.closed:
	case <-time.After(waitTimeout + time.Second/2): // after shutdown's own notice
		const advice = "Close was called by a handler, and waits for handlers to return; call it elsewhere, or with go"
		h.notify(advice)
		panic("ocsptest: " + advice)
	}
}

// calledByHandler reports whether the caller is a handler, of this or another
// host.
func calledByHandler() bool {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, runHandlerName) {
			return true
		}
		if !more {
			return false
		}
	}
}

const runHandlerName = "ocsptest.(*host).runHandler"

// shutdown gives handshakes and requests waitTimeout to end, and then ends them.
func (h *host) shutdown() {
	defer close(h.closed)
	limit := time.NewTimer(waitTimeout)
	defer limit.Stop()
	h.mu.Lock()
	h.beginEnd()
	h.mu.Unlock()
	if h.listener != nil {
		h.listener.Close()
	}
	if h.waitIdle != nil {
		if n := h.waitIdle(); n > 0 {
			h.notify("Close of %v gives up waiting for %s that clients did not finish", h.addr(), count(n, "handshake"))
		}
	}
	if h.http != nil {
		defer h.endRequests()
		h.http.SetKeepAlivesEnabled(false) // closes active connections when their requests end
	}
	h.closeConns(func(c *conn) bool { return c.state != http.StateActive })
	done := make(chan struct{})
	go func() {
		h.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return
	case <-limit.C:
	}
	all := func(*conn) bool { return true }
	if n := h.countHandlers(); n > 0 {
		h.notify("Close of %v has waited %v for %s to return; it now cancels the contexts of requests and closes %s",
			h.addr(), waitTimeout, count(n, "handler"), count(len(h.connsWhere(all)), "connection"))
	}
	if h.http != nil {
		h.endRequests()
	}
	h.closeConns(all)
	select {
	case <-done:
		return
	case <-time.After(time.Second):
	}
	h.notify("Close of %v still waits for %s to return:\n%s", h.addr(), count(h.countHandlers(), "handler"), handlerStacks())
	<-done
}

func (h *host) countHandlers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.handlers
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// handlerStacks returns the stacks of the goroutines in which handlers run, those
// of other hosts included.
func handlerStacks() string {
	buf := make([]byte, 1<<20)
	var stacks []string
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, runHandlerName) {
			stacks = append(stacks, stack)
		}
	}
	return strings.Join(stacks, "\n\n")
}

func (h *host) notify(format string, args ...any) {
	w := h.notices
	if w == nil {
		w = os.Stderr
	}
	fmt.Fprintf(w, "ocsptest: "+format+"\n", args...)
}
