package tailsampling

import (
	"hash/maphash"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/dchest/siphash"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/traceassembly"
	"github.com/assayhq/assay/internal/tracebuffer"
)

// assembly is the traces that are held, and what intake, decider and sender share of them.
type assembly struct {
	cfg      *Config
	observer Observer
	clock    *traceassembly.Clock
	memory   memory
	ledger   *ledger // nil without a journal
	seed     maphash.Seed
	idKey    [2]uint64 // of the hash of trace ids; saved with the state
	shards   []*shard
}

// shard owns the traces whose ids hash to it: their spans, their place on the timing wheel and the decisions about them. Its lock
// guards all of it.
type shard struct {
	traceassembly.Shard[trace, *trace]
	wheel wheel

	kept    decisionCache
	dropped decisionCache

	names    map[uint64]nameEntry // raw operation -> hash, see operations.go
	maxNames int
	gaps     []gapEvent // ended spells, until the next tick collects them
}

type traceTable = traceassembly.Table[trace, *trace]

// gapEvent is a quiet spell that a span has ended.
type gapEvent struct {
	class uint32
	gap   time.Duration
}

func newAssembly(cfg *Config, observer Observer, wall func() time.Time) *assembly {
	a := &assembly{
		cfg: cfg, observer: observer, clock: traceassembly.NewClock(wall),
		memory: newMemory(cfg.MemoryLimit), seed: maphash.MakeSeed(),
		idKey: [2]uint64{rand.Uint64(), rand.Uint64()},
	}
	for range cfg.Shards {
		a.shards = append(a.shards, newShard(cfg))
	}
	return a
}

// defaultShards is enough that intake goroutines seldom meet, few enough that dictionaries are shared and that the slabs
// which every shard holds, up to 1 MiB, are a small part of the memory.
func defaultShards(limit int64) int {
	return max(1, min(32, max(4, 2*runtime.GOMAXPROCS(0)), int(limit>>23)))
}

func newShard(cfg *Config) *shard {
	shards := cfg.Shards
	s := &shard{
		Shard: traceassembly.NewShard[trace](tracebuffer.Options{DictionaryBytes: dictionaryBytes(cfg.MemoryLimit, shards)}),

		kept:    newDecisionCache(cacheEntries(cfg.KeptCache, cfg.MemoryLimit) / shards),
		dropped: newDecisionCache(cacheEntries(cfg.DroppedCache, cfg.MemoryLimit) / shards),
		names:   map[uint64]nameEntry{},

		maxNames: int(max(64, min(maxNames, cfg.MemoryLimit/namesShare/nameBytes/int64(shards)))),
	}
	s.wheel = newWheel(&s.Traces)
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

func (a *assembly) shardOf(id pcommon.TraceID) int { return a.shardOfKey(a.key(id)) }

func (a *assembly) shardOfKey(key uint64) int { return int(key % uint64(len(a.shards))) }

// key is what the decision caches know a trace by: a keyed hash, so that nobody can choose ids that collide.
func (a *assembly) key(id pcommon.TraceID) uint64 { return siphash.Hash(a.idKey[0], a.idKey[1], id[:]) }

// account brings the memory count up to date with what a shard holds. The shard's lock is held.
func (a *assembly) account(s *shard) { s.Account(&a.memory.Memory, s.bytes()) }

// held counts traces and spans: undecided, or kept and not yet sent.
func (a *assembly) held() (traces, spans int) {
	for _, s := range a.shards {
		s.Lock()
		traces += s.Traces.Held()
		spans += s.Spans()
		s.Unlock()
	}
	return traces, spans
}

// close gives the buffers' memory back.
func (a *assembly) close() {
	for _, s := range a.shards {
		s.Close()
	}
}

// open makes a trace.
func (s *shard) open(id pcommon.TraceID, now time.Duration) (uint32, *trace) {
	i, t := s.Traces.Open(id, now)
	t.firstSeen = now
	t.rule, t.shape = noRule, none
	return i, t
}

// detach takes a trace off the wheel and out of the open ones; its spans stay until it is freed.
func (s *shard) detach(i uint32) {
	s.wheel.remove(i)
	s.Traces.Detach(i)
}

// bytes is the memory that the shard holds.
func (s *shard) bytes() int64 {
	return s.Bytes() + s.kept.bytes() + s.dropped.bytes() + int64(len(s.names))*nameBytes
}
