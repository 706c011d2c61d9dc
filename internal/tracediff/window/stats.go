package window

import (
	"sync/atomic"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Stats are counts since New, and what is held now.
type Stats struct {
	Spans   int64 // consumed
	Traces  int64 // put together, whether they matched or not
	Windows int64 // closed
	Late    int64 // spans left out when they came, for each reason; see snapshot.Coverage, which has those of single queries too
	Future  int64
	Dropped int64
	Invalid int64
	Untimed int64
	Early   int64 // traces taken before they were quiet, because memory was full

	BufferBytes int64 // of traces that are being put together
	GroupBytes  int64 // of open windows
	Buffered    int   // traces that are being put together
}

type counters struct {
	spans, traces, closed, late, future, dropped, invalid, untimed, early atomic.Int64
}

func (c *counters) add(left *snapshot.Coverage) {
	c.late.Add(int64(left.Late))
	c.future.Add(int64(left.Future))
	c.dropped.Add(int64(left.Dropped))
	c.invalid.Add(int64(left.Invalid))
	c.untimed.Add(int64(left.Untimed))
}

// Stats reads the counts.
func (e *Engine) Stats() Stats {
	c := &e.stats
	s := Stats{
		Spans: c.spans.Load(), Traces: c.traces.Load(), Windows: c.closed.Load(), Late: c.late.Load(), Future: c.future.Load(),
		Dropped: c.dropped.Load(), Invalid: c.invalid.Load(), Untimed: c.untimed.Load(), Early: c.early.Load(),
		BufferBytes: e.buffers.Used(), GroupBytes: e.groups.Load(),
	}
	for _, shard := range e.shards {
		shard.Lock()
		s.Buffered += shard.Traces.Len()
		shard.Unlock()
	}
	return s
}
