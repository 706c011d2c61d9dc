package compare

import (
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// changeIndex finds flagged changes by what they are about, so that a cause looks at those only that it may explain.
type changeIndex struct {
	graph    *callGraph
	changes  []Change         // the flagged ones
	views    []int            // totals, paths and attributes: they are about many services
	services map[string][]int // of services, by name
	of       map[string][]int // of operations and calls, by the service or the calling service
	slow     map[string][]int // latencies of these, by service
	callees  [][]int          // by the operation, or the one that is called
	callers  [][]int          // presence and number of calls, by the operation that calls
	cause    []int            // the question to which each change was an answer last
	asked    int
}

func newChangeIndex(flagged []Change, g *callGraph) *changeIndex {
	x := &changeIndex{
		graph: g, changes: flagged, services: map[string][]int{}, of: map[string][]int{}, slow: map[string][]int{},
		callees: make([][]int, len(g.operations)), callers: make([][]int, len(g.operations)), cause: make([]int, len(flagged)),
	}
	for n := range flagged {
		c := &flagged[n]
		switch {
		case isView(c.Kind):
			x.views = append(x.views, n)
			continue
		case c.Kind == snapshot.Service:
			x.services[c.Value] = append(x.services[c.Value], n)
			continue
		}
		x.of[c.Service] = append(x.of[c.Service], n)
		if c.Kind == snapshot.Edge && c.CallerService != c.Service {
			x.of[c.CallerService] = append(x.of[c.CallerService], n)
		}
		if c.Measure == Latency {
			x.slow[c.Service] = append(x.slow[c.Service], n)
		}
		if o, ok := g.number[operation{c.Service, c.Value}]; ok {
			x.callees[o] = append(x.callees[o], n)
		}
		if o, ok := g.number[operation{c.CallerService, c.Caller}]; ok && c.Kind == snapshot.Edge && c.ofCalls() {
			x.callers[o] = append(x.callers[o], n)
		}
	}
	return x
}

// isView tells whether groups of a kind are views of many operations.
func isView(k snapshot.Kind) bool {
	return k == snapshot.Total || k == snapshot.Path || k == snapshot.Attribute
}

// ofCalls tells whether a change is about how often something is called, if at all.
func (c *Change) ofCalls() bool { return c.Measure == CallRate || c.Measure == Presence }

// following says what follows from a cause, or from several.
type following struct {
	sites    []int    // numbers of changes
	services []string // where it happened
	up, down []int    // operations that wait for the sites, and that the sites call
	slow     Verdict  // that of a cause of latency or waiting; empty: it is another one
	view     bool     // the site is a view of many operations
}

// find lists the flagged changes that follow, the sites among them, in their order.
func (x *changeIndex) find(f *following) []int {
	x.asked++
	count := 0
	add := func(numbers []int, fits func(*Change) bool) {
		for _, n := range numbers {
			if n < len(x.changes) && x.cause[n] != x.asked && (fits == nil || fits(&x.changes[n])) {
				x.cause[n] = x.asked
				count++
			}
		}
	}
	add(f.sites, nil)
	add(x.views, func(c *Change) bool { return !f.view || c.Kind == snapshot.Total })
	services := map[string]bool{}
	for _, o := range f.up {
		services[x.graph.operations[o].service] = true
		add(x.callees[o], nil)
		add(x.callers[o], nil)
	}
	for _, service := range f.services {
		if service != "" {
			services[service] = true
			add(x.of[service], nil)
		}
	}
	for service := range services {
		add(x.services[service], nil)
		if f.slow != "" { // it does something else while it waits
			add(x.slow[service], func(c *Change) bool { return c.Verdict == f.slow })
		}
	}
	if f.slow == "" {
		for _, o := range f.down {
			add(x.callees[o], (*Change).ofCalls)
			add(x.services[x.graph.operations[o].service], (*Change).ofCalls)
		}
	}
	list := make([]int, 0, count)
	for n := range x.cause {
		if x.cause[n] == x.asked {
			list = append(list, n)
		}
	}
	return list
}
