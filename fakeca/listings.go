package fakeca

import (
	"cmp"
	"math/big"
	"slices"
)

// listings are the entries of the record that were ever revoked, which are those
// that CRLs list. They are kept in order, so that a list of a large record need
// not look at all of it, or sort it. The zero value is empty.
type listings struct {
	all ordered

	// The same for shards, since the first list of one. Only the number of shards
	// that was asked for last is kept.
	shards []ordered // of what the CA issued
	others ordered   // of what it did not issue
}

// add adds an entry that was not revoked before.
func (l *listings) add(e *entry) {
	l.all.add(e)
	if l.shards != nil {
		l.addToShard(e)
	}
}

// issued moves an entry, which add was called for, to its shard.
func (l *listings) issued(e *entry) {
	if l.shards == nil {
		return
	}
	l.others.remove(e)
	l.addToShard(e)
}

func (l *listings) addToShard(e *entry) {
	if e.cert == nil {
		l.others.add(e)
		return
	}
	l.shards[shardOf(e.serial, len(l.shards))].add(e)
}

// of returns the entries for c, in the order of their serial numbers.
func (l *listings) of(c *CRL) []listing {
	if c.Shards == 0 {
		return l.all.inOrder()
	}
	if len(l.shards) != c.Shards {
		l.shards, l.others = make([]ordered, c.Shards), ordered{}
		for _, one := range l.all.inOrder() {
			l.addToShard(one.entry)
		}
	}
	return merge(l.shards[c.Shard].inOrder(), l.others.inOrder())
}

const maxShards = 1 << 16 // a list for each takes little memory

// shardOf returns the number of the shard for a serial number, of n.
func shardOf(serial *big.Int, n int) int {
	return int(new(big.Int).Mod(serial, big.NewInt(int64(n))).Int64())
}

// ordered holds entries in the order of their serial numbers, except for those
// that were added since the last inOrder.
type ordered struct {
	listings []listing
	sorted   int // how many are in order
}

// A listing is an entry with the beginning of its serial number, which makes
// sorting many times faster.
type listing struct {
	rank  uint64
	entry *entry
}

func (o *ordered) add(e *entry) {
	o.listings = append(o.listings, listing{rank(e.serial), e})
}

func (o *ordered) remove(e *entry) {
	i := slices.IndexFunc(o.inOrder(), func(one listing) bool { return one.entry == e })
	o.listings = slices.Delete(o.listings, i, i+1)
	o.sorted--
}

func (o *ordered) inOrder() []listing {
	if added := o.listings[o.sorted:]; len(added) > 0 {
		slices.SortFunc(added, listing.compare)
		o.listings = merge(o.listings[:o.sorted], added)
		o.sorted = len(o.listings)
	}
	return o.listings
}

func (l listing) compare(other listing) int {
	if l.rank != other.rank {
		return cmp.Compare(l.rank, other.rank)
	}
	return l.entry.serial.Cmp(other.entry.serial)
}

// rank returns the length of x in bits, up to 2^16-1, and its first 48 bits. A
// larger number has a larger rank, or the same.
func rank(x *big.Int) uint64 {
	const bits = 48
	length := x.BitLen()
	if x.Sign() <= 0 {
		return 0
	}
	if length >= 1<<16 {
		return 1<<64 - 1
	}
	var first big.Int
	if length > bits {
		return uint64(length)<<bits | first.Rsh(x, uint(length-bits)).Uint64()
	}
	return uint64(length)<<bits | x.Uint64()
}

// merge returns what is in a and b, which are in order, in order.
func merge(a, b []listing) []listing {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	all := make([]listing, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].compare(b[0]) <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}
