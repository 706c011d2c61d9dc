package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// hostile draws two snapshots of which nothing makes sense, and a diff of them that flags whatever it likes: operations without names, calls of
// oneself, circles, edges of operations that are not there.
func hostile(t *rapid.T) (*tester, *Diff, []pair) {
	names := []string{"", "a", "b", "c", "d"}
	name := func(label string) string { return rapid.SampledFrom(names).Draw(t, label) }
	var ids []snapshot.Identity
	for range rapid.IntRange(1, 25).Draw(t, "groups") {
		id := snapshot.Identity{Value: name("value")}
		switch id.Kind = rapid.SampledFrom([]snapshot.Kind{
			snapshot.Service, snapshot.Operation, snapshot.Operation, snapshot.Edge, snapshot.Edge, snapshot.Edge, snapshot.Path, snapshot.Attribute, "unheard of",
		}).Draw(t, "kind"); id.Kind {
		case snapshot.Edge:
			id.CallerService, id.Caller, id.Service = name("calling service"), name("caller"), name("service")
		case snapshot.Operation, snapshot.Path:
			id.Service = name("service")
		case snapshot.Attribute:
			id.Key = "k"
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	a, b := emptyWindow("a"), emptyWindow("b")
	a.Keys, b.Keys = []string{"k"}, []string{"k"}
	a.Total, b.Total = *evenGroup(r, snapshot.Identity{Kind: snapshot.Total}, true), *evenGroup(r, snapshot.Identity{Kind: snapshot.Total}, true)
	for _, id := range ids {
		where := rapid.IntRange(1, 3).Draw(t, "where")
		waits := rapid.Bool().Draw(t, "waits")
		if where&1 > 0 {
			a.Groups = append(a.Groups, evenGroup(r, id, waits))
		}
		if where&2 > 0 {
			b.Groups = append(b.Groups, evenGroup(r, id, waits))
		}
	}
	d, at, match := compared(a, b, nil, nil, DefaultThresholds())
	for i := range d.Changes {
		c := &d.Changes[i]
		c.Flagged = rapid.IntRange(0, 3).Draw(t, "flagged") > 0
		switch c.Measure {
		case Latency, Waiting:
			c.Verdict = rapid.SampledFrom([]Verdict{Slower, Faster}).Draw(t, "verdict")
		case Errors:
			c.Verdict = rapid.SampledFrom([]Verdict{MoreErrors, FewerErrors}).Draw(t, "verdict")
		case CallRate:
			c.Verdict = rapid.SampledFrom([]Verdict{MoreCalls, FewerCalls}).Draw(t, "verdict")
		default:
			c.Verdict = rapid.SampledFrom([]Verdict{New, Missing}).Draw(t, "verdict")
		}
		if rapid.IntRange(0, 9).Draw(t, "a part") == 0 {
			c.part = &stretch{rapid.IntRange(0, 1).Draw(t, "side"), 5, 15}
		}
	}
	slices.SortStableFunc(d.Changes, func(x, y Change) int {
		switch {
		case x.Flagged && !y.Flagged:
			return -1
		case y.Flagged && !x.Flagged:
			return 1
		}
		return 0
	})
	d.Name("d", "q", "previous", time.Time{})
	return at, d, match
}

func emptyWindow(id string) *snapshot.Snapshot {
	start := time.Unix(0, 0).UTC()
	return &snapshot.Snapshot{ID: id, Start: start, End: start.Add(20 * time.Second), Slice: time.Second, State: snapshot.Complete}
}

// evenGroup is a group in all slices of a window, of some speed and some errors.
func evenGroup(r *rand.Rand, id snapshot.Identity, waits bool) *snapshot.Group {
	g := &snapshot.Group{Identity: id}
	speed, wait, failing := math.Exp(15+3*r.Float64()), math.Exp(13+3*r.Float64()), float64(r.IntN(8))
	for i := range uint32(20) {
		ns := speed * math.Exp(0.1*r.NormFloat64())
		s := snapshot.Slice{
			Index: i, Spans: 40, Traces: 40, Weight: 40, TraceWeight: 40, TraceWeight2: 40, ErrorSpans: uint32(failing), ErrorTraces: uint32(failing),
			ErrorWeight: failing, ErrorTrace: failing, ErrorTrace2: failing, Duration: 40 * ns, LogDuration: 40 * math.Log(ns), LogSelf: 40 * math.Log(ns/2),
		}
		if waits && id.Kind == snapshot.Edge {
			ns = wait * math.Exp(0.1*r.NormFloat64())
			s.WaitWeight, s.Wait, s.LogWait = 40, 40*ns, 40*math.Log(ns)
		}
		g.Slices = append(g.Slices, s)
	}
	return g
}

// Whatever calls whatever, every flagged change is under exactly one cause, and that does not depend on the order of a map.
func TestCausesOfHostileGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, d, match := hostile(t)
		at.explain(d, match)
		eachUnderOneCause(t, d)
		want := fmt.Sprintf("%+v", d.Causes)
		for range 3 {
			d.Causes = nil
			at.explain(d, match)
			if got := fmt.Sprintf("%+v", d.Causes); got != want {
				t.Fatalf("causes were\n%s\nand are\n%s", want, got)
			}
		}
	})
}
