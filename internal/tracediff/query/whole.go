package query

import (
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A span cannot say how long its trace takes: its end may not have come yet. But of all durations of a trace there are few answers to
// a query. The durations that it compares with cut them into ranges, and within a range every duration gives the same:
//
//	trace.duration > 1s AND error = true       [0, 1s] no span matches | (1s, ...) failed spans match
//
// So a span is asked once for each range, and its trace says at the end which of the answers holds.

// maxCuts bounds the cuts of a query, and so how often a span is asked.
const maxCuts = 8

// cutsOf are the durations, in ns, at which ranges other than the first begin.
func cutsOf(e expression) (cuts []int64) {
	each(e, func(c *comparison) {
		if c.field.builtin != traceDurationField {
			return
		}
		for i := range c.values {
			at := int64(c.values[i].span())
			if c.operator != ">" && c.operator != "<=" {
				cuts = append(cuts, at)
			}
			if c.operator != ">=" && c.operator != "<" && at < math.MaxInt64 {
				cuts = append(cuts, at+1)
			}
		}
	})
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// each visits all comparisons of an expression.
func each(e expression, visit func(*comparison)) {
	switch e := e.(type) {
	case anyOf:
		for _, part := range e {
			each(part, visit)
		}
	case allOf:
		for _, part := range e {
			each(part, visit)
		}
	case negation:
		each(e.expression, visit)
	case *comparison:
		visit(e)
	}
}

// Ranges is into how many ranges the query cuts the duration of a trace: 1 where it does not ask for it.
func (q *Query) Ranges() int { return len(q.cuts) + 1 }

// RangeOf is the number of the range that a duration of a trace is in.
func (q *Query) RangeOf(d time.Duration) int {
	n, _ := slices.BinarySearchFunc(q.cuts, int64(d), func(cut, d int64) int {
		if cut <= d {
			return -1
		}
		return 1
	})
	return n
}

// MatchesIn tells whether a span belongs to the query if the duration of its trace is in a range. An OTTL condition that fails on
// the span does not match it.
func (q *Query) MatchesIn(number int, rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) bool {
	if q.ottl != nil {
		return q.ottl.matches(rs, ss, span)
	}
	within := int64(math.MinInt64)
	if number > 0 {
		within = q.cuts[number-1]
	}
	return q.expression.matches(subject{resource: rs.Resource(), span: span, trace: time.Duration(within)})
}
