package simulate

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
)

// alike makes n traces on a path that take 1, 2, 3 ms and so on.
func alike(endpoint string, path, n int) []*Trace {
	out := make([]*Trace, n)
	for i := range out {
		out[i] = &Trace{
			ID: pcommon.TraceID{byte(len(endpoint)), byte(path), byte(i >> 8), byte(i)}, Endpoint: endpoint,
			Path: tracesketch.Path(path), Duration: time.Duration(i+1) * time.Millisecond, Spans: 1,
		}
	}
	return out
}

// Two in 200 are beyond the 99th percentile of their path; a path with few traces is measured by its endpoint, and an
// endpoint with few has no slow traces.
func TestSlowTraces(t *testing.T) {
	many, few, lone := alike("a", 1, 200), alike("a", 2, 99), alike("bb", 3, 99)
	few[98].Duration = time.Second
	slow := slowTraces(append(append(append([]*Trace{}, many...), few...), lone...))
	want := map[pcommon.TraceID]bool{many[198].ID: true, many[199].ID: true, few[98].ID: true}
	assert.Equal(t, want, slow)
	assert.Empty(t, slowTraces(nil))
}

// A budget of a rate is a percentage of what comes in, without the warm-up.
func TestBudgetOf(t *testing.T) {
	traces := alike("a", 1, 3)
	plan := Plan{Warmup: 1}
	for i, at := range []time.Duration{0, 10 * time.Second, 14 * time.Second} {
		traces[i].Spans = 10 * (i + 1)
		plan.Arrivals = append(plan.Arrivals, Arrival{At: at, Trace: traces[i]})
	}
	for _, c := range []struct {
		unit tailsampling.Unit
		want float64
	}{{tailsampling.SharePercent, 5}, {tailsampling.SpansPerSecond, 0.05 * 50 / 4}, {tailsampling.TracesPerSecond, 0.05 * 2 / 4}} {
		got, err := budgetOf(c.unit, 5, plan)
		require.NoError(t, err)
		assert.InEpsilon(t, c.want, got, 1e-12)
	}
	_, err := budgetOf(tailsampling.SpansPerSecond, 5, Plan{Arrivals: plan.Arrivals[:1]})
	assert.ErrorIs(t, err, errNoRate)
}

// Side by side or one after the other, a sweep says the same; larger budgets keep more and make the estimate surer.
func TestSweep(t *testing.T) {
	traces, err := load(t, "../../testdata/traces/mixed.jsonl.zst")
	require.NoError(t, err)
	s := Sweeper{
		Config: tailsampling.Defaults(), Schedule: Schedule{Rate: 50, Warm: true, Seed: 1}, Percentages: []float64{2, 10, 50, 100}, Seeds: 3, Workers: 2,
	}
	got, err := s.Run(t.Context(), traces)
	require.NoError(t, err)
	require.Len(t, got.Budgets, 4)
	for i := 1; i < len(got.Budgets); i++ {
		less, more := got.Budgets[i-1], got.Budgets[i]
		assert.Less(t, less.KeptSpans, more.KeptSpans)
		assert.Greater(t, less.StdErr, more.StdErr)
		assert.InEpsilon(t, less.StdErr, math.Sqrt(less.Variance)/got.Traces, 1e-9)
	}
	all := got.Budgets[3]
	assert.InDelta(t, got.Traces, all.KeptTraces, 0)
	assert.Zero(t, all.StdErr)
	for _, r := range []*float64{all.SlowRecall, all.RootRecall, all.ErrorRecall} {
		if r != nil {
			assert.InDelta(t, 1, *r, 0)
		}
	}
	assert.Nil(t, all.AnomalyRecall, "without labels")

	s.Workers = 1
	again, err := s.Run(t.Context(), traces)
	require.NoError(t, err)
	assert.Equal(t, got, again)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Run(ctx, traces)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{0: "", 1e-9: "▏", 0.5: "█████", 0.55: "█████▌", 1: "██████████", 1.01: "█████████▶"} {
		assert.Equal(t, want, bar(share, 10))
	}
}

// A dash stands where there is nothing to recall, and no bar.
func TestSweepTextWithoutAny(t *testing.T) {
	var b strings.Builder
	s := Sweep{Runs: 1, Offered: Offered{Traces: 5, Spans: 9}, Budgets: []SweepPoint{{Percentage: 0.5, Budget: 0.07, Measured: Measured{SpanShare: 0.5, StdErr: 0.1}}}}
	require.NoError(t, s.WriteText(&b, TextOptions{}, "/s"))
	assert.Contains(t, b.String(), "0.5 % = 0.07")
	assert.Regexp(t, `(?m) -  +-  +-  10\.0 %$`, b.String())
	assert.NotContains(t, b.String(), "slow   ")
}
