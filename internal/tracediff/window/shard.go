package window

import (
	"time"

	"github.com/assayhq/assay/internal/traceassembly"
	"github.com/assayhq/assay/internal/tracebuffer"
)

// shard buffers the traces whose ids hash to it.
type shard struct {
	traceassembly.Shard[buffered, *buffered]
	seen seen
}

func newShard(l Limits, shards int) *shard {
	return &shard{
		Shard: traceassembly.NewShard[buffered](tracebuffer.Options{DictionaryBytes: 64 << 10}), // records hold no strings
		seen:  newSeen(l.MemoryBytes / seenShare / int64(shards)),
	}
}

// seenShare is the part of the memory that remembers traces.
const seenShare = 64

// account brings what is counted for the shard up to date. The lock is held.
func (s *shard) account(m *traceassembly.Memory) {
	held := s.Bytes() + s.seen.bytes()
	if s.Buffer.Bytes() <= idleBytes && s.Traces.Len() == 0 {
		held -= s.Buffer.Bytes() // what an empty buffer keeps is not worth a trace
	}
	s.Account(m, held)
}

// idleBytes is what a buffer may keep without spans.
const idleBytes = 1 << 20

// take moves the oldest trace to a, if it is due; false where none is.
func (s *shard) take(a *assembly, due func(*buffered) bool, now time.Duration) bool {
	s.Lock()
	defer s.Unlock()
	i := s.Traces.Oldest()
	if i == traceassembly.None || !due(s.Traces.At(i)) {
		return false
	}
	s.takeAt(a, i, now)
	return true
}

func (s *shard) takeAt(a *assembly, i uint32, now time.Duration) {
	t := s.Traces.At(i)
	a.load(s.Buffer, t)
	s.seen.add(t.ID, now)
	s.Traces.Detach(i)
	s.Free(i)
}
