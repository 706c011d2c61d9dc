package window

import (
	"encoding/binary"
	"math/bits"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// seen remembers the traces that were aggregated, so that a span that comes later is known to be late and does not make a
// trace of its own. It holds two generations of a fixed size: a trace is remembered for at least one period, unless they
// come so fast that the room runs out before. Of an id it keeps 31 bits of a hash, and the slot where the search for it begins:
// one new trace in a billion is mistaken for an old one.
type seen struct {
	now, before fingerprints
	since       time.Duration // when the present generation began
	period      time.Duration
	most        int // slots of a generation, a power of two
}

// fingerprints is open addressing, at most three quarters full.
type fingerprints struct {
	slots []uint32 // 0 is vacant
	used  int
}

// newSeen makes one that takes at most a number of bytes.
func newSeen(bytes int64) seen {
	return seen{most: 1 << (bits.Len64(uint64(max(1024, bytes/2/4))) - 1)}
}

// traceKey mixes the whole of an id.
func traceKey(id pcommon.TraceID) uint64 {
	h := binary.BigEndian.Uint64(id[:8])*0x9E3779B97F4A7C15 ^ binary.BigEndian.Uint64(id[8:])
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h ^ h>>32
}

func (s *seen) add(id pcommon.TraceID, now time.Duration) {
	if now-s.since > s.period || s.now.full() {
		s.before, s.now, s.since = s.now, s.before, now
		clear(s.now.slots)
		s.now.used = 0
	}
	if s.now.slots == nil {
		s.now.slots = make([]uint32, s.most)
	}
	s.now.add(traceKey(id))
}

func (s *seen) has(id pcommon.TraceID) bool {
	key := traceKey(id)
	return s.now.has(key) || s.before.has(key)
}

func (s *seen) bytes() int64 { return int64(len(s.now.slots)+len(s.before.slots)) * 4 }

func (f *fingerprints) full() bool { return f.slots != nil && 4*f.used >= 3*len(f.slots) }

// split is the part of a key that is kept, and the slot at which the search for it begins.
func (f *fingerprints) split(key uint64) (mark uint32, at int) {
	return uint32(key) | 1, int(key>>32) & (len(f.slots) - 1)
}

func (f *fingerprints) add(key uint64) {
	mark, at := f.split(key)
	for f.slots[at] != 0 {
		if f.slots[at] == mark {
			return
		}
		at = (at + 1) & (len(f.slots) - 1)
	}
	f.slots[at] = mark
	f.used++
}

func (f *fingerprints) has(key uint64) bool {
	if len(f.slots) == 0 {
		return false
	}
	mark, at := f.split(key)
	for f.slots[at] != 0 {
		if f.slots[at] == mark {
			return true
		}
		at = (at + 1) & (len(f.slots) - 1)
	}
	return false
}
