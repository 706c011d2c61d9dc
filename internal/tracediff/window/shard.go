package window

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// shard buffers the traces whose ids hash to it.
type shard struct {
	mu        sync.Mutex // guards everything below
	buffer    *tracebuffer.Buffer
	traces    traces
	seen      seen
	accounted int64
}

func newShard(l Limits, shards int) *shard {
	return &shard{
		buffer: tracebuffer.New(tracebuffer.Options{DictionaryBytes: 64 << 10}), // records hold no strings
		traces: newTraces(),
		seen:   newSeen(l.MemoryBytes / seenShare / int64(shards)),
	}
}

// seenShare is the part of the memory that remembers traces.
const seenShare = 64

// account brings what is counted for the shard up to date. The lock is held.
func (s *shard) account(total *atomic.Int64) {
	held := s.buffer.Bytes() + s.traces.bytes() + s.seen.bytes()
	if s.buffer.Bytes() <= idleBytes && len(s.traces.index) == 0 {
		held = s.traces.bytes() + s.seen.bytes() // what an empty buffer keeps is not worth a trace
	}
	total.Add(held - s.accounted)
	s.accounted = held
}

// idleBytes is what a buffer may keep without spans.
const idleBytes = 1 << 20

// take moves the oldest trace to a, if it is due; false where none is.
func (s *shard) take(a *assembly, due func(*buffered) bool, now time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.traces.oldest
	if i == none || !due(s.traces.at(i)) {
		return false
	}
	s.takeAt(a, i, now)
	return true
}

func (s *shard) takeAt(a *assembly, i uint32, now time.Duration) {
	t := s.traces.at(i)
	a.load(s.buffer, t)
	s.buffer.Free(&t.spans)
	s.seen.add(t.id, now)
	s.traces.remove(i)
}
