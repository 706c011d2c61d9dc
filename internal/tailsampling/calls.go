package tailsampling

import (
	"math/bits"

	"github.com/assayhq/assay/internal/tracesketch"
)

// callStats is how often an operation calls another.
type callStats struct {
	traces tracesketch.Meter              // traces in which it does
	repeat [repeatSteps]tracesketch.Meter // traces in which it does so at least 2, 4, 8 ... times, mean over its spans
	// The trace at hand:
	analysis uint32
	spans    uint32
}

const (
	// repeatSteps is how many powers of two of calls are told apart.
	repeatSteps = 8
	// maxCalls is how many operations are known to be called by one. Beyond, none is surprising.
	maxCalls = 64
)

// call notes that a span of op has called another operation in the trace of that number.
func (l *learned) call(op *operationStats, callee tracesketch.Operation, analysis uint32) {
	c := op.calls[callee]
	if c == nil {
		if len(op.calls) >= maxCalls || l.bytes >= l.room {
			return
		}
		if op.calls == nil {
			op.calls = map[tracesketch.Operation]*callStats{}
		}
		l.bytes += callBytes
		c = &callStats{}
		op.calls[callee] = c
	}
	if c.analysis != analysis {
		c.analysis, c.spans = analysis, 0
	}
	c.spans++
}

// steps is how often a call was made by each span of the caller, as a power of two.
func (c *callStats) steps(op *operationStats) int {
	times := (c.spans + op.at.spans - 1) / op.at.spans
	return min(bits.Len32(times)-1, repeatSteps)
}

// oddestCall is the surprise, in bits, of the most unusual thing that op does in the trace at hand: a call that it seldom makes,
// one that it hardly ever leaves out, or one that it makes unusually often. The set of calls says more than the path, which is
// new wherever two rare but ordinary calls meet.
func (l *learned) oddestCall(op *operationStats, analysis uint32) (most, repeated float64) {
	traces := op.traces.Count(l.decay)
	for _, c := range op.calls {
		made := c.traces.Count(l.decay)
		if c.analysis != analysis {
			most = max(most, surprise(traces-made, traces))
			continue
		}
		most = max(most, surprise(made, traces))
		if n := c.steps(op); n > 0 {
			repeated = max(repeated, surprise(c.repeat[n-1].Count(l.decay), made))
		}
	}
	return most, repeated
}

// learnCalls takes in what op calls in the trace at hand.
func (l *learned) learnCalls(op *operationStats, analysis uint32) {
	for _, c := range op.calls {
		if c.analysis != analysis {
			continue
		}
		c.traces.Add(1, l.decay)
		for n := range c.steps(op) {
			c.repeat[n].Add(1, l.decay)
		}
	}
}
