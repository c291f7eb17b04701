package ocsptest

import (
	"sync"

	"github.com/ocsplab/ocsplab/fakeca"
)

const (
	maxCachedRequest = 4 << 10  // bytes of a request whose response is cached
	maxCacheSize     = 32 << 20 // bytes; a full cache starts anew
)

// A responseCache holds responses to requests without a nonce. The zero value is
// empty.
type responseCache struct {
	mu        sync.Mutex
	byRequest map[string]cachedResponse // by its DER
	size      int
}

type cachedResponse struct {
	request  *fakeca.Request // must not be changed
	response *response       // may be outdated
}

func (c *responseCache) get(der []byte) (cachedResponse, bool) {
	if len(der) > maxCachedRequest {
		return cachedResponse{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cached, ok := c.byRequest[string(der)]
	return cached, ok
}

func (c *responseCache) put(der []byte, cached cachedResponse) {
	if len(der) > maxCachedRequest {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.byRequest[string(der)]; ok {
		c.size -= old.bytes(der)
	}
	if c.size += cached.bytes(der); c.size > maxCacheSize || c.byRequest == nil {
		c.byRequest = make(map[string]cachedResponse)
		c.size = cached.bytes(der)
	}
	c.byRequest[string(der)] = cached
}

// bytes is about how much memory c and its request take.
func (c cachedResponse) bytes(der []byte) int {
	const structs = 1 << 10
	return structs + 2*len(der) + len(c.response.der)
}
