package compare

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// origin is where something happened, as far as others may follow from it.
type origin struct {
	sites    []int        // numbers of the changes there
	services []string     // those at fault
	fault    bool         // something is slow or fails, or does not any more
	up, down []int        // operations that wait for the sites, and that the sites call
	slow     Verdict      // Slower or Faster, of time; empty: it is about something else
	ofMix    map[int]bool // operations that are slower or fail more because others are called more often
	traffic  float64      // ratio by which users ask for it more or less often, if that is what happened; else 0
	view     bool         // the site is a view of many operations
}

// consequences finds the flagged changes that follow from an origin. They are indexed by what they are about, for there are many.
type consequences struct {
	graph    *callGraph
	changes  []Change         // the flagged ones, by number
	views    []int            // totals, paths and attributes: they are about many services
	services map[string][]int // of services, by name
	of       map[string][]int // of operations and calls, by the service or the calling service
	slow     map[string][]int // latencies of these, by service
	callees  [][]int          // by the operation, or the one that is called
	callers  [][]int          // presence and number of calls, by the operation that calls
	found    []int            // the search that found each change last
	sure     []int            // the search that last found that it follows from nothing else of that origin's kind
	noLoss   map[int]bool     // changes that are explained by other names and by what was put between
	searches int
}

func newConsequences(flagged []Change, g *callGraph) *consequences {
	x := &consequences{
		graph: g, changes: flagged, services: map[string][]int{}, of: map[string][]int{}, slow: map[string][]int{},
		callees: make([][]int, len(g.operations)), callers: make([][]int, len(g.operations)),
		found: make([]int, len(flagged)), sure: make([]int, len(flagged)),
	}
	for n := range flagged {
		switch c := &flagged[n]; {
		case isView(c.Kind):
			x.views = append(x.views, n)
		case c.Kind == snapshot.Service:
			x.services[c.Value] = append(x.services[c.Value], n)
		default:
			x.add(n, c)
		}
	}
	return x
}

// add indexes a change of an operation or of a call.
func (x *consequences) add(n int, c *Change) {
	x.of[c.Service] = append(x.of[c.Service], n)
	if c.Kind == snapshot.Edge && c.CallerService != c.Service {
		x.of[c.CallerService] = append(x.of[c.CallerService], n)
	}
	if c.Measure == Latency || c.Measure == Slowest {
		x.slow[c.Service] = append(x.slow[c.Service], n)
	}
	if o, ok := x.graph.number[operation{c.Service, c.Value}]; ok {
		x.callees[o] = append(x.callees[o], n)
	}
	if o, ok := x.graph.number[operation{c.CallerService, c.Caller}]; ok && c.Kind == snapshot.Edge && c.ofCalls() {
		x.callers[o] = append(x.callers[o], n)
	}
}

// find lists the numbers of what follows from an origin, its sites among it, in ascending order: all views; what is about operations that wait
// for it; what is about the services at fault; of a slow origin, what else is slow in services that wait; of another one, how often
// the operations are called that it calls.
//
// What is only of the same service is listed as beside as well: it follows from another origin sooner, of which operations wait.
func (x *consequences) find(o *origin) (all, beside []int) {
	x.searches++
	x.mark(o.sites, nil)
	services := map[string]bool{}
	waits := map[operation]bool{}
	for _, at := range o.up {
		services[x.graph.operations[at].service], waits[x.graph.operations[at]] = true, true
		x.mark(x.callees[at], nil)
		x.mark(x.callers[at], nil)
	}
	if o.fault {
		x.markInstead(o.up)
	}
	x.mark(x.views, func(c *Change) bool {
		return c.Kind == snapshot.Total || !o.view && waits[operation{c.Service, c.Value}]
	})
	copy(x.sure, x.found)
	x.mark(x.views, func(*Change) bool { return !o.view })
	for _, service := range o.services {
		if service != "" {
			services[service] = true
			x.mark(x.of[service], nil)
		}
	}
	for service := range services {
		x.mark(x.services[service], nil)
		if o.slow != "" { // it does something else while it waits
			x.mark(x.slow[service], func(c *Change) bool { return c.Verdict == o.slow })
		}
	}
	if o.slow == "" {
		for _, at := range o.down {
			if o.ofMix[at] {
				x.mark(x.callees[at], nil)
				x.mark(x.services[x.graph.operations[at].service], nil)
			}
			x.mark(x.callees[at], o.calls)
			x.mark(x.services[x.graph.operations[at].service], o.calls)
		}
	}
	return x.marked()
}

// calls tells whether a change of calls can follow from an origin that makes some of them. What users ask for more often makes nothing be called
// more often than by as much.
func (o *origin) calls(c *Change) bool {
	if !c.ofCalls() || o.traffic == 0 || c.Measure == Presence {
		return c.ofCalls()
	}
	const uncertain = 1.25 // ratio, of two that were measured
	ratio, most := math.Abs(math.Log(c.B.PerTrace/c.A.PerTrace)), math.Abs(math.Log(o.traffic))
	return ratio <= most+math.Log(uncertain)
}

// markInstead notes what follows from calls that operations make more or less often, such as of a service that is asked instead.
func (x *consequences) markInstead(by []int) {
	for _, more := range []bool{true, false} {
		var called []int
		for _, at := range by {
			for _, n := range x.callers[at] {
				if c := &x.changes[n]; c.more() == more && !x.noLoss[n] {
					called = append(called, x.graph.number[operation{c.Service, c.Value}])
				}
			}
		}
		same := func(c *Change) bool { return c.ofCalls() && c.more() == more }
		for _, at := range x.graph.reach(called, x.graph.callees, nil) {
			x.mark(x.callees[at], same)
			x.mark(x.services[x.graph.operations[at].service], same)
		}
	}
}

// mark notes those changes that fit as found by this search. Numbers of changes that are not flagged are left out.
func (x *consequences) mark(numbers []int, fits func(*Change) bool) {
	for _, n := range numbers {
		if n < len(x.changes) && (fits == nil || fits(&x.changes[n])) {
			x.found[n] = x.searches
		}
	}
}

// marked are the changes that this search found, and those of them that are only beside.
func (x *consequences) marked() (all, beside []int) {
	for n, search := range x.found {
		if search == x.searches {
			all = append(all, n)
			if x.sure[n] != search {
				beside = append(beside, n)
			}
		}
	}
	return all, beside
}

// isView tells whether groups of a kind are views of many operations.
func isView(k snapshot.Kind) bool {
	return k == snapshot.Total || k == snapshot.Path || k == snapshot.Attribute
}

// ofCalls tells whether a change is about how often something is called, if at all.
func (c *Change) ofCalls() bool { return c.Measure == CallRate || c.Measure == Presence }

// worse tells which direction a change of latency or errors has.
func (c *Change) worse() bool { return c.Verdict == Slower || c.Verdict == MoreErrors }

// more tells which direction a change of presence or calls has.
func (c *Change) more() bool { return c.Verdict == New || c.Verdict == MoreCalls }
