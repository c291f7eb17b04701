package labtest

import (
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Clock stands still until it is set. It is for one goroutine.
type Clock struct{ Now time.Time }

// NewClock returns a clock that shows a time in 2030.
func NewClock() *Clock { return &Clock{time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)} }

// Option makes a CA use the clock.
func (c *Clock) Option() fakeca.Option {
	return fakeca.WithClock(func() time.Time { return c.Now })
}
