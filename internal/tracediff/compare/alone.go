package compare

import (
	"cmp"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// alone are candidates of single changes: of flagged ones that follow from none of the candidates there are, nor from each other.
func (e *explainer) alone(candidates []*candidate) (list []*candidate) {
	explained := e.explained(candidates)
	var order []int
	for n := range e.flagged {
		if !explained[n] {
			order = append(order, n)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Compare(e.rootRank(x), e.rootRank(y))
	})
	add := func(n int) {
		made := e.single(n, e.flagged[n].class())
		e.ask(made)
		for _, m := range made.explains {
			explained[m] = true
		}
		list = append(list, made)
	}
	more, fewer := e.followers(true), e.followers(false)
	for _, n := range order {
		c := &e.flagged[n]
		followers := fewer
		if c.more() {
			followers = more
		}
		follows := c.ofCalls() && c.Kind == snapshot.Operation && followers[operation{c.Service, c.Value}]
		if !explained[n] && !follows {
			add(n)
		}
	}
	for _, n := range order { // a circle of calls has no root
		if !explained[n] {
			add(n)
		}
	}
	return list
}

// single is the candidate of one change by itself.
func (e *explainer) single(n int, of class) *candidate {
	return &candidate{cause: e.cause(n, e.flagged[n].culprit()), sites: []int{n}, class: of}
}

// explained marks the flagged changes that follow from some candidate: from all of one sort at once, for they are many.
func (e *explainer) explained(candidates []*candidate) []bool {
	of := map[Verdict][]*candidate{}
	marks := make([]bool, len(e.flagged))
	for _, c := range candidates {
		if c.asked {
			for _, n := range c.explains {
				marks[n] = true
			}
			continue
		}
		of[c.cause.fault()] = append(of[c.cause.fault()], c)
	}
	for _, list := range of {
		all := e.origin(list...)
		all.view = false
		found, _ := e.follow.find(all)
		for _, n := range found {
			marks[n] = true
		}
	}
	return marks
}

// followers are the operations that are called more or less often because some call on the way to them is made more or less often.
func (e *explainer) followers(more bool) map[operation]bool {
	var from []int
	for i := range e.flagged {
		if c := &e.flagged[i]; c.Kind == snapshot.Edge && c.ofCalls() && c.more() == more {
			from = append(from, e.graph.number[operation{c.Service, c.Value}])
		}
	}
	found := map[operation]bool{}
	for _, o := range e.graph.reach(from, e.graph.callees, nil) {
		found[e.graph.operations[o]] = true
	}
	return found
}

// ofTraffic tells whether a change is that users ask for something more or less often.
func (e *explainer) ofTraffic(c *Change) bool {
	return c.Measure == CallRate && c.Kind == snapshot.Operation && e.graph.entry(operation{c.Service, c.Value})
}

// culprit is the service that a change by itself is laid to. Who calls another operation for the first time, no more, or more often
// does so by itself.
func (c *Change) culprit() string {
	switch {
	case c.Kind == snapshot.Edge && c.ofCalls():
		return c.CallerService
	case c.Kind == snapshot.Service:
		return c.Value
	}
	return c.Service
}

// class is that of a change by itself.
func (c *Change) class() class {
	switch {
	case c.ofCalls():
		return otherCalls
	case c.worse():
		return otherWorse
	}
	return gotBetter
}

// rootRank says how likely a change is the root of others: a service that is new before its operations, an operation before calls of it; but
// that one operation calls another more often before that the other is called more often, and that users ask for something more often
// before that. What is a view of many operations comes last.
func (e *explainer) rootRank(n int) int {
	c := &e.flagged[n]
	kinds := []snapshot.Kind{snapshot.Service, snapshot.Operation, snapshot.Edge}
	switch c.Measure {
	case CallRate:
		kinds = []snapshot.Kind{snapshot.Edge, snapshot.Operation, snapshot.Service}
	case Latency, Waiting, Slowest, Errors:
		kinds = []snapshot.Kind{snapshot.Operation, snapshot.Edge, snapshot.Service}
	}
	kinds = append(kinds, snapshot.Attribute, snapshot.Path, snapshot.Total)
	rank := slices.Index(kinds, c.Kind)
	if e.ofTraffic(c) {
		rank = -1
	}
	if c.Measure != Presence { // what is new or missing comes before anything else
		rank += len(kinds)
	}
	return rank
}
