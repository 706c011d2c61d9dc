package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Where chance alone decides which side a trace is on, nothing tells them apart but in 5 % of splits: whatever the traffic is like.
func TestNothingTellsRandomSplitsApart(t *testing.T) {
	splits, most := 200, 10
	if testing.Short() {
		splits, most = 40, 5
	}
	for _, w := range []weather{
		{traces: 600, share: 0.5},
		{traces: 600, share: 0.05},
		{traces: 300, share: 0.2},
		{traces: 60, share: 0.5},
		{traces: 600, share: 0.3, bursts: true},
		{traces: 600, share: 0.5, bursts: true, sampled: true},
		{traces: 600, share: 0.1, sampled: true},
	} {
		t.Run(fmt.Sprintf("%+v", w), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(w.traces), 7))
			traces := w.traffic(r)
			flagged, tests := 0, 0
			for range splits {
				a, b := split(traces, func(*tagged) bool { return r.Float64() < w.share })
				found := TellApart(a, b, 0.05, nothing)
				tests += found.Tests
				if len(found.Telling) > 0 {
					flagged++
				}
			}
			t.Logf("%d of %d splits flag anything, %d tests each", flagged, splits, tests/splits)
			assert.LessOrEqual(t, flagged, most)
			assert.Greater(t, tests, splits*60)
		})
	}
}

// telling are what tells apart, as "key=value".
func telling(found *Apart) (list []string) {
	for _, p := range found.Telling {
		list = append(list, p.Key+"="+p.Value)
	}
	return list
}

// One value of an attribute that makes traces slow is what comes first, whether slow traces are many or few; so are two that only do it
// together, and what goes with either comes behind them or under them.
func TestWhatExplainsSlowTracesComesFirst(t *testing.T) {
	slow := func(r *rand.Rand, culprit func(*tagged) bool) func(*tagged) bool {
		return func(t *tagged) bool { return culprit(t) && r.Float64() < 0.95 || r.Float64() < 0.005 }
	}
	for _, w := range []weather{{traces: 3000}, {traces: 600}, {traces: 3000, bursts: true}, {traces: 6000, sampled: true}} {
		t.Run(fmt.Sprintf("%+v", w), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(5, uint64(w.traces)))
			traces := w.traffic(r)

			a, b := split(traces, slow(r, func(t *tagged) bool { return t.values["host"] == "7" }))
			found := TellApart(a, b, 0.05, nothing)
			require.NotEmpty(t, found.Telling)
			first := found.Telling[0]
			assert.Equal(t, "host=7", telling(found)[0])
			assert.Greater(t, first.ShareB, 0.8)
			assert.Less(t, first.ShareA, 0.02)
			assert.Less(t, first.Q, 1e-4)

			a, b = split(traces, slow(r, func(t *tagged) bool { return t.values["http.route"] == "3" && t.values["build"] == "1" }))
			found = TellApart(a, b, 0.05, nothing)
			require.GreaterOrEqual(t, len(found.Telling), 2)
			route := found.Telling[0]
			assert.Equal(t, "code.function=handle3", telling(found)[0])
			require.NotEmpty(t, route.Same)
			assert.Equal(t, "http.route", route.Same[0].Key, "another name of the same traces stands under it")
			assert.Contains(t, telling(found)[:min(6, len(found.Telling))], "build=1")
		})
	}
}

