package traceassembly

import (
	"encoding/binary"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// Shard holds the open traces whose ids hash to it. Its lock guards all of it, and what its owner keeps beside.
type Shard[T any, P embeds[T]] struct {
	sync.Mutex
	Buffer *tracebuffer.Buffer
	Traces Table[T, P]

	spans   int
	holding Holding
}

// NewShard makes an empty one. Close it after use.
func NewShard[T any, P embeds[T]](o tracebuffer.Options) Shard[T, P] {
	return Shard[T, P]{Buffer: tracebuffer.New(o), Traces: NewTable[T, P]()}
}

// Added notes a span that has been appended to a trace.
func (s *Shard[T, P]) Added() { s.spans++ }

// Spans is how many are held.
func (s *Shard[T, P]) Spans() int { return s.spans }

// Free gives back everything that a detached trace holds.
func (s *Shard[T, P]) Free(i uint32) {
	b := P(s.Traces.At(i)).base()
	s.spans -= b.Spans.Spans()
	s.Buffer.Free(&b.Spans)
	s.Traces.Give(i)
}

// Bytes is the memory of buffer and traces.
func (s *Shard[T, P]) Bytes() int64 { return s.Buffer.Bytes() + s.Traces.Bytes() }

// Account brings what m counts for the shard up to date.
func (s *Shard[T, P]) Account(m *Memory, bytes int64) { m.Account(&s.holding, bytes) }

// Accounted is what is counted for the shard.
func (s *Shard[T, P]) Accounted() int64 { return s.holding.Bytes() }

// Close gives the buffer's memory back. It takes the lock.
func (s *Shard[T, P]) Close() {
	s.Lock()
	defer s.Unlock()
	s.Buffer.Close()
}

// SpanID is the number that stands for a span id in a tracebuffer.Header.
func SpanID(id pcommon.SpanID) uint64 { return binary.BigEndian.Uint64(id[:]) }
