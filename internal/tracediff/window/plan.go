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
	ahead   time.Duration // spans further ahead of the clock than this are left out
}

// planned is a query in a plan. Its place there is its bit in a match set.
type planned struct {
	*calendar
	columns []int // into plan.columns, for each attribute that the query groups by
}

func newPlan(calendars []*calendar) *plan {
	p := &plan{}
	for _, c := range calendars {
		q := planned{calendar: c}
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

// matchSet has a bit for each query of a plan.
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
		if p.queries[i].Query.Query.Matches(rs, ss, span) {
			m.set(i)
		}
	}
	return m
}

// earliest is the start of the oldest window that is still open, in unix ns: what is older is late for every query.
func (p *plan) earliest() int64 {
	at := int64(1<<63 - 1)
	for i := range p.queries {
		at = min(at, p.queries[i].closedUntil.Load())
	}
	return at
}
