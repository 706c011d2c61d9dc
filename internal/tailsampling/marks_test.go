package tailsampling

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracestate"
)

// sampledTrace is a trace whose spans say in their tracestate what was done to them before.
type sampledTrace struct {
	id       pcommon.TraceID
	states   []string // of its spans
	unmarked bool     // no threshold could be true for all of them
}

// sampledTraces draws traces with every kind of past.
var sampledTraces = rapid.Custom(func(t *rapid.T) sampledTrace {
	r := rapid.Float64Range(0, 1-1e-9).Draw(t, "randomness")
	tr := sampledTrace{id: traceID(int(rapid.Uint32().Draw(t, "id")), r)}
	own := tracestate.IDRandomness(tr.id)
	th := rapid.Uint64Range(0, 15).Draw(t, "th") << 52
	rv := rapid.Uint64Range(0, tracestate.RandomnessEnd-1).Draw(t, "rv")
	n := rapid.IntRange(1, 4).Draw(t, "spans")
	repeat := func(s string) {
		for range n {
			tr.states = append(tr.states, s)
		}
	}
	switch rapid.SampledFrom([]string{
		"plain", "th", "rv", "th and rv", "vendor", "th differs", "th missing", "rv differs", "rv missing", "broken",
	}).Draw(t, "past") {
	case "plain":
		repeat("")
	case "vendor":
		repeat("congo=t61rcWkgMzE,ot=x:1")
	case "th":
		repeat(fmt.Sprintf("ot=th:%014x", th))
		tr.unmarked = own < th
	case "rv":
		repeat(fmt.Sprintf("ot=rv:%014x", rv))
	case "th and rv":
		repeat(fmt.Sprintf("v=1,ot=rv:%014x;th:%014x", rv, th))
		tr.unmarked = rv < th
	case "th differs":
		repeat(fmt.Sprintf("ot=th:%014x", th))
		tr.states = append(tr.states, "ot=th:48")
		tr.unmarked = true
	case "th missing":
		repeat(fmt.Sprintf("ot=th:%014x", th))
		tr.states = append(tr.states, "")
		tr.unmarked = own < th || th > 0
	case "rv differs":
		repeat(fmt.Sprintf("ot=rv:%014x", rv))
		tr.states = append(tr.states, fmt.Sprintf("ot=rv:%014x", rv^1))
		tr.unmarked = true
	case "rv missing":
		repeat(fmt.Sprintf("ot=rv:%014x", rv))
		tr.states = append(tr.states, "")
	case "broken":
		repeat("ot=th:zz")
		tr.unmarked = true
	}
	return tr
})

func (s *sampledTrace) span(n int) ptrace.Traces {
	return makeBatch(s.id, spec{id: byte(n + 1), parent: byte(n), service: "shop", name: "GET /", end: time.Second, state: s.states[n]})
}

// However they were sampled before: spans that are kept carry the threshold of their trace, composed with what came in,
// and none is below it.
func TestNoKeptSpanIsBelowItsThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percent := rapid.SampledFrom([]float64{1, 20, 100}).Draw(t, "percentage")
		hash := rapid.Bool().Draw(t, "hash")
		h := newHarness(t, func(c *Config) { c.Budget.Value, c.HashRandomness = percent, hash })
		unmarked := map[pcommon.TraceID]bool{}
		for range rapid.IntRange(1, 3).Draw(t, "collections") {
			traces := rapid.SliceOfNDistinct(sampledTraces, 1, 15, func(s sampledTrace) pcommon.TraceID { return s.id }).Draw(t, "traces")
			for n := range 5 {
				for i := range traces {
					if tr := &traces[i]; n < len(tr.states) && h.decisions[tr.id].Spans == 0 {
						h.send(tr.span(n))
						unmarked[tr.id] = unmarked[tr.id] || tr.unmarked
					}
				}
				h.pass(rapid.SampledFrom([]time.Duration{0, 50 * time.Millisecond}).Draw(t, "pause"))
			}
			h.pass(11 * time.Second)
		}
		h.finish()
		h.requireThresholds(func(id pcommon.TraceID) bool { return unmarked[id] })
	})
}

// Spans that come while their trace waits for selection, or after it, may say anything: the decision stands, and no span
// is given a threshold that it does not reach.
func TestSpansAfterTheJudgementDoNotChangeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hash := rapid.Bool().Draw(t, "hash")
		h := newHarness(t, func(c *Config) { c.Budget.Value, c.Baseline, c.HashRandomness = 50, 1, hash })
		early, later := sampledTraces.Draw(t, "early"), sampledTraces.Draw(t, "later")
		h.pass(3 * tickInterval) // between two selections
		for n := range early.states {
			h.send(early.span(n))
		}
		h.passUntil(func() bool { return len(h.engine.decider.candidates) > 0 })
		require.Empty(t, h.order)
		before := h.engine.decider.candidates[0].rank
		if rapid.Bool().Draw(t, "after the decision") {
			h.passUntil(func() bool { return len(h.order) > 0 })
		}
		later.id = early.id
		for n := range later.states {
			h.send(later.span(n))
		}
		h.finish()
		require.Len(t, h.order, 1)
		d := h.order[0]
		require.Equal(t, before <= d.Probability, d.Kept, "judged at rank %v: %+v", before, d)
		for _, s := range h.out[early.id] {
			st := readTraceState(s.TraceState().AsRaw())
			if st.broken || !st.HasThreshold {
				continue
			}
			requireConsistent(t, &d, s)
		}
	})
}
