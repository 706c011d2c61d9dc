package compare

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// overAfter is after how many windows a change of a size is over, if in each it is a share of that as large; 0: after none of so many. Sizes
// are in standard errors of a window, a tenth of whose variance is that between windows.
func overAfter(r *rand.Rand, size, share float64, windows int) int {
	t := NewTracker(Rules{Persist: 2})
	f := &followed{Change: Change{Measure: Latency, Verdict: Slower, Fingerprint: "f"}, Standing: Confirmed, Size: size}
	t.state.Open["f"] = f
	for n := 1; n <= windows; n++ {
		x := &finding{measure: Latency, tested: true, sampling: 0.9, windows: 0.1, difference: share*size + r.NormFloat64(), of: &pair{b: &snapshot.Group{}}}
		if c := t.goOn(f, x, emptyWindow("b")); c.Standing == Cleared {
			return n
		}
	}
	return 0
}

// A window in which there happen to be none of a few long calls varies next to nothing. Alone it does not take the change for over; some in a row do.
func TestFewLongCallsMayBeFewer(t *testing.T) {
	tracker := NewTracker(Rules{Persist: 2})
	f := &followed{Change: Change{Measure: Slowest, Verdict: Slower, Fingerprint: "f"}, Standing: Confirmed, Size: 1.2, Sampling: 0.3}
	tracker.state.Open["f"] = f
	windows := 0
	for c := (Change{}); c.Standing != Cleared && windows < 10; windows++ {
		none := &finding{measure: Slowest, tested: true, sampling: 0.001, windows: 0.01, difference: 0, of: &pair{b: &snapshot.Group{}}}
		c = tracker.goOn(f, none, emptyWindow("b"))
	}
	assert.Equal(t, 3, windows)
}

// A change that was sure enough to be confirmed, and goes on, is hardly ever taken to be over within fifty windows; one that ends is soon, and
// one that gives way to its opposite at once.
func TestWhenAChangeIsOver(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const series = 1000
	for _, size := range []float64{4, 5, 10} {
		early, late, turned := 0, 0, 0
		for range series {
			if overAfter(r, size, 1, 50) > 0 {
				early++
			}
			if n := overAfter(r, size, 0, 50); n == 0 || n > 4 {
				late++
			}
			if overAfter(r, size, -1, 50) != 2 {
				turned++
			}
		}
		assert.LessOrEqual(t, early, series/100, "%v standard errors: over while it goes on", size)
		assert.LessOrEqual(t, late, series/50, "%v standard errors: still there after four windows without it", size)
		assert.LessOrEqual(t, turned, series/100, "%v standard errors: still there after two windows of the opposite", size)
	}
}

// What a window says on a change, in order: surely there, likely there, nothing, likely over, surely over.
func TestEvidenceThatAChangeIsOver(t *testing.T) {
	there, away := &snapshot.Group{}, (*snapshot.Group)(nil)
	measured := func(difference float64) *finding {
		return &finding{measure: Latency, tested: true, sampling: 0.01, windows: 0.01, difference: difference, of: &pair{a: there, b: there}}
	}
	seen := func(traces uint32) *finding {
		return &finding{measure: Presence, of: &pair{b: there, sum: [2]snapshot.Slice{{}, {Traces: traces}}}}
	}
	notSeen := func(exposed float64) *finding {
		return &finding{measure: Presence, exposed: exposed, of: &pair{b: away}}
	}
	for _, tt := range []struct {
		name    string
		change  Change
		found   *finding
		known   bool
		over    bool
		certain bool
	}{
		{"slower, as slow as it was", Change{Measure: Latency, Verdict: Slower}, measured(0.7), true, false, true},
		{"slower, and more so", Change{Measure: Latency, Verdict: Slower}, measured(2), true, false, true},
		{"slower, as before the change", Change{Measure: Latency, Verdict: Slower}, measured(0), true, true, true},
		{"slower, faster than before", Change{Measure: Latency, Verdict: Slower}, measured(-0.7), true, true, true},
		{"slower, a little more than half", Change{Measure: Latency, Verdict: Slower}, measured(0.4), true, false, false},
		{"slower, not tested", Change{Measure: Latency, Verdict: Slower}, &finding{measure: Latency, of: &pair{a: there, b: there}}, false, false, false},
		{"more calls, not one varies", Change{Measure: CallRate, Verdict: MoreCalls}, &finding{measure: CallRate, tested: true, windows: 0.02, of: &pair{b: there}}, true, true, true},
		{"slower, not called any more", Change{Measure: Latency, Verdict: Slower, B: Absolute{PerTrace: 1}}, notSeen(1000), true, true, true},
		{"slower, no traffic", Change{Measure: Latency, Verdict: Slower, B: Absolute{PerTrace: 1}}, notSeen(0), false, false, false},
		{"fewer calls, none at all", Change{Measure: CallRate, Verdict: FewerCalls, A: Absolute{PerTrace: 2}, B: Absolute{PerTrace: 1}}, notSeen(1000), true, false, true},
		{"more calls, none at all", Change{Measure: CallRate, Verdict: MoreCalls, A: Absolute{PerTrace: 1}, B: Absolute{PerTrace: 2}}, notSeen(1000), true, true, true},
		{"new, seen", Change{Measure: Presence, Verdict: New, Effect: 0.5}, seen(1), true, false, true},
		{"new, not seen in many traces", Change{Measure: Presence, Verdict: New, Effect: 0.5}, notSeen(1000), true, true, true},
		{"new but rare, not seen in few traces", Change{Measure: Presence, Verdict: New, Effect: 0.01}, notSeen(100), true, true, false},
		{"new, no traffic", Change{Measure: Presence, Verdict: New, Effect: 0.5}, notSeen(0), false, false, false},
		{"missing, not seen", Change{Measure: Presence, Verdict: Missing, Effect: -0.5}, notSeen(1000), true, false, true},
		{"missing, no traffic", Change{Measure: Presence, Verdict: Missing, Effect: -0.5}, notSeen(0), false, false, false},
		{"missing, seen once", Change{Measure: Presence, Verdict: Missing, Effect: -0.5}, seen(1), true, true, false},
		{"missing, seen often", Change{Measure: Presence, Verdict: Missing, Effect: -0.5}, seen(100), true, true, true},
	} {
		evidence, known := returned(&followed{Change: tt.change, Size: 0.7}, tt.found)
		assert.Equal(t, tt.known, known, tt.name)
		if known {
			assert.Equal(t, tt.over, evidence > 0, "%s: %v", tt.name, evidence)
			assert.Equal(t, tt.certain, evidence >= sureGone || evidence <= -sureGone, "%s: %v", tt.name, evidence)
		}
	}
}
