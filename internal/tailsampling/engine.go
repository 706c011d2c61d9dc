package tailsampling

import (
	"context"
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
)

// Next takes batches of kept spans. An error that Permanent recognises is final; any other is tried again.
type Next interface {
	ConsumeTraces(ctx context.Context, td ptrace.Traces) error
}

// Engine decides traces. Consume may be called from many goroutines; one goroutine (Start's, or the caller of Step) decides;
// senders hand what is kept to the next consumer.
//
//	Consume --> shards (buffer, index, wheel) --> Step: complete? -> how interesting? -> select --> outbox --> senders --> Next
type Engine struct {
	cfg      Config
	next     Next
	observer Observer
	clock    func() time.Time
	start    time.Time
	leaps    atomic.Int64 // ns that the clock has leapt back
	seed     maphash.Seed
	sizer    ptrace.ProtoMarshaler

	shards     []*shard
	batches    sync.Pool
	operations operations
	memory     memory
	intake     sync.RWMutex // held for reading by Consume, for writing to close
	closed     bool         // guarded by intake

	ruleReasons []string     // by index of the rule
	whole       WholeMatcher // nil without rules on the whole trace
	wholeRules  []int16      // their indices

	decider decider
	outbox  outbox

	stats atomic.Pointer[Stats]
	run   runState
}

// New makes an engine. clock is time.Now, or that of a test.
func New(cfg Config, next Next, observer Observer, clock func() time.Time) *Engine {
	if cfg.Shards <= 0 {
		cfg.Shards = defaultShards(cfg.MemoryLimit)
	}
	e := &Engine{
		cfg: cfg, next: next, observer: observer, clock: clock, start: clock(),
		seed:       maphash.MakeSeed(),
		batches:    newBatches(cfg.Shards),
		operations: operations{names: map[tracesketch.Operation]OperationName{}, limit: 2 * cfg.Paths.Max, room: cfg.MemoryLimit / reportShare},
		memory:     newMemory(cfg.MemoryLimit),
	}
	for i, r := range cfg.Rules {
		e.ruleReasons = append(e.ruleReasons, r.Reason())
		if r.Whole != nil {
			e.wholeRules = append(e.wholeRules, int16(i))
			e.whole, _ = cfg.Matcher.(WholeMatcher)
		}
	}
	for range cfg.Shards {
		e.shards = append(e.shards, newShard(&e.cfg, cfg.Shards))
	}
	e.decider = newDecider(&e.cfg, e.start)
	e.outbox = newOutbox()
	return e
}

// defaultShards is enough that intake goroutines seldom meet, few enough that dictionaries are shared and that the slabs
// which every shard holds, up to 1 MiB, are a small part of the memory.
func defaultShards(limit int64) int {
	return max(1, min(32, max(4, 2*runtime.GOMAXPROCS(0)), int(limit>>23)))
}

// now is the time since the engine's start, less the leaps back that the clock has made.
func (e *Engine) now() time.Duration { return e.clock().Sub(e.start) + time.Duration(e.leaps.Load()) }

// step is now for the deciding goroutine, and never before last: a clock that leaps back has stood still for once, and goes on from there.
func (e *Engine) step(last time.Duration) time.Duration {
	now := e.now()
	if now < last {
		e.leaps.Add(int64(last - now))
		return last
	}
	return now
}

func (e *Engine) shardOf(id pcommon.TraceID) int {
	return int(hashTraceID(e.seed, id) % uint64(len(e.shards)))
}

// OperationName tells what an operation stands for, if it has been seen.
func (e *Engine) OperationName(op tracesketch.Operation) (OperationName, bool) {
	return e.operations.name(op)
}
