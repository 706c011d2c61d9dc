package tailsampling

import (
	"time"
)

// evict has the oldest traces of every shard decided before they are complete, until those left fit.
func (d *decider) evict(now time.Duration) {
	each := d.memory.excess()/int64(len(d.shards)) + 1
	for at, s := range d.shards {
		for bytes := each; d.force(uint16(at), s, &bytes, reasonOverflow); {
			d.selectDue(now)
		}
	}
	d.urgent = true
}

// maxCandidates bounds how many traces come up for decision at once where all at hand are forced to.
const maxCandidates = 1 << 14

// force makes candidates of the oldest traces of a shard, as they stand, until they held that many bytes. It returns true
// when there are more, but enough candidates for now.
func (d *decider) force(at uint16, s *shard, bytes *int64, reason string) (more bool) {
	s.Lock()
	defer s.Unlock()
	for i := s.Traces.Oldest(); i != none && *bytes > 0; {
		t := s.Traces.At(i)
		newer := s.Traces.Newer(i)
		if !t.has(due) {
			if len(d.candidates) >= maxCandidates {
				return true
			}
			*bytes -= int64(t.Spans.Bytes())
			s.wheel.remove(i)
			if t.has(lateSpans) {
				d.releaseLate(s, at, i)
			} else {
				d.judge(at, s, i, t, reason)
			}
		}
		i = newer
	}
	return false
}
