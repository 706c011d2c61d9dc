package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// candidate is what may become a cause, with the flagged changes that would follow from it.
type candidate struct {
	cause    Cause
	sites    []int // numbers of changes
	explains []int // in their order; nil: not asked for yet
	class    class
	after    int // number of the candidate that has to be a cause before; -1: none
}

// class orders causes: what got worse comes first, then what is there or not, or called more or less, and at last what got better.
type class int

const (
	gotWorse   class = iota
	otherWorse       // for the worse, where no place was found
	otherCalls
	gotBetter
)

// followingOf says what follows from a candidate.
func (e *explainer) followingOf(c *candidate) *following {
	roots := e.roots(nil, c)
	return &following{
		sites: c.sites, services: []string{c.cause.Service}, slow: c.cause.slow(), view: c.cause.isView(),
		up: e.graph.reach(roots, e.graph.callers), down: e.graph.reach(roots, e.graph.callees),
	}
}

func (e *explainer) roots(to []int, c *candidate) []int {
	for _, n := range c.sites {
		to = e.graph.roots(to, &e.diff.Changes[n].Identity)
	}
	return to
}

// slow is the verdict of a cause of latency or waiting; empty for another one.
func (c *Cause) slow() Verdict {
	if c.Measure == Latency || c.Measure == Waiting {
		return c.Verdict
	}
	return ""
}

// isView tells whether a cause is about a view of many operations.
func (c *Cause) isView() bool { return isView(c.Site.Kind) }

// found are the flagged changes that follow from some candidate: all of one sort at once, for they are many.
func (e *explainer) found() []bool {
	of := map[Verdict]*following{}
	roots := map[Verdict][]int{}
	for i := range e.candidates {
		c := &e.candidates[i]
		slow := c.cause.slow()
		if of[slow] == nil {
			of[slow] = &following{slow: slow}
		}
		f := of[slow]
		f.sites, f.services = append(f.sites, c.sites...), append(f.services, c.cause.Service)
		roots[slow] = e.roots(roots[slow], c)
	}
	found := make([]bool, e.flagged)
	for slow, f := range of {
		f.up, f.down = e.graph.reach(roots[slow], e.graph.callers), e.graph.reach(roots[slow], e.graph.callees)
		for _, n := range e.index.find(f) {
			found[n] = true
		}
	}
	return found
}

// followers are the operations that are called more or less often because some call on the way to them is made more or less often.
func (e *explainer) followers(more bool) map[operation]bool {
	var from []int
	for i := range e.diff.Changes[:e.flagged] {
		if o := &e.diff.Changes[i]; o.Kind == snapshot.Edge && (o.Measure == CallRate || o.Measure == Presence) && o.more() == more {
			from = append(from, e.graph.number[operation{o.Service, o.Value}])
		}
	}
	found := map[operation]bool{}
	for _, o := range e.graph.reach(from, e.graph.callees) {
		found[e.graph.operations[o]] = true
	}
	return found
}
