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

// A change that holds for a part of a window is in the slices of that part, and in a share of the slice in which it begins.
func TestChangesWithinAWindow(t *testing.T) {
	s := system()
	op := s.Endpoints[0]
	id := snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[op].Service, Value: s.Operations[op].Name}
	w := Window{Requests: 40_000, Weather: Calm(), Seed: 1, Changes: []Change{Failures(op, 1).During(0.275, 0.8), Failures(op, 0).During(0, 0.275), Failures(op, 0).During(0.8, 1)}}
	g := group(s.Snapshot(s.Play(w), time.Unix(0, 0), Sampling{}), id)
	for _, sl := range g.Slices {
		share := float64(sl.ErrorSpans) / float64(sl.Spans)
		switch {
		case sl.Index < 5 || sl.Index >= 16:
			assert.Zero(t, share, "slice %d", sl.Index)
		case sl.Index == 5:
			assert.InDelta(t, 0.5, share, 0.1)
		default:
			assert.InDelta(t, 1, share, 1e-9, "slice %d", sl.Index)
		}
	}
	assert.Equal(t, []Change{{From: 0.1, Until: 0.2}}, During(0.1, 0.2, []Change{{}}))
}

func TestContentionAndRetries(t *testing.T) {
	s := networked(microservices.Generic, false)
	from, to := crossing(t, s)
	callee := snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[to].Service, Value: s.Operations[to].Name}
	before := play(s, 1, Calm())
	x := group(before, callee).Sum()
	y := group(play(s, 1, Calm(), Contention(callee.Service, 3)), callee).Sum()
	assert.InEpsilon(t, math.Log(3), (y.LogSelf-x.LogSelf)/x.Weight, 0.01)
	calls := func(snap *snapshot.Snapshot) float64 { return group(snap, s.Edge(from, to)).Sum().Weight }
	assert.InEpsilon(t, 3*calls(before), calls(play(s, 2, Calm(), Repeated(from, to, 3))), 0.1)
	assert.InEpsilon(t, 0.5*calls(before), calls(play(s, 2, Calm(), Repeated(from, to, 0.5))), 0.1)
}

// Failures of a service are its callers' as far as they are passed on.
func TestServiceFailures(t *testing.T) {
	s := networked(microservices.Particular, false)
	from, to := crossing(t, s)
	caller := snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[from].Service, Value: s.Operations[from].Name}
	share := func(passedOn float64) float64 {
		sum := group(play(s, 1, Calm(), ServiceFailures(s.Operations[to].Service, 0.2, passedOn)), caller).Sum()
		return sum.ErrorWeight / sum.Weight
	}
	assert.Less(t, share(0), 0.02)
	assert.Greater(t, share(1), 0.15)
}

// A deployment in the middle of a window leaves both versions in it, one after the other.
func TestVersions(t *testing.T) {
	s := system()
	service := s.Operations[s.Endpoints[0]].Service
	start := time.Unix(6000, 0).UTC()
	w := &Window{Requests: 4000, Weather: Calm(), Seed: 1, Start: start, Length: time.Minute, Changes: []Change{Deployed(service, "2").During(0.5, 1)}}
	snap := s.Take(w, s.Play(*w), Sampling{})
	assert.Equal(t, 20, snap.Slices())
	of := map[string]snapshot.Version{}
	for _, v := range snap.Versions {
		if v.Service == service {
			of[v.Version] = v
		} else {
			assert.Equal(t, "1", v.Version)
		}
	}
	require.Len(t, of, 2)
	assert.InEpsilon(t, of["1"].Weight, of["2"].Weight, 0.2)
	assert.WithinDuration(t, start.Add(30*time.Second), of["1"].Last, time.Second)
	assert.WithinDuration(t, start.Add(30*time.Second), of["2"].First, time.Second)
	assert.WithinDuration(t, start, of["1"].First, time.Second)
}
