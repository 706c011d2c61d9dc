package tailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/tracesketch"
)

// learned is what the engine knows about operations, endpoints and paths. One goroutine uses it. Each table is bounded by
// Paths.Max: past it the least used entries are folded, a path into the rest of its endpoint, an endpoint and an operation
// into one overflow entry.
type learned struct {
	cfg        Paths
	max        int   // entries of each table; Paths.Max, or less where memory is short
	room       int64 // bytes that all may take
	bytes      int64 // that they do take
	decay      *tracesketch.Decay
	operations map[tracesketch.Operation]*operationStats
	endpoints  map[tracesketch.Operation]*endpointStats
	paths      map[tracesketch.Path]*pathStats
	otherOps   operationStats
	otherEnds  endpointStats
	folded     uint64         // paths folded so far
	anyOp      operationStats // of all operations together: what is usual where nothing particular is known
	anyEnd     endpointStats
	failures   tracesketch.Meter // operations that failed in a trace
	uses       tracesketch.Meter // operations used in a trace
	walked     []*operationStats // operations of the trace at hand, each once
}

// operationStats is what is usual for an operation.
type operationStats struct {
	self   tracesketch.Sketch             // exclusive time, ns
	traces tracesketch.Meter              // traces with this operation
	failed tracesketch.Meter              // traces with an error in this operation
	repeat [repeatSteps]tracesketch.Meter // traces with at least 2, 4, 8 ... spans of this operation
	high   float64                        // 98th percentile of self, refreshed now and then
	fresh  int32                          // observations until high is refreshed
	seen   uint32                         // analysis that saw it last, so that a trace counts once
	err    uint32                         // the same for its errors
	spans  uint32                         // in that analysis
}

// repeatSteps is how many powers of two of spans of an operation in a trace are told apart.
const repeatSteps = 8

// endpointStats is what is usual for an endpoint.
type endpointStats struct {
	duration    tracesketch.Sketch // ns
	unexplained tracesketch.Sketch // ns
	failed      tracesketch.Meter  // traces with an error span
	median      float64
	tail        float64 // 95th percentile of unexplained
	fresh       int32
}

// pathStats is what is usual for a path.
type pathStats struct {
	endpoint tracesketch.Operation
	duration tracesketch.Sketch
	traces   tracesketch.Meter
	failed   tracesketch.Meter
}

func newLearned(cfg Paths, room int64, now time.Time) *learned {
	return &learned{
		cfg:        cfg,
		max:        cfg.Max,
		room:       room,
		decay:      tracesketch.NewDecay(cfg.HalfLife, now),
		operations: map[tracesketch.Operation]*operationStats{},
		endpoints:  map[tracesketch.Operation]*endpointStats{},
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

func (l *learned) endpoint(op tracesketch.Operation) *endpointStats {
	if e := l.endpoints[op]; e != nil {
		return e
	}
	if l.full(len(l.endpoints)) {
		return &l.otherEnds
	}
	l.bytes += statsBytes
	e := &endpointStats{}
	l.endpoints[op] = e
	return e
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
	p := &pathStats{endpoint: endpoint}
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

func (o *operationStats) add(l *learned, self int64) {
	l.observe(&o.self, uint64(max(0, self)))
	if o.fresh--; o.fresh <= 0 {
		o.high = o.self.Quantile(0.98)
		o.fresh = refreshEvery(o.self.Count())
	}
}

func (e *endpointStats) add(l *learned, duration uint64, unexplained float64) {
	l.observe(&e.duration, duration)
	l.observe(&e.unexplained, uint64(unexplained))
	if e.fresh--; e.fresh <= 0 {
		e.median = e.duration.Quantile(0.5)
		e.tail = e.unexplained.Quantile(0.95)
		e.fresh = refreshEvery(e.duration.Count())
	}
}
