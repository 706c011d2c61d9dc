package compare_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

func TestTooLittleIsSaid(t *testing.T) {
	s := newScene(5, 30)
	d := compare.Compare(s.window(1), s.window(2), nil, compare.DefaultThresholds())
	assert.Zero(t, flags(d))
	for i := range d.Changes {
		if d.Changes[i].Measure != compare.CallRate { // that all of thirty traces call something is known
			assert.Equal(t, compare.NotEnoughData, d.Changes[i].Verdict, "%+v", d.Changes[i].Identity)
		}
	}
	empty := &snapshot.Snapshot{Start: time.Unix(0, 0), End: time.Unix(600, 0), Total: snapshot.Group{Identity: snapshot.Identity{Kind: snapshot.Total}}}
	for _, d := range []*compare.Diff{
		compare.Compare(empty, empty, nil, compare.DefaultThresholds()),
		compare.Compare(empty, s.window(3), nil, compare.DefaultThresholds()),
		compare.Compare(s.window(3), empty, nil, compare.DefaultThresholds()),
	} {
		assert.Zero(t, flags(d), "where there is nothing on one side, nothing can be compared")
	}
}

// What was not tested has no number, not one that looks like "equal"; what was tested has all of them.
func TestNumbersAreKnownWhereSomethingWasTested(t *testing.T) {
	s := newScene(5, 300)
	crowded, few := s.window(4), s.window(3)
	gone := crowded.Groups[0].Identity
	crowded.Groups[0] = &snapshot.Group{Identity: snapshot.Identity{Kind: gone.Kind, Key: gone.Key, Value: snapshot.OverflowValue}, Slices: crowded.Groups[0].Slices}
	tiny := newScene(5, 12)
	for name, d := range map[string]*compare.Diff{
		"all or nothing fails":    compare.Compare(s.window(1, simulation.Failures(0, 1)), s.window(2, simulation.Failures(0, 0)), nil, compare.DefaultThresholds()),
		"a dozen requests":        compare.Compare(tiny.window(1), tiny.window(2), nil, compare.DefaultThresholds()),
		"part of a window slower": compare.Compare(s.window(1), s.window(2, simulation.Latency(s.busiest(), 4).During(0.5, 1)), nil, compare.DefaultThresholds()),
		"in the overflow":         compare.Compare(crowded, few, nil, compare.DefaultThresholds()),
	} {
		t.Run(name, func(t *testing.T) {
			tested := 0
			for i := range d.Changes {
				c := &d.Changes[i]
				known := !math.IsNaN(c.P)
				for _, v := range []float64{c.Effect, c.Low, c.High, c.Q} {
					assert.Equal(t, known, !math.IsNaN(v), "%+v", c)
				}
				for _, v := range []float64{c.Effect, c.Low, c.High, c.P, c.Q, c.Impact, c.A.Mean, c.B.Mean, c.A.PerTrace, c.B.GeoMean} {
					assert.False(t, math.IsInf(v, 0), "%+v", c)
				}
				assert.False(t, math.IsNaN(c.Impact), "%+v", c)
				if !known {
					assert.Equal(t, compare.NotEnoughData, c.Verdict)
					continue
				}
				tested++
				assert.LessOrEqual(t, c.Low, c.High)
				assert.GreaterOrEqual(t, c.Q, 0.0)
				assert.LessOrEqual(t, c.Q, 1.0)
			}
			assert.GreaterOrEqual(t, d.Tests, tested, "of tests of the slowest calls only those are changes that show something")
			assert.Less(t, tested, len(d.Changes), "or else this says nothing")
		})
	}
}
