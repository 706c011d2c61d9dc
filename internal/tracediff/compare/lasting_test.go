package compare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// kind is a kind of change, and where it shows.
type kind struct {
	name    string
	usual   func(*shop) // holds while the change does not; nil: nothing
	changed func(*shop)
	id      snapshot.Identity
	measure compare.Measure
	verdict compare.Verdict
}

var shopKinds = []kind{
	{"latency", nil, func(s *shop) { s.own *= 2 }, cartAdd, compare.Latency, compare.Slower},
	{"waiting", nil, func(s *shop) { s.wait *= 20 }, toCart, compare.Waiting, compare.Slower},
	{"errors", func(s *shop) { s.failing = 0.01 }, func(s *shop) { s.failing = 0.2 }, cartAdd, compare.Errors, compare.MoreErrors},
	{"calls", nil, func(s *shop) { s.calls = 3 }, cartAdd, compare.CallRate, compare.MoreCalls},
	{"new service", func(s *shop) { s.calls = 0 }, func(s *shop) { s.calls = 1 }, cartService, compare.Presence, compare.New},
	{"missing service", nil, func(s *shop) { s.calls = 0 }, cartService, compare.Presence, compare.Missing},
}

// window is the nth window, with the change or without it.
func (k *kind) window(n int, changed bool) *snapshot.Snapshot {
	s := asUsual
	if k.usual != nil {
		k.usual(&s)
	}
	if changed {
		k.changed(&s)
	}
	return s.window(n)
}

const (
	warmUp   = 30 // windows before a change
	lasts    = 50
	afterIts = 30 // windows after its end
)

// bases are the forms of baselines for windows of a minute, and how far each lies behind; 0: it does not move.
var bases = []struct {
	name string
	of   against
	lag  time.Duration
}{
	{"previous", back(1), minute},
	{"24 windows back", back(24), 24 * minute},
	{"fixed", fixed(warmUp - 1), 0},
}

// A change that lasts is said to last in each of fifty windows, whatever is changed and whatever it is compared with. When it ends it is
// cleared for that reason soon, and its end is no change.
func TestWhatLastsLasts(t *testing.T) {
	for i := range shopKinds {
		k := &shopKinds[i]
		for _, base := range bases {
			t.Run(k.name+", "+base.name, func(t *testing.T) {
				t.Parallel()
				s := newStory(t, compare.NewRules(compare.DefaultThresholds(), minute, base.lag, 1), base.of)
				for n := range warmUp {
					require.Zero(t, flags(s.next(k.window(n, false))), "window %d", n)
				}
				for n := range lasts {
					d := s.next(k.window(warmUp+n, true))
					c := find(d, k.id, k.measure)
					require.NotNil(t, c, "window %d of the change", n)
					assert.True(t, c.Flagged, "window %d of the change", n)
					assert.Equal(t, k.verdict, c.Verdict)
					want := compare.Lasting
					switch n {
					case 0:
						want = compare.Suspected
					case 1:
						want = compare.Confirmed
					}
					assert.Equal(t, want, c.Standing, "window %d of the change", n)
					assert.Equal(t, noon.Add(warmUp*minute), c.Since)
					assert.Empty(t, cleared(d), "window %d of the change", n)
				}
				over := -1
				for n := range afterIts {
					d := s.next(k.window(warmUp+lasts+n, false))
					for _, c := range cleared(d) {
						assert.Equal(t, compare.IsGone, c.Reason)
						assert.Equal(t, compare.Same, c.Verdict)
						if c.Identity == k.id && c.Measure == k.measure {
							assert.Negative(t, over, "it is cleared once")
							over = n
						}
					}
					for i := range d.Changes {
						c := &d.Changes[i]
						assert.NotEqual(t, compare.Suspected, c.Standing, "window %d after its end: %+v %s %s", n, c.Identity, c.Measure, c.Verdict)
					}
					if n >= afterIts/2 {
						assert.Zero(t, flags(d), "window %d after its end", n)
					}
				}
				assert.Contains(t, []int{1, 2, 3}, over, "windows until it is cleared")
			})
		}
	}
}

// cleared are the changes of a diff that are over.
func cleared(d *compare.Diff) (list []compare.Change) {
	for _, c := range d.Changes {
		if c.Standing == compare.Cleared {
			list = append(list, c)
		}
	}
	return list
}
