package window

import (
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// plan is the set of queries at some time, and what their spans are asked for. It is immutable: a trace is evaluated to its
// end under the plan that it began with, so that all its records are alike.
type plan struct {
	queries []planned
	columns []string      // attributes, of all queries together
	table   *valueTable   // takes the place of columns in a replay that captures all attributes
	ahead   time.Duration // spans further ahead of the clock than this are left out
}

// planned is a query in a plan. It has a bit in a match set for each range of the duration of a trace that it tells apart.
type planned struct {
	*calendar
	bit     int   // of the first range
	columns []int // into plan.columns, for each attribute that the query groups by
}

func newPlan(calendars []*calendar) *plan {
	p := &plan{}
	bits := 0
	for _, c := range calendars {
		q := planned{calendar: c, bit: bits}
		bits += c.Query.Query.Ranges()
		p.table = c.table
		for _, key := range c.attributes {
			at := slices.Index(p.columns, key)
			if at < 0 {
				at = len(p.columns)
				p.columns = append(p.columns, key)
			}
			q.columns = append(q.columns, at)
		}
		p.queries = append(p.queries, q)
		p.ahead = max(p.ahead, c.Lateness)
	}
	return p
}

// attributeKeys leaves out what is captured in any case, and repetitions.
func attributeKeys(keys []string) (attributes []string) {
	for _, k := range keys {
		if k != "service" && k != "operation" && !slices.Contains(attributes, k) {
			attributes = append(attributes, k)
		}
	}
	return attributes
}

// matchSet has the bits of the queries of a plan.
type matchSet [maxQueries / 64]uint64

func (m *matchSet) set(i int)      { m[i/64] |= 1 << (i % 64) }
func (m *matchSet) has(i int) bool { return m[i/64]&(1<<(i%64)) != 0 }
func (m *matchSet) add(o *matchSet) {
	for i := range m {
		m[i] |= o[i]
	}
}
func (m *matchSet) empty() bool { return *m == matchSet{} }

// match evaluates all queries.
func (p *plan) match(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) (m matchSet) {
	for i := range p.queries {
		q := &p.queries[i]
		for number := range q.Query.Query.Ranges() {
			if q.Query.Query.MatchesIn(number, rs, ss, span) {
				m.set(q.bit + number)
			}
		}
	}
	return m
}

// bitFor is the bit of the range that the duration of a trace is in, ns.
func (q *planned) bitFor(duration int64) int {
	return q.bit + q.Query.Query.RangeOf(time.Duration(duration))
}

// earliest is the start of the oldest window that is still open, in unix ns: what is older is late for every query.
func (p *plan) earliest() int64 {
	at := int64(1<<63 - 1)
	for i := range p.queries {
		at = min(at, p.queries[i].closedUntil.Load())
	}
	return at
}
