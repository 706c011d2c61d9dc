package compare

import (
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// pair is a group on both sides; nil where it was not seen.
type pair struct {
	id            snapshot.Identity
	a, b          *snapshot.Group
	callers       [2]*snapshot.Group // of an edge: the calling operation
	sum           [2]snapshot.Slice
	before, after Absolute
	number        int32 // among those of a comparison
	folded        bool  // the side without it has an overflow group that may hold it
}

// enough tells whether both sides rest on so many effective traces.
func (p *pair) enough(traces float64) bool {
	return effective(p.sum[0].TraceWeight, p.sum[0].TraceWeight2) >= traces &&
		effective(p.sum[1].TraceWeight, p.sum[1].TraceWeight2) >= traces
}

// pairs matches the groups of two snapshots: the total first, then those of b in their order, then those that only a has.
// Overflow groups are left out, for what they hold depends on what came first, and so are attributes that one of the two
// did not capture.
func pairs(a, b *snapshot.Snapshot) []pair {
	match := make([]pair, 0, len(a.Groups)+len(b.Groups)/8+1)
	match = append(match, pair{id: b.Total.Identity, a: &a.Total, b: &b.Total})
	both := func(id snapshot.Identity) bool {
		return id.Kind != snapshot.Attribute || slices.Contains(a.Keys, id.Key) && slices.Contains(b.Keys, id.Key)
	}
	folded := [2]map[view]bool{{}, {}}
	of := make(map[snapshot.Identity]int32, len(a.Groups)) // number in a
	matched := make([]bool, len(a.Groups))
	for i, g := range a.Groups {
		switch {
		case g.Value == snapshot.OverflowValue:
			folded[0][view{g.Kind, g.Key}] = true
			matched[i] = true
		case both(g.Identity):
			of[g.Identity] = int32(i)
		default:
			matched[i] = true
		}
	}
	for _, g := range b.Groups {
		switch {
		case g.Value == snapshot.OverflowValue:
			folded[1][view{g.Kind, g.Key}] = true
		case both(g.Identity):
			p := pair{id: g.Identity, b: g, folded: folded[0][view{g.Kind, g.Key}]}
			if i, ok := of[g.Identity]; ok {
				p.a, matched[i] = a.Groups[i], true
			}
			match = append(match, p)
		}
	}
	for i, g := range a.Groups {
		if !matched[i] {
			match = append(match, pair{id: g.Identity, a: g, folded: folded[1][view{g.Kind, g.Key}]})
		}
	}
	inParts(len(match), func(from, until int) {
		for i := from; i < until; i++ {
			match[i].number = int32(i)
			match[i].sums()
		}
	})
	linkCallers(match)
	return match
}

// linkCallers gives each edge the groups of the operation that calls.
func linkCallers(match []pair) {
	operations := map[operation]*pair{}
	for i := range match {
		if id := &match[i].id; id.Kind == snapshot.Operation {
			operations[operation{id.Service, id.Value}] = &match[i]
		}
	}
	for i := range match {
		p := &match[i]
		if p.id.Kind != snapshot.Edge {
			continue
		}
		if caller := operations[operation{p.id.CallerService, p.id.Caller}]; caller != nil {
			p.callers = [2]*snapshot.Group{caller.a, caller.b}
		}
	}
}

// caller is the identity of the operation that calls, of an edge.
func caller(id *snapshot.Identity) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Operation, Service: id.CallerService, Value: id.Caller}
}

func (p *pair) sums() {
	if p.a != nil {
		p.sum[0] = p.a.Sum()
	}
	if p.b != nil {
		p.sum[1] = p.b.Sum()
	}
}
