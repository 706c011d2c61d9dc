package window

import (
	"encoding/binary"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// seen remembers the traces that were aggregated, so that a span that comes later is known to be late and does not make a
// trace of its own. It holds two generations: a trace is remembered for at least one period, unless they come so fast that
// the room runs out before.
type seen struct {
	now, before map[uint64]struct{}
	since       time.Duration // when the present generation began
	period      time.Duration
	most        int // in a generation
}

// seenBytes is what an entry takes, on average over the growth of a map.
const seenBytes = 20

func newSeen(most int) seen { return seen{now: map[uint64]struct{}{}, most: most} }

func traceKey(id pcommon.TraceID) uint64 {
	return binary.BigEndian.Uint64(id[:8])*0x9E3779B97F4A7C15 ^ binary.BigEndian.Uint64(id[8:])
}

func (s *seen) add(id pcommon.TraceID, now time.Duration) {
	if len(s.now) >= s.most || now-s.since > s.period {
		s.before, s.now, s.since = s.now, map[uint64]struct{}{}, now
	}
	s.now[traceKey(id)] = struct{}{}
}

func (s *seen) has(id pcommon.TraceID) bool {
	key := traceKey(id)
	if _, ok := s.now[key]; ok {
		return true
	}
	_, ok := s.before[key]
	return ok
}

func (s *seen) bytes() int64 { return int64(len(s.now)+len(s.before)) * seenBytes }
