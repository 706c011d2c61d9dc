package window

import (
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Selection picks two sets of traces among those of one query: those with a span that matches A, and those with one that matches B. A
// trace that matches both belongs to B alone. Without A, that side is the rest.
type Selection struct{ A, B *query.Query }

// Sides are two selections of the traces of one window.
type Sides struct {
	A, B *snapshot.Snapshot
	Both uint64 // traces of B that match A as well
}

// sides sends a trace to one of two calendars. The first queries of its plan are those of the calendars, equal but for what they sum
// up; then come B and A, which only select.
type sides struct {
	all  bool // A was not given
	both atomic.Uint64
}

// Places in the plan.
const (
	sideA = iota
	sideB
	selectsB
	selectsA
)

// choose finds the side of a trace, and the bit of its spans that are in scope; nil where it is on neither.
func (s *sides) choose(a *assembly, duration int64) (q *planned, bit int) {
	matches := func(at int) (*planned, int, bool) {
		q := &a.plan.queries[at]
		bit := q.bitFor(duration)
		return q, bit, a.matched.has(bit)
	}
	q, bit, ok := matches(sideA)
	if !ok {
		return nil, 0
	}
	inA := s.all
	if !inA {
		_, _, inA = matches(selectsA)
	}
	if _, _, inB := matches(selectsB); inB {
		if inA && !s.all {
			s.both.Add(1)
		}
		q, bit, _ = matches(sideB)
		return q, bit
	}
	if !inA {
		return nil, 0
	}
	return q, bit
}

// ReplaySides is Replay for two selections at a time, of which it captures the attributes listed, not the keys of q.
func ReplaySides(q Query, by Selection, captured []Captured, limits Limits, start, end time.Time, next func() (ptrace.Traces, error)) (*Sides, error) {
	q.ID = "sides"
	s := &sides{all: by.A == nil}
	r, err := newReplay(limits, start, end, s)
	if err != nil {
		return nil, err
	}
	table := newValueTable(captured, r.engine.cfg.Limits)
	q.Keys = table.keys()
	queries := []*query.Query{q.Query, q.Query, by.B}
	if by.A != nil {
		queries = append(queries, by.A)
	}
	for _, text := range queries {
		side := q
		side.Query = text
		if err := r.add(side, table); err != nil {
			return nil, err
		}
	}
	if err := r.feed(next); err != nil {
		return nil, err
	}
	return &Sides{A: r.snapshot(sideA), B: r.snapshot(sideB), Both: s.both.Load()}, nil
}
