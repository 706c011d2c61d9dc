package compare

import (
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// operation names what a service does, as groups do.
type operation struct{ service, name string }

// callGraph is who calls whom, by operation, on either side. Operations have numbers.
type callGraph struct {
	number     map[operation]int
	operations []operation
	callers    [][]int
	callees    [][]int
	there      []bool // the operation is a group of its own, not only the end of a call
	seen       []int  // in which search an operation was reached last
	searches   int
}

func newCallGraph(match []pair) *callGraph {
	operations := 0
	for i := range match {
		if match[i].id.Kind == snapshot.Operation {
			operations++
		}
	}
	g := &callGraph{
		number: make(map[operation]int, operations), operations: make([]operation, 0, operations),
		callers: make([][]int, 0, operations), callees: make([][]int, 0, operations),
		there: make([]bool, 0, operations), seen: make([]int, 0, operations),
	}
	for i := range match {
		switch id := &match[i].id; id.Kind {
		case snapshot.Edge:
			from, to := g.add(operation{id.CallerService, id.Caller}), g.add(operation{id.Service, id.Value})
			if from != to {
				g.callers[to] = append(g.callers[to], from)
				g.callees[from] = append(g.callees[from], to)
			}
		case snapshot.Operation:
			g.there[g.add(operation{id.Service, id.Value})] = true
		}
	}
	return g
}

func (g *callGraph) add(o operation) int {
	n, ok := g.number[o]
	if !ok {
		n = len(g.operations)
		g.number[o] = n
		g.operations = append(g.operations, o)
		g.callers, g.callees = append(g.callers, nil), append(g.callees, nil)
		g.there, g.seen = append(g.there, false), append(g.seen, 0)
	}
	return n
}

// entry tells whether an operation is called by users: by nobody else that is known.
func (g *callGraph) entry(o operation) bool {
	n, ok := g.number[o]
	return ok && g.there[n] && len(g.callers[n]) == 0
}

// reach is all that is reached from some operations along the edges of one direction, themselves among it. passes says whether an edge may be
// gone along, from the first operation to the second; nil: all may.
func (g *callGraph) reach(from []int, along [][]int, passes func(int, int) bool) []int {
	g.searches++
	var found []int
	visit := func(o int) {
		if g.seen[o] != g.searches {
			g.seen[o] = g.searches
			found = append(found, o)
		}
	}
	for _, o := range from {
		visit(o)
	}
	for at := 0; at < len(found); at++ { //nolint:intrange // it grows on the way
		for _, next := range along[found[at]] {
			if passes == nil || passes(found[at], next) {
				visit(next)
			}
		}
	}
	return found
}

// shared tells whether an operation stands for different calls of one service: several operations of the service call others through it, as they do
// where all spans of clients are called "HTTP POST".
func (g *callGraph) shared(o int) bool {
	own := func(n int) bool { return g.operations[n].service == g.operations[o].service }
	return len(g.callers[o]) > 1 && len(g.callees[o]) > 1 &&
		!slices.ContainsFunc(g.callers[o], func(n int) bool { return !own(n) }) &&
		slices.ContainsFunc(g.callees[o], func(n int) bool { return !own(n) })
}

// of are the operations of a service.
func (g *callGraph) of(to []int, service string) []int {
	for n := range g.operations {
		if g.operations[n].service == service {
			to = append(to, n)
		}
	}
	return to
}

// roots are the operations that a change of an operation or of a call is about: of a call, both of its ends.
func (g *callGraph) roots(to []int, id *snapshot.Identity) []int {
	add := func(o operation) {
		if n, ok := g.number[o]; ok {
			to = append(to, n)
		}
	}
	switch id.Kind {
	case snapshot.Edge:
		add(operation{id.CallerService, id.Caller})
		add(operation{id.Service, id.Value})
	case snapshot.Operation:
		add(operation{id.Service, id.Value})
	}
	return to
}
