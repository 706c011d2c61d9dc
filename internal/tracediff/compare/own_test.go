package compare

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// What a callee lost does not hide that its caller lost much more by itself.
func TestWhoLosesMoreThanItsCalleeComesFirst(t *testing.T) {
	g := newCallGraph(calling([4]string{"web", "get", "mid", "work"}, [4]string{"mid", "work", "leaf", "op"}))
	assert.Equal(t, []string{"mid", "leaf"}, servicesIn(demoteCallers([]suspect{losing("mid", "work", 60), losing("leaf", "op", 20)}, g, nil)))
}

// Errors of a callee acquit its caller only as far as they explain those of the caller.
func TestErrorsOfACalleeExplainAsManyOfItsCaller(t *testing.T) {
	for _, tt := range []struct {
		name      string
		mid, leaf float64 // rise of the share of traces with an error
		want      []string
	}{
		{"all of them", 0.30, 0.30, []string{"leaf"}},
		{"a few of them", 0.30, 0.04, []string{"mid", "leaf"}},
	} {
		match := calling([4]string{"mid", "work", "leaf", "op"})
		d := &Diff{}
		for service, rise := range map[string]float64{"mid": tt.mid, "leaf": tt.leaf} {
			name := map[string]string{"mid": "work", "leaf": "op"}[service]
			id := snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: name}
			match = append(match, pair{id: id, sum: [2]snapshot.Slice{{TraceWeight: 1000}, {TraceWeight: 1000}}})
			d.Changes = append(d.Changes, Change{Identity: id, pair: int32(len(match) - 1), Measure: Errors, Verdict: MoreErrors, Effect: rise, Flagged: true})
		}
		match[0].sum[1].TraceWeight = 1000
		d.Changes = append(d.Changes, Change{Identity: match[0].id, Measure: Errors, Effect: tt.leaf})
		at := &tester{}
		at.sides[1].sum.TraceWeight = 1000
		var named []string
		for _, s := range at.failures(match, numbered(d.Changes, match), d, newCallGraph(match), true) {
			named = append(named, s.of.id.Service)
		}
		assert.ElementsMatch(t, tt.want, named, tt.name)
	}
}

// An operation that has another name is no loss; one that neither side has during a part of a window says nothing.
func TestRenamedOperationsAreNoLoss(t *testing.T) {
	group := func(log float64) *snapshot.Group {
		g := &snapshot.Group{}
		for i := range uint32(20) {
			g.Slices = append(g.Slices, snapshot.Slice{Index: i, Weight: 10, LogSelf: 10 * log})
		}
		return g
	}
	at := &tester{}
	at.sides[0].sum.TraceWeight, at.sides[1].sum.TraceWeight = 200, 200
	fresh := pair{id: snapshot.Identity{Kind: snapshot.Operation, Service: "shop", Value: "new"}, b: group(16)}
	gone := pair{id: snapshot.Identity{Kind: snapshot.Operation, Service: "shop", Value: "old"}, a: group(16)}
	away := pair{id: snapshot.Identity{Kind: snapshot.Operation, Service: "shop", Value: "away"}}
	gone.sums()
	fresh.sums()
	list := []site{{of: &fresh, measure: Latency, peers: [2]string{"shop", ""}}}
	at.lost(&list[0], true)
	assert.Len(t, at.withoutRenamed(slices.Clone(list), []pair{fresh, away}), 1)
	assert.Empty(t, at.withoutRenamed(slices.Clone(list), []pair{fresh, gone, away}))
}
