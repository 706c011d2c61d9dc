package compare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// against finds what a window is compared with, among those before it; nil where there is nothing.
type against func(before played) *snapshot.Snapshot

// back is the window so many before.
func back(windows int) against {
	return func(before played) *snapshot.Snapshot {
		if len(before) < windows {
			return nil
		}
		return before[len(before)-windows]
	}
}

// fixed is always the same window, from the one after it on.
func fixed(n int) against {
	return func(before played) *snapshot.Snapshot {
		if len(before) <= n {
			return nil
		}
		return before[n]
	}
}

// story is windows that are compared one after the other, as a query does.
type story struct {
	t          *testing.T
	series     *compare.Series
	against    against
	thresholds compare.Thresholds
	played     played
}

func newStory(t *testing.T, r compare.Rules, a against) *story {
	t.Helper()
	return &story{t: t, series: compare.NewSeries(r), against: a, thresholds: compare.DefaultThresholds()}
}

// next is the diff of the next window; an empty one where it is compared with nothing.
func (s *story) next(b *snapshot.Snapshot) *compare.Diff {
	s.t.Helper()
	naming := compare.Naming{ID: "d" + b.ID, QueryID: "q", Baseline: "base", Calculated: b.End}
	d, err := s.series.Next(s.t.Context(), s.against(s.played), b, &s.played, s.thresholds, naming)
	require.NoError(s.t, err)
	s.played = append(s.played, b)
	if d == nil {
		d = &compare.Diff{}
	}
	eachStandsUnderOneCause(s.t, d)
	return d
}

// eachStandsUnderOneCause checks what holds of every diff: each flagged change belongs to exactly one cause, and flagged changes come first.
func eachStandsUnderOneCause(t *testing.T, d *compare.Diff) {
	t.Helper()
	under := map[int]int{}
	for i := range d.Causes {
		c := &d.Causes[i]
		for _, n := range append([]int{c.Main}, c.Explains...) {
			under[n]++
			if o := &d.Changes[n]; o.Flagged {
				require.Equal(t, d.Changes[c.Main].Fingerprint, o.Cause, "%+v", o.Identity)
			}
		}
		require.Equal(t, d.Changes[c.Main].Identity, c.Site)
	}
	rest := false
	for n := range d.Changes {
		c := &d.Changes[n]
		rest = rest || !c.Flagged
		require.False(t, c.Flagged && rest, "%+v %s is flagged and not among the first", c.Identity, c.Standing)
		if c.Flagged {
			require.Equal(t, 1, under[n], "%+v %s %s", c.Identity, c.Measure, c.Standing)
		}
	}
}

// letter says how a change stands in a diff: s suspected, C confirmed, l lasting, g cleared because it is gone, r because its baseline was
// replaced; a dot for none.
func letter(d *compare.Diff, id snapshot.Identity, m compare.Measure) string {
	c := find(d, id, m)
	if c == nil {
		return "."
	}
	return map[compare.Standing]string{
		"": ".", compare.Suspected: "s", compare.Confirmed: "C", compare.Lasting: "l",
		compare.Cleared: map[compare.Reason]string{compare.IsGone: "g", compare.BaselineReplaced: "r"}[c.Reason],
	}[c.Standing]
}
