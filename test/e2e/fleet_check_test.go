package e2e

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// traces groups the spans of a file.
func (f *spanFile) traces() map[pcommon.TraceID][]fileSpan {
	by := map[pcommon.TraceID][]fileSpan{}
	for _, s := range f.spans {
		by[s.trace] = append(by[s.trace], s)
	}
	return by
}

// fragments counts the traces of which a root or a parent has not come to this gateway.
func (f *spanFile) fragments() (n int) {
	for _, spans := range f.traces() {
		ids, root, orphan := map[pcommon.SpanID]bool{}, false, false
		for _, s := range spans {
			ids[s.span] = true
			root = root || s.parent.IsEmpty()
		}
		for _, s := range spans {
			orphan = orphan || !s.parent.IsEmpty() && !ids[s.parent]
		}
		if !root || orphan {
			n++
		}
	}
	return n
}

// check holds what was sampled so far against what was sent. It returns how many traces have come to more than one gateway.
func (f *fleet) check(t *testing.T, when string) (split int) {
	t.Helper()
	f.decided(t)
	seen, at := f.seen(t), map[pcommon.TraceID]int{}
	repeated := 0
	for key, n := range seen {
		once, sent := f.load.sent[key]
		require.True(t, sent, "nobody sent this span")
		repeated += n - 1
		if once {
			assert.Equal(t, 1, n, "a span that was sent while all gateways were there came once")
		}
	}
	for _, g := range f.gateways {
		traces := g.seen.traces()
		for id := range traces {
			at[id]++
		}
	}
	for _, n := range at {
		if n > 1 {
			split++
		}
	}
	for _, g := range f.running() {
		if !g.found {
			assert.InDelta(t, len(g.seen.traces()), g.metric(t, "traces"), 0, "%s has decided each trace that it saw once", g.name)
		}
		assert.GreaterOrEqual(t, g.metric(t, "fragmented_traces"), float64(g.seen.fragments()), "%s reports the halves of traces", g.name)
		assert.Zero(t, g.metric(t, "lost_spans"))
	}
	f.checkKept(t, when, seen, repeated, split)
	return split
}

// checkKept looks at what all gateways have kept: each span once for each time it came, traces by one randomness wherever they were decided,
// and root spans that stand for all that came, by their own account of how sure that is.
func (f *fleet) checkKept(t *testing.T, when string, seen map[spanKey]int, repeated, split int) {
	t.Helper()
	randomness, kept := map[pcommon.TraceID]string{}, map[spanKey]int{}
	weight := map[spanKey]float64{} // of roots
	for _, g := range f.gateways {
		g.kept.read(t)
		for _, s := range g.kept.spans {
			kept[s.spanKey]++
			assert.False(t, s.below, "kept against its threshold")
			if r, ok := randomness[s.trace]; ok {
				assert.Equal(t, r, s.randomness, "halves of a trace are decided by one randomness")
			}
			randomness[s.trace] = s.randomness
			if s.parent.IsEmpty() {
				weight[s.spanKey] = s.weight
			}
		}
	}
	for key, n := range kept {
		assert.LessOrEqual(t, n, seen[key], "a span is kept no more often than it came")
	}
	var estimate, variance float64
	for _, w := range weight {
		estimate += w
		variance += w * (w - 1)
	}
	truth, share := float64(len(f.load.roots)), float64(len(kept))/float64(len(seen))
	t.Logf("%s: %d spans of %.0f traces came, %d of them again; %d traces to more than one gateway; kept %.1f %%, whose roots stand for %.0f, give or take %.0f",
		when, len(seen), truth, repeated, split, 100*share, estimate, 2*math.Sqrt(variance))
	tolerance := 5*math.Sqrt(variance) + 0.05*truth
	assert.Less(t, estimate, truth+tolerance, "adjusted root spans count traces, split or not, once")
	assert.Greater(t, estimate, truth-float64(f.gone)-tolerance, "adjusted root spans count all traces but those that a killed gateway held")
	assert.Greater(t, share, 0.05, "kept of a budget of 25 %")
	assert.Less(t, share, 0.6, "kept of a budget of 25 %")
}
