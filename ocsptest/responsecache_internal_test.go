package ocsptest

import (
	"fmt"
	"testing"
)

// A full cache is emptied, and large requests are not cached.
func TestResponseCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c responseCache
	der := make([]byte, 1<<20)
	for i := range 100 {
		c.put(fmt.Append(nil, i), cachedResponse{response: &response{der: der}})
		if held := len(c.byRequest) << 20; held > maxCacheSize || c.size < held || c.size > maxCacheSize {
			t.Fatalf("after %d responses of 1 MiB it holds %d bytes, and counts %d; the limit is %d", i+1, held, c.size, maxCacheSize)
		}
	}
	if got, ok := c.get([]byte("99")); !ok || len(got.response.der) != len(der) {
		t.Error("the last response is not there")
	}
	if _, ok := c.get([]byte("0")); ok {
		t.Error("the first response is still there")
	}

	var same responseCache
	for range 100 {
		same.put([]byte("x"), cachedResponse{response: &response{der: der}})
	}
	if want := (cachedResponse{response: &response{der: der}}).bytes([]byte("x")); same.size != want {
		t.Errorf("one response that is replaced counts %d bytes, want %d", same.size, want)
	}

	large := make([]byte, maxCachedRequest+1)
	same.put(large, cachedResponse{response: new(response)})
	if _, ok := same.get(large); ok || len(same.byRequest) != 1 {
		t.Error("a large request is cached")
	}
	same.put(large[1:], cachedResponse{response: new(response)})
	if _, ok := same.get(large[1:]); !ok {
		t.Error("a request of the limit is not cached")
	}
}
