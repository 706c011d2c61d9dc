package simulate_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/sampling/scenarios"
	"github.com/assayhq/assay/test/sampling/synthetic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// load takes the traces of a scenario.
func load(t *testing.T, traces func() ([]*simulate.Trace, error)) []*simulate.Trace {
	t.Helper()
	out, err := traces()
	require.NoError(t, err)
	return out
}

func TestRun(t *testing.T) {
	traces := load(t, scenarios.Recorded(recordings, "mixed"))
	plan := simulate.Schedule{Rate: 100, Seed: 1}.Plan(traces)
	cfg := tailsampling.Defaults()
	var done []float64
	res, err := simulate.Runner{Config: cfg, Progress: func(d float64) { done = append(done, d) }}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	require.Len(t, res.Outcomes, 611)
	kept := 0
	for i := range res.Outcomes {
		o := &res.Outcomes[i]
		assert.True(t, o.Decided)
		assert.Same(t, plan.Arrivals[i].Trace, o.Trace)
		assert.GreaterOrEqual(t, o.At, o.Arrival.At+o.Decision.Latency)
		if o.Kept {
			kept++
			assert.Equal(t, o.Trace.Spans, o.SpansSent)
			assert.Equal(t, o.Decision.Threshold, o.Threshold, "the threshold on the spans is that of the decision")
		} else {
			assert.Zero(t, o.SpansSent)
		}
	}
	assert.Positive(t, kept)
	assert.Equal(t, simulate.Result{Outcomes: res.Outcomes}, *res, "nothing was lost, late, refused or contradictory")
	assert.NotEmpty(t, done)
}

// The same plan has the same outcome, over and over.
func TestRunIsReproducible(t *testing.T) {
	traces := load(t, scenarios.Made(nil))
	plan := simulate.Schedule{Rate: 100, Seed: 5}.Plan(traces)
	cfg := tailsampling.Defaults()
	first, err := simulate.Runner{Config: cfg}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	for range 3 {
		again, err := simulate.Runner{Config: cfg}.Run(t.Context(), plan.Arrivals)
		require.NoError(t, err)
		assert.Equal(t, first.Outcomes, again.Outcomes)
	}
}

// A budget of all keeps all, and every trace stands for itself.
func TestRunKeepsEverything(t *testing.T) {
	plan := simulate.Schedule{Rate: 100}.Plan(load(t, scenarios.Made(func(o *synthetic.Options) { o.Late, o.LateBy = 0.3, 20*time.Second })))
	cfg := tailsampling.Defaults()
	scenarios.Percent(100)(&cfg)
	scenarios.Quick(&cfg)
	res, err := simulate.Runner{Config: cfg}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	r := simulate.NewReport(plan, res, nil)
	assert.Equal(t, r.Input.Spans, r.Kept.Spans)
	assert.InDelta(t, 1, r.Kept.MeanInverseP, 1e-12)
	assert.Equal(t, simulate.Estimate{Truth: 1500, Value: 1500, Low: 1500, High: 1500, Kept: 1500}, r.Recovered.Traces)
	assert.Positive(t, r.Decisions.LateKept)
	assert.InDelta(t, 1, r.Decisions.Whole, 0)
	assert.Less(t, r.Decisions.Completeness, 1.0)
}

// Little memory means that traces are decided early, never that the run stops.
func TestRunShortOfMemory(t *testing.T) {
	plan := simulate.Schedule{Rate: 2000}.Plan(load(t, scenarios.Made(func(o *synthetic.Options) { o.Traces = 4000 })))
	cfg := tailsampling.Defaults()
	scenarios.Percent(20)(&cfg)
	cfg.MemoryLimit = 2 << 20
	res, err := simulate.Runner{Config: cfg}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	r := simulate.NewReport(plan, res, nil)
	assert.Zero(t, r.Decisions.Undecided)
	assert.Zero(t, r.Decisions.Lost)
	reasons := map[string]bool{}
	for _, k := range r.Reasons {
		reasons[k.Reason] = true
	}
	assert.Contains(t, reasons, "overflow")
}

func TestRunStops(t *testing.T) {
	traces := load(t, scenarios.Recorded(recordings, "mixed"))
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := simulate.Repetition{
		Config: tailsampling.Defaults(), Schedule: simulate.Schedule{Rate: 100}, Seeds: 50, Workers: 2,
		Progress: func(float64) { cancel() },
	}.Run(ctx, traces)
	require.ErrorIs(t, err, context.Canceled)
}

// Workers change nothing but the time it takes.
func TestRepetitionIsTheSameSideBySide(t *testing.T) {
	traces := load(t, scenarios.Recorded(recordings, "mixed"))
	r := simulate.Repetition{Config: tailsampling.Defaults(), Schedule: simulate.Schedule{Rate: 100, Seed: 3}, Seeds: 6}
	reports, one, err := r.Run(t.Context(), traces)
	require.NoError(t, err)
	r.Workers = 3
	again, three, err := r.Run(t.Context(), traces)
	require.NoError(t, err)
	assert.Equal(t, one, three)
	assert.Equal(t, reports, again)
	assert.Equal(t, 6, one.Seeds)

	_, err = simulate.Source{Files: nil}.Load(t.Context())
	require.ErrorIs(t, err, simulate.ErrNothing)
}