// Shares are those of the traffic, not of what was kept of it: where one side is kept whole and of the other one in ten, the difference
// that sampling makes by itself is none.
func TestSharesAreThoseOfTheTraffic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	flagged := 0
	var difference float64
	for range 100 {
		var sides [2][]tagged
		for i := range 4000 {
			slow := r.Float64() < 0.05
			tenant, keep := "light", 0.1 // the sampler keeps all traces of the heavy tenant and all slow ones
			if r.Float64() < 0.2 {
				tenant, keep = "heavy", 1
			}
			if slow {
				keep = 1
			}
			if r.Float64() > keep {
				continue
			}
			side := 0
			if slow {
				side = 1
			}
			sides[side] = append(sides[side], tagged{slice: uint32(i / 200), weight: 1 / keep, values: map[string]string{"tenant": tenant}})
		}
		found := TellApart(selectionOf(sides[0]), selectionOf(sides[1]), 0.05, nothing)
		for _, p := range append(found.Telling, found.Rest...) {
			if p.Value == "heavy" {
				difference += p.Difference / 100
				assert.InDelta(t, 0.2, p.ShareA, 0.06)
			}
		}
		flagged += min(1, len(found.Telling))
	}
	assert.InDelta(t, 0, difference, 0.01)
	assert.LessOrEqual(t, flagged, 7)
}

// The interval holds the difference that there is in 95 % of cases, whether it rests on time slices or on few traces.
func TestIntervalsOfDifferences(t *testing.T) {
	least := 0.91 // of 300 cases; three standard errors below 95 %
	if testing.Short() {
		least = 0.88 // of 100
	}
	for _, tt := range []struct {
		traces         int
		shareA, shareB float64
	}{
		{2000, 0.3, 0.5}, {2000, 0.02, 0.95}, {80, 0.1, 0.8},
	} {
		t.Run(fmt.Sprint(tt.traces, tt.shareA, tt.shareB), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, uint64(tt.traces)))
			cases := 300
			if testing.Short() {
				cases = 100
			}
			held := 0.0
			for range cases {
				var sides [2][]tagged
				for i := range tt.traces {
					side := i % 2
					values := map[string]string{"k": "no"}
					if r.Float64() < [2]float64{tt.shareA, tt.shareB}[side] {
						values["k"] = "yes"
					}
					sides[side] = append(sides[side], tagged{slice: uint32(i * 20 / tt.traces), weight: 1, values: values})
				}
				found := TellApart(selectionOf(sides[0]), selectionOf(sides[1]), 0.05, nothing)
				for _, p := range append(found.Telling, found.Rest...) {
					for _, p := range append(p.Same, p) {
						if d := tt.shareB - tt.shareA; p.Value == "yes" && p.Low <= d && d <= p.High {
							held++
						}
					}
				}
			}
			assert.GreaterOrEqual(t, held/float64(cases), least)
		})
	}
}

// Who is A and who is B only turns differences around, and what all traces weigh alike does not matter.
func TestSidesCanBeSwapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		w := weather{traces: rapid.IntRange(20, 300).Draw(t, "traces"), bursts: rapid.Bool().Draw(t, "bursts"), share: 0.5}
		traces := w.traffic(r)
		share := rapid.Float64Range(0.1, 0.9).Draw(t, "share")
		a, b := split(traces, func(x *tagged) bool { return r.Float64() < share || x.values["zone"] == "1" })
		there, back := TellApart(a, b, 0.05, nothing), TellApart(b, a, 0.05, nothing)
		require.Equal(t, there.Tests, back.Tests)
		of := map[snapshot.Identity]Property{}
		all := func(x *Apart) (list []Property) {
			for _, p := range append(x.Telling, x.Rest...) {
				list = append(append(list, p), p.Same...)
			}
			return list
		}
		for _, p := range all(there) {
			if !p.Failed {
				of[p.Identity] = p
			}
		}
		for _, p := range all(back) {
			if p.Failed {
				continue
			}
			o := of[p.Identity]
			require.InDelta(t, -o.Difference, p.Difference, 1e-12)
			require.InDelta(t, o.P, p.P, 1e-9)
			require.InDelta(t, -o.High, p.Low, 1e-9)
			require.GreaterOrEqual(t, p.Difference, p.Low-1e-9)
			require.LessOrEqual(t, p.Difference, p.High+1e-9)
			require.False(t, math.IsNaN(p.Q))
			require.GreaterOrEqual(t, p.P, p.attainable*(1-1e-9))
		}
	})
}
