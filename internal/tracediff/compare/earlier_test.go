package compare

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// What is found against the windows before A is what a comparison with these windows alone finds, for each group in turn: room that is
// used again holds nothing of the group before.
func TestEarlierWindowsAreComparedAsIfAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var windows []*snapshot.Snapshot
		for n := range rapid.IntRange(1, mostPooled-1).Draw(t, "windows") {
			windows = append(windows, drawWindow(t, n, bundled))
		}
		a, b := drawWindow(t, 8, bundled), drawWindow(t, 9, bundled)
		at := newTester(a, b, nil, DefaultThresholds())
		at.earlier = newEarlier(newBundle(windows))
		for _, p := range pairs(a, b) {
			p.after = absolute(&at.sides[1], p.b, &p.sum[1])
			at.earlier.look(at, &p)
			for _, m := range []Measure{Latency, Waiting, Errors, CallRate} {
				if m == CallRate && p.id.Kind == snapshot.Edge && (p.callers[0] == nil || p.callers[1] == nil) {
					continue // they are counted by traces then, whatever the windows before have
				}
				found := at.earlier.measured(m)
				alone := testBundles(newBundle(windows), newBundle([]*snapshot.Snapshot{b}), p.id, m, nil, DefaultThresholds())
				if alone.of.a == nil || alone.of.b == nil {
					assert.False(t, found.tested)
					continue
				}
				assert.Equal(t, alone.tested, found.tested)
				if !found.tested {
					continue
				}
				alone.cost(earlierShare, 1)
				assert.Equal(t, [3]float64{alone.p, alone.effect, alone.difference}, [3]float64{found.p, found.effect, found.difference}, "%v %s", p.id, m)
				assert.Equal(t, alone.of.before, found.figures[0])
				assert.Equal(t, alone.of.after, found.figures[1])
			}
		}
	})
}
