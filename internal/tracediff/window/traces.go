package window

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/traceassembly"
)

// buffered is a trace whose spans are awaited. In a shard's table they stand in the order in which they were heard of last: waits
// are all of one length, so that this is also the order in which they end.
type buffered struct {
	traceassembly.Trace
	plan  *plan
	start int64 // of the earliest span, unix ns
}

// find returns the trace of an id, opened if it is new; nil if it has been aggregated. The lock is held.
func (s *shard) find(id pcommon.TraceID, p *plan, now time.Duration) *buffered {
	if i, ok := s.Traces.Find(id); ok {
		t := s.Traces.At(i)
		t.LastSeen = max(t.LastSeen, now)
		s.Traces.Touch(i)
		return t
	}
	if s.seen.has(id) {
		return nil
	}
	_, t := s.Traces.Open(id, now)
	t.plan, t.start = p, 1<<63-1
	return t
}
