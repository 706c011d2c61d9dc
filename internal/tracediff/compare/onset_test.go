package compare_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// turning is a window in which a kind of change begins at a fraction.
func (k *kind) turning(n int, at float64) *snapshot.Snapshot {
	without := asUsual
	if k.usual != nil {
		k.usual(&without)
	}
	with := without
	k.changed(&with)
	return without.turning(n, at, with)
}

const slice = minute / sliceNum

// A change that begins inside of a window is seen in it, against the window before; and in the next one, against it. Both say when it began.
func TestOnsetsInsideOfAWindow(t *testing.T) {
	for i := range shopKinds {
		k := &shopKinds[i]
		for _, at := range []float64{0.25, 0.5, 0.75} {
			t.Run(fmt.Sprintf("%s at %v", k.name, at), func(t *testing.T) {
				before, mixed, after := k.window(0, false), k.turning(1, at), k.window(2, true)
				truth := mixed.Start.Add(time.Duration(at * float64(minute)))
				for name, d := range map[string]*compare.Diff{
					"in the window of its onset": compare.Compare(before, mixed, nil, compare.DefaultThresholds()),
					"in the one after it":        compare.Compare(mixed, after, nil, compare.DefaultThresholds()),
				} {
					c := find(d, k.id, k.measure)
					require.NotNil(t, c, name)
					assert.True(t, c.Flagged, name)
					assert.Equal(t, k.verdict, c.Verdict, name)
					assert.WithinDuration(t, truth, c.Onset, slice, name)
					assert.Zero(t, c.Ended, name)
					require.NotEmpty(t, d.Causes, name)
					assert.WithinDuration(t, truth, d.Causes[0].Onset, slice, name)
				}
			})
		}
	}
}

// What comes and goes inside of a window is seen in it, from when to when; and is no change of the next one against it.
func TestSpikesInsideOfAWindow(t *testing.T) {
	for _, k := range shopKinds[:4] { // groups that are there anyway
		t.Run(k.name, func(t *testing.T) {
			without := asUsual
			if k.usual != nil {
				k.usual(&without)
			}
			spike := without
			k.changed(&spike)
			mixed := without.turning(1, 0.3, spike)
			join(mixed, without.window(1), 12)
			d := compare.Compare(k.window(0, false), mixed, nil, compare.DefaultThresholds())
			c := find(d, k.id, k.measure)
			require.NotNil(t, c)
			assert.True(t, c.Flagged)
			assert.Equal(t, k.verdict, c.Verdict)
			assert.WithinDuration(t, mixed.Start.Add(6*slice), c.Onset, slice)
			assert.WithinDuration(t, mixed.Start.Add(12*slice), c.Ended, slice)
		})
	}
}

// join replaces the slices of a window from one on by those of another.
func join(w, by *snapshot.Snapshot, from uint32) {
	of := map[snapshot.Identity]*snapshot.Group{by.Total.Identity: &by.Total}
	for _, g := range by.Groups {
		of[g.Identity] = g
	}
	for _, g := range append([]*snapshot.Group{&w.Total}, w.Groups...) {
		n := 0
		for n < len(g.Slices) && g.Slices[n].Index < from {
			n++
		}
		g.Slices = g.Slices[:n]
		for _, s := range of[g.Identity].Slices {
			if s.Index >= from {
				g.Slices = append(g.Slices, s)
			}
		}
	}
}

// In traffic like that of a real system a step is noticed mostly wherever it begins but at the very end of the window, and its onset is near
// the truth.
func TestOnsetsInTraffic(t *testing.T) {
	s := newScene(5, 5000)
	op := s.busiest()
	r := rand.New(rand.NewPCG(1, 1))
	seen, near, all := 0, 0, 0
	for n := range 30 {
		at := 0.05 + 0.8*r.Float64()
		a, m := s.window(10*n), s.window(10*n+1, simulation.Latency(op, 2).During(at, 1))
		b := s.window(10*n+2, simulation.Latency(op, 2))
		truth := m.Start.Add(time.Duration(at * float64(m.End.Sub(m.Start))))
		for _, d := range []*compare.Diff{compare.Compare(a, m, nil, compare.DefaultThresholds()), compare.Compare(m, b, nil, compare.DefaultThresholds())} {
			c := find(d, s.operation(op), compare.Latency)
			require.NotNil(t, c)
			all++
			if c.Flagged && c.Verdict == compare.Slower {
				seen++
				if !c.Onset.IsZero() && c.Onset.Sub(truth).Abs() <= 2*m.Slice {
					near++
				}
			}
		}
	}
	assert.GreaterOrEqual(t, seen, all*7/10)
	assert.GreaterOrEqual(t, near, seen*8/10)
}
