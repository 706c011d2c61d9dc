package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// drawWindow is a window of which some slices have no traces and some groups are not there.
func drawWindow(t *rapid.T, n int, ids []snapshot.Identity) *snapshot.Snapshot {
	w := emptyWindow(fmt.Sprintf("w%d", n))
	w.Start = w.Start.Add(time.Duration(n) * 20 * time.Second)
	w.End = w.Start.Add(20 * time.Second)
	w.Total = *drawGroup(t, snapshot.Identity{Kind: snapshot.Total})
	for _, id := range ids {
		if g := drawGroup(t, id); rapid.Bool().Draw(t, "there") && len(g.Slices) > 0 {
			g.Duration.Add(1e6, g.Sum().Weight)
			w.Groups = append(w.Groups, g)
		}
	}
	return w
}

var bundled = []snapshot.Identity{
	{Kind: snapshot.Operation, Service: "a", Value: "b"},
	{Kind: snapshot.Service, Value: "a"},
	{Kind: snapshot.Edge, CallerService: "a", Caller: "b", Service: "c", Value: "d"},
}

// Windows put together are all of them: each slice once, in its place, and nothing else; and they are as they were.
func TestBundlesAreTheirWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var windows []*snapshot.Snapshot
		for n := range rapid.IntRange(1, mostPooled).Draw(t, "windows") {
			windows = append(windows, drawWindow(t, n, bundled))
		}
		b := newBundle(windows)
		for _, id := range append([]snapshot.Identity{{Kind: snapshot.Total}}, bundled...) {
			var want snapshot.Slice
			slices, weight := 0, float32(0)
			for _, w := range windows {
				for _, g := range append([]*snapshot.Group{&w.Total}, w.Groups...) {
					if g.Identity == id {
						sum := g.Sum()
						want.Add(&sum)
						slices += len(g.Slices)
						for _, bucket := range g.Duration.Buckets {
							weight += bucket.Weight
						}
					}
				}
			}
			for range 2 { // putting them together twice is the same: nothing was changed
				g := b.group(id)
				if slices == 0 {
					if g != nil {
						require.Empty(t, g.Slices)
					}
					continue
				}
				require.NotNil(t, g)
				sum := g.Sum()
				assert.Equal(t, want.Spans, sum.Spans)
				assert.InDelta(t, want.LogDuration, sum.LogDuration, 1e-6)
				require.Len(t, g.Slices, slices)
				for i := range g.Slices {
					if i > 0 {
						assert.Less(t, g.Slices[i-1].Index, g.Slices[i].Index)
					}
				}
				total := float32(0)
				for _, bucket := range g.Duration.Buckets {
					total += bucket.Weight
				}
				assert.InDelta(t, weight, total, 1e-3)
			}
		}
		e := b.exposure()
		assert.InDelta(t, 20*float64(len(windows)), e.seconds, 1e-9)
	})
}

// More windows tell more exactly what is usual, but not as much more exactly as if they had nothing to do with each other.
func TestVarianceBetweenBundles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	variance := func(n int) float64 {
		windows := func(from int) *bundle {
			var list []*snapshot.Snapshot
			for k := range n {
				w := emptyWindow(strconv.Itoa(from + k))
				w.Total = *evenGroup(r, snapshot.Identity{Kind: snapshot.Total}, false)
				g := evenGroup(rand.New(rand.NewPCG(7, 7)), bundled[0], false)
				w.Groups = append(w.Groups, g)
				list = append(list, w)
			}
			return newBundle(list)
		}
		return testBundles(windows(0), windows(100), bundled[0], Latency, nil, DefaultThresholds()).windows
	}
	one := variance(1)
	assert.InEpsilon(t, 2*priorVariance(Latency), one, 1e-9)
	last := one
	for n := 2; n <= mostPooled; n++ {
		now := variance(n)
		assert.Less(t, now, last)
		assert.Greater(t, now, one/float64(n))
		last = now
	}
}

// A group is tested on what both bundles have of it: on a measure where both have it, on its presence where one has it.
func TestWhatIsTestedBetweenBundles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	with := func(there bool) *bundle {
		w := emptyWindow("w")
		w.Total = *evenGroup(r, snapshot.Identity{Kind: snapshot.Total}, false)
		if there {
			w.Groups = append(w.Groups, evenGroup(r, bundled[0], false))
		}
		return newBundle([]*snapshot.Snapshot{w})
	}
	for _, m := range []Measure{Latency, Errors, CallRate, Presence} {
		both := testBundles(with(true), with(true), bundled[0], m, nil, DefaultThresholds())
		assert.Equal(t, m, both.measure)
		assert.Equal(t, m != Presence, both.tested, "%s: it is there on both sides", m)
		gone := testBundles(with(true), with(false), bundled[0], m, nil, DefaultThresholds())
		assert.Equal(t, Presence, gone.measure)
		assert.Equal(t, Missing, gone.verdict)
		assert.True(t, gone.tested)
		assert.Positive(t, gone.exposed)
		neither := testBundles(with(false), with(false), bundled[0], m, nil, DefaultThresholds())
		assert.False(t, neither.tested)
		assert.True(t, math.IsNaN(neither.p))
		assert.Positive(t, neither.exposed)
	}
}
