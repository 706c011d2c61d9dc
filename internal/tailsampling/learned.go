package tailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/tracesketch"
)

// learned is what the engine knows about operations and paths. One goroutine uses it. Each table is bounded by Paths.Max: past
// it the least used entries are folded, a path into the rest of its endpoint, an operation into one overflow entry.
type learned struct {
	cfg        Paths
	max        int   // entries of each table; Paths.Max, or less where memory is short
	room       int64 // bytes that all may take
	bytes      int64 // that they do take
	decay      *tracesketch.Decay
	operations map[tracesketch.Operation]*operationStats
	paths      map[tracesketch.Path]*pathStats
	otherOps   operationStats
	folded     uint64            // paths folded so far
	anyOp      operationStats    // of all operations together: what is usual where nothing particular is known
	all        level             // of all traces, in millionths of what their operations usually take
	failures   tracesketch.Meter // operations that failed in a trace
	uses       tracesketch.Meter // operations used in a trace
	oddity     tracesketch.Mean  // surprise of a trace, bits
	exposure   tracesketch.Meter // seconds that the counts were learned in, decayed as they are
	walked     []*operationStats // operations of the trace at hand, each once
	bySpan     []*operationStats // that of each of its spans
}

// operationStats is what is usual for an operation. Times are exclusive, of one span: the mean over those of a trace, because
// what slows an operation down slows all of its spans.
type operationStats struct {
	self          tracesketch.Sketch // ns
	place         tracesketch.Mean   // logarithm of the same
	traces        tracesketch.Meter  // traces with this operation
	failed        tracesketch.Meter  // traces with an error in this operation
	calls         map[tracesketch.Operation]*callStats
	median        float64 // of self, refreshed now and then
	high          float64 // 98th percentile of self, likewise
	typical, slow float64 // the two as far as they are believed, see usual.go
	fresh         int32   // observations until they are refreshed
	at            visit   // the trace at hand
}

// visit is what a trace shows of an operation.
type visit struct {
	analysis  uint32 // number of the trace
	operation tracesketch.Operation
	step      *step // the operation on the path of the trace; nil where it is not known there
	spans     uint32
	self      float64 // ns, of all its spans together
	failed    bool
}

// pathStats is what is usual for a path.
type pathStats struct {
	endpoint tracesketch.Operation
	level    level
	traces   tracesketch.Meter
	failed   tracesketch.Meter
	kept     tracesketch.Meter
	retained tracesketch.Sketch // durations of the kept ones, ns
	steps    map[tracesketch.Operation]*step
	edges    []edge // none where several paths share the place
	class    uint64 // key of the gap class that the last trace was waited for by; 0 without any
}

func newLearned(cfg Paths, room int64, now time.Time) *learned {
	return &learned{
		cfg:        cfg,
		max:        cfg.Max,
		room:       room,
		decay:      tracesketch.NewDecay(cfg.HalfLife, now),
		operations: map[tracesketch.Operation]*operationStats{},
		paths:      map[tracesketch.Path]*pathStats{},
	}
}

// full tells whether a table of n entries can take no more.
func (l *learned) full(n int) bool { return n >= l.max || l.bytes >= l.room }

func (l *learned) operation(op tracesketch.Operation) *operationStats {
	if o := l.operations[op]; o != nil {
		return o
	}
	if l.full(len(l.operations)) {
		return &l.otherOps
	}
	l.bytes += statsBytes
	o := &operationStats{}
	l.operations[op] = o
	return o
}

// overflowEndpoint is where the paths of an endpoint flood meet.
const overflowEndpoint tracesketch.Operation = 0

// path returns the statistics of a path and the identity under which it is counted: its own, or that of the rest of its
// endpoint when the table is full.
func (l *learned) path(id tracesketch.Path, endpoint tracesketch.Operation) (*pathStats, tracesketch.Path) {
	if p := l.paths[id]; p != nil {
		return p, id
	}
	if l.full(len(l.paths)) {
		l.folded++
		id = restOf(endpoint)
		if p := l.paths[id]; p != nil {
			return p, id
		}
		if len(l.paths) >= 2*l.max || l.bytes >= l.room { // an endpoint flood
			endpoint = overflowEndpoint
			id = restOf(endpoint)
			if p := l.paths[id]; p != nil {
				return p, id
			}
		}
	}
	l.bytes += statsBytes
	p := &pathStats{endpoint: endpoint, steps: map[tracesketch.Operation]*step{}}
	l.paths[id] = p
	return p, id
}

// restOf is the identity of all paths of an endpoint that have no place of their own.
func restOf(endpoint tracesketch.Operation) tracesketch.Path {
	return tracesketch.Path(^uint64(endpoint))
}

// refreshEvery is how many observations a cached quantile lasts: few while there are few.
func refreshEvery(count float64) int32 { return int32(min(max(count/16, 1), 500)) }

// observe adds to a sketch and counts what it has grown by.
func (l *learned) observe(s *tracesketch.Sketch, v uint64) {
	before := s.Bytes()
	s.Add(v, l.decay)
	l.bytes += int64(s.Bytes() - before)
}
