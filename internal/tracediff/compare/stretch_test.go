package compare

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// drawGroup is a group that was seen in some of the slices of a window.
func drawGroup(t *rapid.T, id snapshot.Identity) *snapshot.Group {
	g := evenGroup(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), id, true)
	kept := g.Slices[:0]
	for _, s := range g.Slices {
		if rapid.IntRange(0, 3).Draw(t, "seen") > 0 {
			kept = append(kept, s)
		}
	}
	g.Slices = kept
	return g
}

// A stretch and the rest of the window are the window, slice by slice; and neither touches it.
func TestStretchAndRestAreTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGroup(t, snapshot.Identity{Kind: snapshot.Edge, Service: "a"})
		whole := g.Sum()
		from := uint32(rapid.IntRange(0, 20).Draw(t, "from"))
		until := uint32(rapid.IntRange(int(from), 20).Draw(t, "until"))
		var sum snapshot.Slice
		for _, s := range []stretch{{0, 0, from}, {0, from, until}, {0, until, 20}} {
			cut := s.within(g, new(snapshot.Group))
			if cut == nil {
				continue
			}
			assert.NotEmpty(t, cut.Slices)
			for i := range cut.Slices {
				assert.GreaterOrEqual(t, cut.Slices[i].Index, s.from)
				assert.Less(t, cut.Slices[i].Index, s.until)
			}
			part := cut.Sum()
			sum.Add(&part)
		}
		assert.Equal(t, whole.Spans, sum.Spans)
		assert.InDelta(t, whole.LogDuration, sum.LogDuration, 1e-6)
		assert.InDelta(t, whole.LogWait, sum.LogWait, 1e-6)
		assert.Equal(t, whole, g.Sum())
	})
	assert.Nil(t, (&stretch{0, 0, 20}).within(nil, nil))
}

// A comparison with a stretch is the comparison with a window that is no longer than that.
func TestDuringIsAShorterWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := snapshot.Identity{Kind: snapshot.Operation, Service: "a", Value: "b"}
		a, b := emptyWindow("a"), emptyWindow("b")
		a.Total, b.Total = *drawGroup(t, snapshot.Identity{Kind: snapshot.Total}), *drawGroup(t, snapshot.Identity{Kind: snapshot.Total})
		p := &pair{id: id, a: drawGroup(t, id), b: drawGroup(t, id)}
		p.sums()
		s := stretch{1, 4, 4 + uint32(rapid.IntRange(1, 16).Draw(t, "length"))}
		var seen glance
		seen.during(newTester(a, b, nil, DefaultThresholds()), s, p)
		narrow, cut := &seen.by, &seen.of

		short := *b
		short.End = short.Start.Add(time.Duration(s.until-s.from) * short.Slice)
		short.Total = snapshot.Group{Identity: b.Total.Identity}
		if g := s.within(&b.Total, new(snapshot.Group)); g != nil {
			short.Total = *g
		}
		q := &pair{id: id, a: p.a, b: s.within(p.b, new(snapshot.Group))}
		q.sums()
		plain := newTester(a, &short, nil, DefaultThresholds())
		plain.part = true // it may have fewer slices than a whole window
		assert.Equal(t, plain.sides[1].sum, narrow.sides[1].sum)
		assert.InDelta(t, plain.sides[1].seconds, narrow.sides[1].seconds, 1e-9)
		assert.Equal(t, q.sum, cut.sum)
		for _, m := range []Measure{Latency, Waiting, Errors, CallRate} {
			want, got := plain.measured(m, q), narrow.measured(m, cut)
			if want.tested || got.tested {
				want.of, got.of = nil, nil
				assert.Equal(t, fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got), "%s; written out, since a bound may be no number", m)
			}
		}
		require.NotNil(t, p.b)
	})
}

// A window that is cut short has a last slice that is shorter: no time lies behind its end.
func TestTimesOfStretches(t *testing.T) {
	w := emptyWindow("b")
	w.End = w.Start.Add(19*time.Second + 300*time.Millisecond)
	at := newTester(w, w, nil, DefaultThresholds())
	from, until := at.span(stretch{1, 3, 20})
	assert.Equal(t, w.Start.Add(3*time.Second), from)
	assert.Equal(t, w.End, until)

	since := func(s stretch) [2]time.Time {
		onset, ended := at.times(&finding{measure: Latency, of: &pair{}, part: &s})
		return [2]time.Time{onset, ended}
	}
	second := func(n int) time.Time { return w.Start.Add(time.Duration(n) * time.Second) }
	assert.Equal(t, [2]time.Time{second(7), {}}, since(stretch{1, 7, 20}), "it began in B and goes on")
	assert.Equal(t, [2]time.Time{second(7), second(12)}, since(stretch{1, 7, 12}), "it came and went")
	assert.Equal(t, [2]time.Time{second(7), {}}, since(stretch{0, 0, 7}), "A was as before until then")
}
