package compare_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Another version is another baseline: what was compared with the old one is over for that reason, and may still be there. Against the new one
// only what the new version has changed shows.
func TestReplacedBaseline(t *testing.T) {
	for _, tt := range []struct{ name, windows, baselines, latency, presence string }{
		{"the change stays", "....+++++++", "33333333777", "....sCllr..", "..........."},
		{"it grows", "....++++*****", "3333333377777", "....sCllrsCll", "............."},
		{"it ends with the old version", "....++++....", "333333337777", "....sCllrsCl", "............"},
		{"a missing service comes back with the new version", "....____....", "333333337777", "............", "....sCllr..."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			s := newStory(t, compare.NewRules(compare.DefaultThresholds(), minute, 0, 1), func(before played) *snapshot.Snapshot {
				return fixed(int(tt.baselines[n] - '0'))(before)
			})
			var latency, presence strings.Builder
			for _, w := range tt.windows {
				d := s.next(written(w, n))
				latency.WriteString(letter(d, cartAdd, compare.Latency))
				presence.WriteString(letter(d, cartService, compare.Presence))
				n++
			}
			assert.Equal(t, tt.latency, latency.String())
			assert.Equal(t, tt.presence, presence.String())
		})
	}
}

// What changed in a group that nobody calls any more is over in the end, but not at once: it may only be away.
func TestGroupThatVanishesForGood(t *testing.T) {
	for _, base := range bases {
		t.Run(base.name, func(t *testing.T) {
			s := newStory(t, compare.NewRules(compare.DefaultThresholds(), minute, base.lag, 1), base.of)
			for n := range warmUp {
				s.next(written('.', n))
			}
			for n := range 10 {
				s.next(written('+', warmUp+n))
			}
			var standings strings.Builder
			for n := range 30 {
				standings.WriteString(letter(s.next(written('_', warmUp+10+n)), cartAdd, compare.Latency))
			}
			assert.Regexp(t, `^lllll*g\.*$`, standings.String())
		})
	}
}

// A chain of changes, each new before the last is decided, does not keep an old baseline for ever.
func TestNoBaselineIsFrozenForEver(t *testing.T) {
	s := newStory(t, compare.Rules{Persist: 2, Level: 0, Hold: 20}, back(1)) // nothing is ever sure enough
	frozen, longest := 0, 0
	for n := range 60 {
		now := asUsual
		now.own *= float64(1 + n)
		s.next(now.window(n))
		if frozen++; s.series.Tracker.Frozen() == "" {
			frozen = 0
		}
		longest = max(longest, frozen)
	}
	assert.Positive(t, longest)
	assert.Less(t, longest, 20)
}

// The oldest windows go when their retention is over. A change that can be measured against what is left of those before it is; one that
// cannot be measured any more is over, for its baseline is gone.
func TestWindowsOfBeforeThatAreGone(t *testing.T) {
	s := newStory(t, compare.NewRules(compare.DefaultThresholds(), minute, 0, 1), fixed(5))
	pin := written('.', 5)
	s.against = func(played) *snapshot.Snapshot { return pin }
	for n, w := range "......++++" {
		s.next(written(w, n))
	}
	gone := func(id string) {
		s.played = slices.DeleteFunc(s.played, func(w *snapshot.Snapshot) bool { return w.ID == id })
	}
	gone("w3")
	gone("w4")
	d := s.next(written('+', 10))
	assert.Equal(t, "l", letter(d, cartAdd, compare.Latency))
	assert.InEpsilon(t, 3, find(d, cartAdd, compare.Latency).Effect, 0.05)
	for n := range 6 {
		gone(fmt.Sprint("w", n))
	}
	d = s.next(written('+', 11))
	assert.Equal(t, "r", letter(d, cartAdd, compare.Latency))
}

// The rules follow from what a query promises: the shorter its windows and the more its baselines, the surer each change has to be; and a
// change is followed for as long as it takes to be the new normal.
func TestRules(t *testing.T) {
	th := compare.DefaultThresholds()
	week := func(r compare.Rules, windows float64) float64 { return r.Level * windows }
	ten, one := compare.NewRules(th, 10*minute, 10*minute, 1), compare.NewRules(th, minute, minute, 1)
	assert.InEpsilon(t, th.FalseAlerts, week(ten, 7*24*6), 1e-9)
	assert.InEpsilon(t, th.FalseAlerts, week(one, 7*24*60), 1e-9)
	assert.InEpsilon(t, th.FalseAlerts, 3*week(compare.NewRules(th, minute, minute, 3), 7*24*60), 1e-9)
	assert.Equal(t, 144, ten.Hold)
	assert.Equal(t, 7*144, compare.NewRules(th, 10*minute, 7*24*60*minute, 1).Hold, "until its baseline has it")
	assert.Zero(t, compare.NewRules(th, minute, 0, 1).Hold, "a baseline that does not move has it never")
	th.NewNormal, th.Persist = minute, 5
	assert.Greater(t, compare.NewRules(th, minute, minute, 1).Hold, 5, "it is confirmed before it is the new normal")
	th.Persist = 0
	assert.Equal(t, 1, compare.NewRules(th, minute, minute, 1).Persist)
	require.Equal(t, 1, cmp.Compare(one.Hold, ten.Hold))
}
