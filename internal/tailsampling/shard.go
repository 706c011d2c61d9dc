package tailsampling

import (
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// shard owns the traces whose ids hash to it: their spans, their place on the timing wheel and the decisions about them.
type shard struct {
	mu     sync.Mutex // guards everything below
	buffer *tracebuffer.Buffer
	table  traceTable
	index  map[pcommon.TraceID]uint32
	wheel  wheel
	oldest uint32 // ends of the list in order of arrival
	newest uint32

	kept    decisionCache
	dropped decisionCache

	names    map[uint64]nameEntry // raw operation -> hash, see operations.go
	maxNames int
	gaps     []gapEvent // ended spells, until the next tick collects them

	spans     int   // buffered
	accounted int64 // bytes that the engine's memory counts for this shard
}

// gapEvent is a quiet spell that a span has ended.
type gapEvent struct {
	class uint32
	gap   time.Duration
}

// indexBytes is what an entry of the index takes.
const indexBytes = 32

func newShard(cfg *Config, shards int) *shard {
	s := &shard{
		buffer:  tracebuffer.New(tracebuffer.Options{DictionaryBytes: dictionaryBytes(cfg.MemoryLimit, shards)}),
		index:   map[pcommon.TraceID]uint32{},
		oldest:  none,
		newest:  none,
		kept:    newDecisionCache(cacheEntries(cfg.KeptCache, cfg.MemoryLimit) / shards),
		dropped: newDecisionCache(cacheEntries(cfg.DroppedCache, cfg.MemoryLimit) / shards),
		names:   map[uint64]nameEntry{},

		maxNames: int(max(64, min(maxNames, cfg.MemoryLimit/namesShare/nameBytes/int64(shards)))),
	}
	s.wheel = newWheel(&s.table)
	return s
}

// cacheEntries bounds each decision cache by an eighth of the memory.
func cacheEntries(want int, limit int64) int {
	return int(min(int64(want), limit/8/verdictBytes))
}

// dictionaryBytes gives an eighth of the memory to dictionaries, within reason.
func dictionaryBytes(limit int64, shards int) int {
	return int(max(64<<10, min(limit/8/int64(shards), 8<<20)))
}

// open makes a trace.
func (s *shard) open(id pcommon.TraceID, now time.Duration) (uint32, *trace) {
	i := s.table.take()
	t := s.table.at(i)
	t.id, t.firstSeen, t.lastSeen = id, now, now
	t.rule, t.shape = noRule, none
	t.older, t.newer = s.newest, none
	if s.newest != none {
		s.table.at(s.newest).newer = i
	} else {
		s.oldest = i
	}
	s.newest = i
	s.index[id] = i
	return i, t
}

// detach takes a trace out of the index, the wheel and the order of arrival; its spans stay until it is freed.
func (s *shard) detach(i uint32) {
	t := s.table.at(i)
	s.wheel.remove(i)
	delete(s.index, t.id)
	if t.older != none {
		s.table.at(t.older).newer = t.newer
	} else {
		s.oldest = t.newer
	}
	if t.newer != none {
		s.table.at(t.newer).older = t.older
	} else {
		s.newest = t.older
	}
	t.older, t.newer = none, none
}

// free gives back everything that a detached trace holds.
func (s *shard) free(i uint32) {
	t := s.table.at(i)
	s.spans -= t.spans.Spans()
	s.buffer.Free(&t.spans)
	s.table.give(i)
}

// bytes is the memory that the shard holds.
func (s *shard) bytes() int64 {
	return s.buffer.Bytes() + s.table.bytes() + int64(len(s.index))*indexBytes +
		s.kept.bytes() + s.dropped.bytes() + int64(len(s.names))*nameBytes
}
