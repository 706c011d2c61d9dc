package simulation

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
)

func system() *System { return NewSystem(microservices.Options{Seed: 4, Services: 8, Endpoints: 6}) }

func play(s *System, seed uint64, w Weather, changes ...Change) *snapshot.Snapshot {
	return s.Snapshot(s.Play(Window{Requests: 4000, Weather: w, Seed: seed, Changes: changes}), time.Unix(0, 0), Sampling{})
}

func group(s *snapshot.Snapshot, id snapshot.Identity) *snapshot.Group {
	for _, g := range s.Groups {
		if g.Identity == id {
			return g
		}
	}
	return nil
}

func TestEqualSeedsGiveEqualWindows(t *testing.T) {
	first, again := play(system(), 1, Realistic()), play(system(), 1, Realistic())
	assert.Equal(t, first, again)
	assert.NotEqual(t, play(system(), 1, Realistic()).Total, play(system(), 2, Realistic()).Total)
}

// Every change does what its name says, to the operation it names.
func TestChanges(t *testing.T) {
	s := system()
	op := s.Operations[s.Endpoints[0]].Calls[0].To
	id := snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[op].Service, Value: s.Operations[op].Name}
	plain := group(play(s, 1, Calm()), id).Sum()
	slow := group(play(s, 2, Calm(), Latency(op, 2)), id).Sum()
	assert.InEpsilon(t, 2, math.Exp(slow.LogDuration/slow.Weight-plain.LogDuration/plain.Weight), 0.1)

	failing := group(play(s, 3, Calm(), Failures(op, 0.1)), id).Sum()
	assert.InEpsilon(t, 0.1, failing.ErrorWeight/failing.Weight, 0.2)
	healthy := group(play(s, 4, Calm(), Failures(op, 0)), id).Sum()
	assert.Zero(t, healthy.ErrorSpans)

	to := 0
	from := s.Callers(to)[0]
	require.Nil(t, group(play(s, 5, Calm()), s.Edge(from, to)))
	added := group(play(s, 6, Calm(), Added(from, to, 0.5)), s.Edge(from, to)).Sum()
	callers := group(play(s, 6, Calm()), snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[from].Service, Value: s.Operations[from].Name}).Sum()
	assert.InEpsilon(t, 0.5, added.Weight/callers.Weight, 0.15)

	first := s.Endpoints[0]
	require.NotNil(t, group(play(s, 7, Calm()), s.Edge(first, op)))
	assert.Nil(t, group(play(s, 8, Calm(), Dropped(first, op)), s.Edge(first, op)))
}

// The clustering that tests have to withstand is there: time slices of a window differ by more than chance, and windows by
// more than their slices.
func TestWeatherClusters(t *testing.T) {
	s := system()
	op := s.Endpoints[0]
	id := snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[op].Service, Value: s.Operations[op].Name}
	spread := func(w Weather) (within, between float64) {
		var means []float64
		for seed := range uint64(30) {
			g := group(play(s, seed, w), id)
			sum := g.Sum()
			mean := sum.LogDuration / sum.Weight
			means = append(means, mean)
			var v float64
			for _, sl := range g.Slices {
				d := sl.LogDuration/sl.Weight - mean
				v += d * d / 30 / float64(len(g.Slices))
			}
			within += v
		}
		return within, variance(means)
	}
	calmWithin, calmBetween := spread(Calm())
	within, between := spread(Realistic())
	assert.Greater(t, within, 1.2*calmWithin)
	assert.Greater(t, between, 2*calmBetween)
}

func variance(v []float64) float64 {
	var mean, sum float64
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		sum += (x - mean) * (x - mean)
	}
	return sum / float64(len(v)-1)
}

// Sampled traces stand for all of them.
func TestSamplingKeepsTotals(t *testing.T) {
	s := system()
	traces := s.Play(Window{Requests: 20_000, Weather: Calm(), Seed: 1})
	all := s.Snapshot(traces, time.Unix(0, 0), Sampling{}).Total.Sum()
	some := s.Snapshot(traces, time.Unix(0, 0), Sampling{Probability: 0.1, Seed: 2}).Total.Sum()
	assert.InEpsilon(t, all.TraceWeight, some.TraceWeight, 0.08)
	assert.InEpsilon(t, 0.1*float64(all.Traces), float64(some.Traces), 0.08)
	assert.InEpsilon(t, 10*some.TraceWeight, some.TraceWeight2, 1e-9)
}

func TestCallsAreCounted(t *testing.T) {
	s := system()
	calls := s.Calls()
	counted := make([]float64, len(calls))
	traces := s.Play(Window{Requests: 20_000, Weather: Calm(), Seed: 3})
	for op, d := range s.Durations(traces) {
		counted[op] = float64(len(d)) / float64(len(traces))
	}
	for op := range calls {
		assert.InDelta(t, calls[op], counted[op], 0.05+0.05*calls[op])
	}
}
