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
	return p.traces(0) >= traces && p.traces(1) >= traces
}

// pairs matches the groups of two snapshots: the total first, then those of b in their order, then those that only a has.
// Overflow groups are left out, for what they hold depends on what came first, and so are attributes that one of the two
// did not capture.
func pairs(a, b *snapshot.Snapshot) []pair {
	match := make([]pair, 0, max(len(a.Groups), len(b.Groups))+len(b.Groups)/8+1)
	match = append(match, pair{id: b.Total.Identity, a: &a.Total, b: &b.Total})
	keys := slices.DeleteFunc(slices.Clone(a.Keys), func(k string) bool { return !slices.Contains(b.Keys, k) })
	before, foldedA := matchable(a, keys)
	after, foldedB := matchable(b, keys)
	var gone []*snapshot.Group
	for _, g := range after {
		p := pair{id: g.Identity, b: g, folded: foldedA[view{g.Kind, g.Key}]}
		order := -1
		for len(before) > 0 && order < 0 {
			if order = before[0].Compare(&g.Identity); order < 0 {
				gone = append(gone, before[0])
			} else if order == 0 {
				p.a = before[0]
			}
			if order <= 0 {
				before = before[1:]
			}
		}
		match = append(match, p)
	}
	for _, g := range append(gone, before...) {
		match = append(match, pair{id: g.Identity, a: g, folded: foldedB[view{g.Kind, g.Key}]})
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

// matchable are the groups of a snapshot that can be compared, in the order of their identities, where some keys were captured on both
// sides; and the views of which some groups are folded into one.
func matchable(s *snapshot.Snapshot, keys []string) (list []*snapshot.Group, folded map[view]bool) {
	folded = map[view]bool{}
	list = make([]*snapshot.Group, 0, len(s.Groups))
	for _, g := range s.Groups {
		switch {
		case g.Value == snapshot.OverflowValue:
			folded[view{g.Kind, g.Key}] = true
		case g.Kind != snapshot.Attribute || slices.Contains(keys, g.Key):
			list = append(list, g)
		}
	}
	inOrder := func(x, y *snapshot.Group) int { return x.Compare(&y.Identity) }
	if !slices.IsSortedFunc(list, inOrder) { // those of windows are
		slices.SortFunc(list, inOrder)
	}
	return list, folded
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

// measures is how many findings there are on a group, but for those on its coming or going inside of a window.
func (p *pair) measures() int {
	if p.a == nil || p.b == nil {
		return 1
	}
	n := 1
	if p.sum[0].WaitWeight > 0 && p.sum[1].WaitWeight > 0 {
		n++
	}
	if p.sum[0].ErrorSpans+p.sum[1].ErrorSpans > 0 {
		n++
	}
	if p.id.Kind != snapshot.Total {
		n++
	}
	return n
}
