package ocsptest

// kept is how many records a ring holds at the most.
const kept = 4096

// A ring holds the newest records, so that a load test does not fill the
// memory. The zero value is empty.
type ring[T any] struct {
	records []T
	oldest  int // where the oldest is, once the ring is full
	dropped int
}

func (r *ring[T]) add(record T) {
	if len(r.records) < kept {
		r.records = append(r.records, record)
		return
	}
	r.records[r.oldest] = record
	r.oldest = (r.oldest + 1) % kept
	r.dropped++
}

// all returns the records from old to new, in a slice of its own.
func (r *ring[T]) all() []T {
	out := make([]T, 0, len(r.records))
	out = append(out, r.records[r.oldest:]...)
	return append(out, r.records[:r.oldest]...)
}
