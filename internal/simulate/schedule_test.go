package simulate

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracestate"
)

// labelled is traces a second apart, of which every fifth is anomalous and the last has no label.
func labelled(n int) ([]*Trace, *Labels) {
	l := &Labels{Traces: map[string][]string{}}
	var out []*Trace
	for i := range n {
		t := &Trace{ID: pcommon.TraceID{byte(i + 1), byte(i >> 8)}, Begin: time.Duration(i) * time.Second}
		out = append(out, t)
		class := ClassNormal
		if i%5 == 0 {
			class = ClassAnomalous
		}
		if i < n-1 {
			l.Traces[t.ID.String()] = []string{class, "f", strconv.Itoa(i % 3)}
		}
	}
	return out, l
}

func TestPlanAsRecorded(t *testing.T) {
	traces, labels := labelled(20)
	p := Schedule{Labels: labels, Seed: 1}.Plan(traces)
	require.Len(t, p.Arrivals, 20)
	for i, a := range p.Arrivals {
		assert.Same(t, traces[i], a.Trace)
		assert.Equal(t, traces[i].Begin, a.At)
	}
	assert.Len(t, p.Anomalous, 4)
	assert.Zero(t, p.Warmup)
}

func TestPlanAtRate(t *testing.T) {
	traces, labels := labelled(20)
	p := Schedule{Labels: labels, Rate: 4, Warm: true, Seed: 1}.Plan(traces)
	assert.Equal(t, 16, p.Warmup, "anomalous traces are not for warming up")
	require.Len(t, p.Arrivals, 36)
	for i, a := range p.Arrivals {
		assert.Equal(t, time.Duration(i)*250*time.Millisecond, a.At)
	}
	for _, a := range p.Arrivals[:p.Warmup] {
		assert.False(t, p.Anomalous[a.Trace])
	}
}

// As recorded, the pass that counts begins where the warm-up ends.
func TestPlanWarmAsRecorded(t *testing.T) {
	traces, _ := labelled(3)
	p := Schedule{Warm: true}.Plan(traces)
	var at []time.Duration
	for _, a := range p.Arrivals {
		at = append(at, a.At/time.Second)
	}
	assert.Equal(t, []time.Duration{0, 1, 2, 2, 3, 4}, at)
}

func TestPlanThinned(t *testing.T) {
	traces, labels := labelled(501)
	chosen := map[*Trace]int{}
	var places []int
	for seed := range uint64(50) {
		p := Schedule{Labels: labels, Thin: 0.02, Rate: 10, Seed: seed}.Plan(traces)
		assert.Len(t, p.Anomalous, 8, "2 %% of 400 and 8")
		require.Len(t, p.Arrivals, 408, "the trace without a label is left out")
		var normal []*Trace
		for i, a := range p.Arrivals {
			if p.Anomalous[a.Trace] {
				chosen[a.Trace]++
				places = append(places, i)
			} else {
				normal = append(normal, a.Trace)
			}
		}
		assert.True(t, slices.IsSortedFunc(normal, func(a, b *Trace) int { return int(a.Begin - b.Begin) }))
	}
	assert.Greater(t, len(chosen), 90, "every anomalous trace is chosen by some seed")
	mean := 0.0
	for _, at := range places {
		mean += float64(at) / float64(len(places))
	}
	assert.InDelta(t, 204, mean, 20, "they are put anywhere")

	p := Schedule{Labels: labels, Thin: 0.02, Seed: 1}.Plan(traces)
	assert.True(t, slices.IsSortedFunc(p.Arrivals, func(a, b Arrival) int { return int(a.At - b.At) }))
}

// The same seed gives the same plan; another one other ids.
func TestPlanSeeds(t *testing.T) {
	traces, _ := labelled(50)
	a, b := Schedule{Seed: 7}.Plan(traces), Schedule{Seed: 7}.Plan(traces)
	assert.Equal(t, a, b)
	seen := map[pcommon.TraceID]bool{}
	for seed := range uint64(100) {
		for _, a := range (Schedule{Seed: seed}).Plan(traces).Arrivals {
			assert.False(t, seen[a.ID])
			seen[a.ID] = true
		}
	}
}

// Randomness is uniform above the threshold that a trace came in with.
func TestPlanRandomness(t *testing.T) {
	traces, _ := labelled(100)
	for i, tr := range traces {
		if i%2 == 0 {
			tr.Threshold = 3 << 54
		}
	}
	var sums [2]float64
	for seed := range uint64(200) {
		for i, a := range (Schedule{Seed: seed}).Plan(traces).Arrivals {
			r := binary.BigEndian.Uint64(a.ID[8:]) & (tracestate.RandomnessEnd - 1)
			require.GreaterOrEqual(t, r, a.Trace.Threshold)
			sums[i%2] += float64(r) / float64(tracestate.RandomnessEnd) / 10_000
		}
	}
	sd := math.Sqrt(1.0 / 12 / 10_000)
	assert.InDelta(t, 7.0/8, sums[0], 4*sd/4)
	assert.InDelta(t, 0.5, sums[1], 4*sd)
}

func TestScheduleValidate(t *testing.T) {
	_, labels := labelled(2)
	require.NoError(t, Schedule{}.Validate())
	require.NoError(t, Schedule{Rate: 3, Thin: 0.5, Labels: labels}.Validate())
	err := Schedule{Rate: -1, Thin: 1}.Validate()
	require.ErrorContains(t, err, "--rate: must be traces per second")
	require.ErrorContains(t, err, "--thin: must be at least 0 and less than 1, got 1")
	require.ErrorContains(t, err, "--thin: needs --labels")
	require.Error(t, Schedule{Rate: math.NaN(), Thin: math.NaN(), Labels: labels}.Validate())
}
