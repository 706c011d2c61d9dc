package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Every kind of change is where its section looks for it: between large windows it is hardly missed.
func TestKindsAreWhereTheyAreLookedFor(t *testing.T) {
	for i := range kinds {
		k := &kinds[i]
		t.Run(k.name, func(t *testing.T) {
			seen, wrong := 0, 0
			for n := range 3 {
				s := newSite(n, shapes[0], 5000)
				e := newEpisode(s, k, 10*time.Minute, 1)
				e.from = 2
				a, b, c := e.next(), e.next(), e.next()
				if k.name == "waiting 1 to 6 ms" {
					assert.InDelta(t, 5e6, waitOf(t, c, s)-waitOf(t, b, s), 0.5e6)
					seen++
					continue
				}
				if k.shown(s, compare.Compare(b, c, nil, compare.DefaultThresholds())) {
					seen++
				}
				if k.shown(s, compare.Compare(a, b, nil, compare.DefaultThresholds())) {
					wrong++
				}
			}
			assert.GreaterOrEqual(t, seen, 2, "of 3 systems")
			assert.Zero(t, wrong)
		})
	}
}

// waitOf is the mean waiting for the operation of a site, ns.
func waitOf(t *testing.T, s *snapshot.Snapshot, at *site) float64 {
	t.Helper()
	for _, g := range s.Groups {
		if g.Identity == at.system.Edge(at.from, at.op) {
			sum := g.Sum()
			return sum.Wait / sum.WaitWeight
		}
	}
	t.Fatal("nobody calls the operation")
	return 0
}

// An episode's change is in the windows in which it holds, and in no other.
func TestEpisodes(t *testing.T) {
	k := kind{change: share(2)} // all of them, in whatever weather
	e := newEpisode(newSite(2, shapes[0], 500), &k, time.Minute, 1)
	e.from, e.until = 1.5, 3
	var shares []float64
	for range 4 {
		for _, g := range e.next().Groups {
			if g.Identity == e.operation() {
				sum := g.Sum()
				shares = append(shares, sum.ErrorWeight/sum.Weight)
			}
		}
	}
	require.Len(t, shares, 4)
	assert.InDelta(t, 0, shares[0], 0.05)
	assert.InDelta(t, 0.5, shares[1], 0.15)
	assert.InDelta(t, 1, shares[2], 1e-9)
	assert.InDelta(t, 0, shares[3], 0.05)
}

func TestLivesOfAlerts(t *testing.T) {
	x, y := alert{id: "x"}, alert{id: "y"}
	replaced := alert{id: "x", replaced: true}
	for name, tt := range map[string]struct {
		windows []outcome
		want    life
	}{
		"as it should be": {[]outcome{{}, {fired: []alert{x}}, {}, {}, {ended: []alert{x}}}, life{alerted: true, atEnd: true, over: 2}},
		"resolved early":  {[]outcome{{}, {fired: []alert{x}}, {ended: []alert{x}}, {}, {}}, life{alerted: true, early: true}},
		"replaced":        {[]outcome{{}, {fired: []alert{x}}, {ended: []alert{replaced}}, {}, {}}, life{alerted: true, replaced: true}},
		"stays for good":  {[]outcome{{}, {fired: []alert{x, y}}, {}, {ended: []alert{x}}, {}}, life{alerted: true, atEnd: true}},
		"silent":          {[]outcome{{}, {}, {}, {fired: []alert{y}}, {}}, life{}},
	} {
		l := &life{firing: map[string]bool{}}
		e := &episode{until: warm + 3, played: warm}
		for _, out := range tt.windows {
			e.played++
			l.next(out, e)
		}
		tt.want.firing = l.firing
		assert.Equal(t, tt.want, *l, name)
	}
}

// The first causes of a report are counted whether they name a service or not.
func TestNamedServices(t *testing.T) {
	d := &compare.Diff{Causes: []compare.Cause{{}, {Service: "shop"}, {Service: "cart"}}}
	assert.Empty(t, namedService(d, 1))
	assert.Equal(t, []string{"shop"}, namedService(d, 2))
	assert.Equal(t, []string{"shop", "cart"}, namedService(d, 0))
	assert.Equal(t, 3, reportLines(d))
	assert.Equal(t, 3, lineOf(d, "none", "cart"))
	assert.Zero(t, lineOf(d, "quiet"))
}

func TestHealthyPeriods(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	d := &dataset{
		traces: []*recorded{{start: at(0)}, {start: at(1000)}},
		faults: []fault{{Start: 300e9, End: 400e9, GuardFrom: 280e9, GuardTo: 450e9}, {Start: 500e9, End: 600e9}},
	}
	assert.Equal(t, []period{{at(0), at(280)}, {at(450), at(500)}, {at(600), at(1000)}}, d.healthy())
	p, ok := d.before(&d.faults[0], 100*time.Second)
	assert.True(t, ok)
	assert.Equal(t, period{at(180), at(280)}, p)
	_, ok = d.before(&d.faults[1], 100*time.Second)
	assert.False(t, ok, "the fault before it is too near")
	assert.Len(t, period{at(0), at(125)}.pieces(time.Minute), 2)
	assert.Len(t, period{at(0), at(1000)}.within(d.traces), 1)
}
