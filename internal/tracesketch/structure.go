package tracesketch

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Span is what the structure of a trace needs of a span. Times are nanoseconds.
type Span struct {
	SpanID       uint64
	ParentSpanID uint64
	Start        uint64
	Duration     int64
	Operation    uint64
	Flags        uint8
}

// Bits of Span.Flags. The others are the caller's.
const (
	FlagError  uint8 = 1 << 0 // the status code is Error
	FlagServer uint8 = 1 << 1 // server or consumer: the side of a call that answers it
)

// Structure is what a trace looks like as a whole. It is valid until the next Analyze of the Analyzer that made it.
type Structure struct {
	Root           int       // index of the root span, -1 where none has arrived
	Endpoint       Operation // operation of the root, or of the earliest span without its parent
	Path           Path      // order-independent: the set of distinct edges
	MissingParents int       // spans whose parent has not arrived
	Start          uint64    // earliest start, unix ns
	Duration       uint64    // latest end less earliest start, ns
	Errors         int       // spans with FlagError
	Parent         []int32   // index of each span's parent, NoParent for a root, MissingParent where it has not arrived
	Self           []int64   // exclusive time of each span, ns: its duration less the union of its children, clipped to it
}

// Complete tells whether the root is in and no parent is missing.
func (s *Structure) Complete() bool { return s.Root >= 0 && s.MissingParents == 0 }

// Analyzer computes structures. It owns scratch memory that grows to the largest trace seen; not for concurrent use.
type Analyzer struct {
	seed    uint64  // of the hash tables, so that nobody can choose ids that all collide; 0 until first used
	table   []int32 // open addressing: span id -> index + 1
	callers []int32 // the same of spans without FlagServer; filled for traces with joined ids only
	parent  []int32 // index of the parent, NoParent or MissingParent
	order   []int32 // indices by start
	covered []uint64
	self    []int64
	edges   []uint64
}

// Values of Structure.Parent that are no index.
const (
	NoParent      = -1
	MissingParent = -2
)

// Analyze walks the spans of one trace. What it finds does not depend on their order. Duplicated span ids, cycles and spans
// that are their own parent are allowed: the earliest of the duplicates stands for its id, and a span that names itself
// counts as one whose parent is missing. The time is O(n log n).
//
// Both sides of a call may have one id, as Zipkin's instrumentation does it (see joined.go).
func (a *Analyzer) Analyze(spans []Span) Structure {
	for a.seed == 0 {
		a.seed = rand.Uint64()
	}
	a.resolveParents(spans)
	s := Structure{Root: -1, Start: math.MaxUint64}
	var end uint64
	first := -1
	for i := range spans {
		sp := &spans[i]
		if sp.Flags&FlagError != 0 {
			s.Errors++
		}
		s.Start = min(s.Start, sp.Start)
		end = max(end, spanEnd(sp))
		switch a.parent[i] {
		case NoParent:
			if s.Root < 0 || before(sp, &spans[s.Root]) {
				s.Root = i
			}
		case MissingParent:
			s.MissingParents++
			if first < 0 || before(sp, &spans[first]) { //nolint:gosec // first is an index by then
				first = i
			}
		}
	}
	if len(spans) == 0 {
		s.Start = 0
		return s
	}
	s.Duration = end - min(s.Start, end)
	s.Parent = a.parent
	s.Endpoint = a.endpoint(spans, s.Root, first)
	s.Path = a.path(spans)
	s.Self = a.selfTimes(spans)
	return s
}

func (a *Analyzer) endpoint(spans []Span, root, orphan int) Operation {
	switch {
	case root >= 0:
		return Operation(spans[root].Operation)
	case orphan >= 0:
		return Operation(spans[orphan].Operation)
	}
	earliest := 0 // a cycle: nothing is on top
	for i := range spans {
		if before(&spans[i], &spans[earliest]) {
			earliest = i
		}
	}
	return Operation(spans[earliest].Operation)
}

// before orders spans by start; where that is the same, by everything else.
func before(a, b *Span) bool {
	if a.Start != b.Start {
		return a.Start < b.Start
	}
	return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Duration, b.Duration), cmp.Compare(a.SpanID, b.SpanID),
		cmp.Compare(a.ParentSpanID, b.ParentSpanID), cmp.Compare(a.Flags, b.Flags)) < 0
}

// path sums the mixed hashes of the distinct edges: a sum over a set does not depend on order, and needs no sorting.
func (a *Analyzer) path(spans []Span) Path {
	size := len(a.table)
	a.edges = resize(a.edges, size)
	clear(a.edges)
	mask := uint64(size - 1)
	var sum uint64
	for i := range spans {
		parent := UnknownOperation
		switch p := a.parent[i]; p {
		case NoParent:
			parent = 0
		case MissingParent:
		default:
			parent = Operation(spans[p].Operation)
		}
		e := edge(parent, Operation(spans[i].Operation)) | 1
		for h := mix(e^a.seed) & mask; ; h = (h + 1) & mask {
			if a.edges[h] == e {
				break
			}
			if a.edges[h] == 0 {
				a.edges[h] = e
				sum += mix(e)
				break
			}
		}
	}
	return Path(mix(sum))
}

// selfTimes sweeps the spans by start and moves, for every parent, the mark up to which children have covered it. That
// gives the union of the children in one pass.
func (a *Analyzer) selfTimes(spans []Span) []int64 {
	n := len(spans)
	a.order = resize(a.order, n)
	a.covered = resize(a.covered, n)
	a.self = resize(a.self, n)
	sorted := true
	for i := range spans {
		a.order[i] = int32(i)
		a.covered[i] = spans[i].Start
		a.self[i] = max(0, spans[i].Duration)
		sorted = sorted && (i == 0 || spans[i-1].Start <= spans[i].Start)
	}
	if !sorted {
		slices.SortFunc(a.order, func(x, y int32) int {
			if sx, sy := spans[x].Start, spans[y].Start; sx != sy {
				if sx < sy {
					return -1
				}
				return 1
			}
			return int(x - y)
		})
	}
	for _, i := range a.order {
		p := a.parent[i]
		if p < 0 {
			continue
		}
		from := max(spans[i].Start, a.covered[p])
		to := min(spanEnd(&spans[i]), spanEnd(&spans[p]))
		if to > from {
			a.self[p] -= int64(to - from)
			a.covered[p] = to
		}
	}
	return a.self
}

// spanEnd is the end in unix ns. A span that ends before it starts has no length.
func spanEnd(s *Span) uint64 {
	if s.Duration <= 0 {
		return s.Start
	}
	return s.Start + uint64(s.Duration)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}
