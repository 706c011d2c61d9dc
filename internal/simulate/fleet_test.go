package simulate

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tailsampling"
)

// Another gateway takes over its part of the traces, and hardly any trace moves between two that were there before: only where
// a point of the new one pushes theirs to the next place.
func TestRingIsConsistent(t *testing.T) {
	const ids = 50_000
	r := rand.New(rand.NewPCG(1, 2))
	before := newRing(1)
	for gateways := 2; gateways <= 16; gateways++ {
		after := newRing(gateways)
		counts, moved := make([]int, gateways), 0 // moved between old ones
		for range ids {
			var id pcommon.TraceID
			binary.BigEndian.PutUint64(id[:8], r.Uint64())
			binary.BigEndian.PutUint64(id[8:], r.Uint64())
			from, to := before.gateway(id), after.gateway(id)
			counts[to]++
			if from != to && to != gateways-1 {
				moved++
			}
		}
		for g, n := range counts {
			assert.InDelta(t, 1, float64(n*gateways)/ids, 0.35, "part of gateway %d of %d", g, gateways)
		}
		assert.Less(t, moved, ids/1000)
		before = after
	}
}

// One gateway is a sampler on its own; several see each trace once, all pieces of it at one of them.
func TestFleet(t *testing.T) {
	traces, err := load(t, "../../testdata/traces/mixed.jsonl.zst")
	require.NoError(t, err)
	schedule := Schedule{Rate: 50, Warm: true, Seed: 4}
	plan := schedule.Plan(traces)
	cfg := tailsampling.Defaults()
	cfg.Budget = tailsampling.Budget{Unit: tailsampling.SpansPerSecond, Value: 100}
	alone, err := Runner{Config: cfg}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	one, err := Runner{Config: cfg, Gateways: 1}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	assert.Equal(t, alone.Outcomes, one.Outcomes)

	var done []float64
	four, err := Runner{Config: cfg, Gateways: 4, Progress: func(d float64) { done = append(done, d) }}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	assert.IsNonDecreasing(t, done)
	for i := range four.Outcomes {
		o := &four.Outcomes[i]
		assert.Equal(t, plan.Arrivals[i].ID, o.ID, "in the order of the arrivals")
		assert.True(t, o.Decided)
		if o.Kept {
			assert.Equal(t, o.Trace.Spans, o.SpansSent)
		}
	}
	r := NewReport(plan, four, nil)
	require.Len(t, r.Fleet.Gateways, 4)
	var sum GatewayReport
	var load float64
	for _, g := range r.Fleet.Gateways {
		assert.Positive(t, g.Traces)
		assert.LessOrEqual(t, g.Fullest, 1.1, "of a quarter of the budget")
		sum.Traces += g.Traces
		sum.Spans += g.Spans
		sum.KeptSpans += g.KeptSpans
		load += g.Load
	}
	assert.Equal(t, []int{r.Input.Traces, r.Input.Spans, r.Kept.Spans}, []int{sum.Traces, sum.Spans, sum.KeptSpans})
	assert.InDelta(t, 4, load, 1e-9)
	assert.Equal(t, r.Kept.Spans, r.Fleet.All.KeptSpans)
}

// A rate is parted, a percentage is not.
func TestPartOf(t *testing.T) {
	for unit, want := range map[tailsampling.Unit]float64{
		tailsampling.SpansPerSecond: 5, tailsampling.TracesPerSecond: 5, tailsampling.BytesPerSecond: 5, tailsampling.SharePercent: 20,
	} {
		assert.Equal(t, tailsampling.Budget{Unit: unit, Value: want}, partOf(tailsampling.Budget{Unit: unit, Value: 20}, 4))
	}
}

// Two kept traces fall into one window of 10 s if less than that lies between them.
func TestFullest(t *testing.T) {
	at := func(s float64) spending { return spending{at: time.Duration(s * float64(time.Second)), cost: s} }
	assert.InDelta(t, 11+3, fullest([]spending{at(11), at(0.5), at(3)}), 1e-12, "0.5 is 10.5 s before 11")
	assert.InDelta(t, 10, fullest([]spending{at(10), {at: 0, cost: 7}}), 1e-12, "a window does not hold both of its ends")
	assert.Zero(t, fullest(nil))
}

// However many gateways there are, the count that is recovered is right in the mean, and they stay in the budget together.
func TestFleetSizes(t *testing.T) {
	traces, err := load(t, "../../testdata/traces/mixed.jsonl.zst")
	require.NoError(t, err)
	cfg := tailsampling.Defaults()
	cfg.Budget = tailsampling.Budget{Unit: tailsampling.SpansPerSecond, Value: 200}
	s := FleetSweeper{Config: cfg, Schedule: Schedule{Rate: 50, Warm: true, Seed: 1}, Sizes: []int{1, 3}, Seeds: 12, Workers: 2}
	got, err := s.Run(t.Context(), traces)
	require.NoError(t, err)
	require.Len(t, got.Sizes, 2)
	for _, f := range got.Sizes {
		assert.InDelta(t, 0, f.Bias, 4)
		assert.LessOrEqual(t, f.FullestAll, 1.02)
		assert.LessOrEqual(t, f.LeastUsed, f.MostUsed)
		assert.InDelta(t, 200/float64(f.Gateways), f.Budget, 1e-9)
	}
	assert.InDelta(t, 1, got.Sizes[0].Busiest, 1e-12)
	assert.Greater(t, got.Sizes[1].Busiest, 1.0)

	s.Workers = 1
	again, err := s.Run(t.Context(), traces)
	require.NoError(t, err)
	assert.Equal(t, got, again)
}

// How much more than its part the busiest gateway gets, by the ring alone. docs/scale.md has the figures.
func TestRingParts(t *testing.T) {
	for _, gateways := range []int{2, 4, 8, 16, 32, 64, 128} {
		r, parts := newRing(gateways), make([]float64, gateways)
		for i, p := range r {
			from := r[(i+len(r)-1)%len(r)].position
			parts[p.gateway] += float64((p.position+ringPositions-from)%ringPositions) / ringPositions
		}
		most, least := slices.Max(parts)*float64(gateways), slices.Min(parts)*float64(gateways)
		t.Logf("%d gateways: the busiest gets %.1f %% of the mean, the idlest %.1f %%", gateways, 100*most, 100*least)
		assert.LessOrEqual(t, most, 1.3)
		assert.GreaterOrEqual(t, least, 0.7)
	}
}
