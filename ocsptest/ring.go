package ocsptest

// A ring keeps no more records, and no more bytes in them, than this.
const (
	maxRecords = 4096
	maxBytes   = 64 << 20
)

// A ring keeps the newest records, so that a load test does not fill the memory.
// The zero value is empty.
type ring[T any] struct {
	entries []*ringEntry[T] // from old to new
	bytes   int
	dropped int // records that are no longer kept
}

type ringEntry[T any] struct {
	record  T
	bytes   int
	dropped bool
}

// add adds a record that holds so many bytes.
func (r *ring[T]) add(record T, bytes int) *ringEntry[T] {
	e := &ringEntry[T]{record: record}
	r.entries = append(r.entries, e)
	r.grow(e, bytes)
	return e
}

// grow notes that a record holds so many bytes more.
func (r *ring[T]) grow(e *ringEntry[T], bytes int) {
	if e.dropped {
		return
	}
	e.bytes += bytes
	r.bytes += bytes
	for len(r.entries) > maxRecords || r.bytes > maxBytes && len(r.entries) > 1 {
		oldest := r.entries[0]
		oldest.dropped = true
		r.bytes -= oldest.bytes
		r.entries[0] = nil // frees it
		r.entries = r.entries[1:]
		r.dropped++
	}
}

// all returns a copy of the records, from old to new.
func (r *ring[T]) all() []T {
	out := make([]T, 0, len(r.entries))
	for _, e := range r.entries {
		out = append(out, e.record)
	}
	return out
}

// clear drops all records, and forgets that there were any.
func (r *ring[T]) clear() {
	for _, e := range r.entries {
		e.dropped = true
	}
	*r = ring[T]{}
}
