package compare

import (
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

const (
	// slightLoss is which part of what the first cause lost a service that it calls, or that calls it, may have lost to be no news.
	slightLoss = 0.02
	// fewerRequests is the ratio of requests per second from which on others are faster because they have less to do.
	fewerRequests = 0.9
)

// fold puts under the first cause what it obviously brought about: slight losses of services around it, and that services are faster while
// fewer requests come, since users who wait do not ask.
func (e *explainer) fold(chosen []*candidate) []*candidate {
	if len(chosen) < 2 || chosen[0].class != gotWorse {
		return chosen
	}
	first := chosen[0]
	left := chosen[:1]
	var around map[int]bool
	for _, c := range chosen[1:] {
		if around == nil {
			around = e.around(first)
		}
		slight := c.class == gotWorse && c.lost < slightLoss*first.lost && e.within(c, around)
		relieved := c.class == gotBetter && c.cause.slow() == Faster && first.cause.slow() == Slower && e.fewerRequests()
		if !slight && !relieved {
			left = append(left, c)
			continue
		}
		first.changes = append(first.changes, c.changes...)
	}
	slices.Sort(first.changes)
	return left
}

// around are the operations that wait for a candidate, and that it calls.
func (e *explainer) around(c *candidate) map[int]bool {
	o := e.origin(c)
	found := map[int]bool{}
	for _, n := range slices.Concat(o.up, o.down) {
		found[n] = true
	}
	return found
}

// within tells whether all sites of a candidate are about operations of a set.
func (e *explainer) within(c *candidate, around map[int]bool) bool {
	return !slices.ContainsFunc(c.sites, func(n int) bool {
		id := &e.diff.Changes[n].Identity
		return !around[e.graph.number[operation{id.Service, id.Value}]]
	})
}

// fewerRequests tells whether fewer requests came than before, in a second.
func (e *explainer) fewerRequests() bool {
	n, ok := e.number.find(&snapshot.Identity{Kind: snapshot.Total}, Latency)
	if !ok {
		return false
	}
	c := &e.diff.Changes[n]
	return c.B.Rate < fewerRequests*c.A.Rate
}
