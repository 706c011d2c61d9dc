package compare

import (
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// An operation that all kinds of requests share is slower, or fails more, where more of the slow or failing kinds come: then neither kind is worse
// than it was, and what happened is that their mix changed. Shares of the older window tell the two apart (direct standardisation).

// asked is a kind of requests, or a caller of an operation: how much of the calls it is, and what its calls are like, on both sides.
type asked struct {
	share   [2]float64 // of the traces of the query
	mean    [2]float64 // what a call costs: s, or the share of traces that fail
	typical [2]float64 // the same, robust: of time the geometric mean
	moved   int        // number of the flagged change of how often it comes; -1: none
}

// mixture is what a cost per call became because shares moved, and because calls cost more, each of what it comes from.
func mixture(list []asked) (ofShares, ofCosts float64, moved int) {
	moved = -1
	most := 0.0
	for i := range list {
		x := &list[i]
		part := (x.share[1] - x.share[0]) * x.mean[0]
		ofShares += part
		ofCosts += x.share[1] * (x.typical[1] - x.typical[0])
		if x.moved >= 0 && math.Abs(part) > most {
			most, moved = math.Abs(part), x.moved
		}
	}
	return ofShares, ofCosts, moved
}

// withoutMixed leaves out the sites that lost or won because the mix of requests changed, or that of callers, and returns candidates of what
// comes more or less often.
func (e *explainer) withoutMixed(t *tester, match []pair, sites []site) (left []site, list []*candidate) {
	if len(sites) == 0 || !slices.ContainsFunc(e.flagged, func(c Change) bool { return c.Measure == CallRate }) {
		return sites, nil
	}
	mix := newMixes(e, t, match)
	made := map[int]bool{}
	for i := range sites {
		s := &sites[i]
		n := mix.ofRequests(s)
		if n < 0 {
			n = mix.ofCallers(s)
		}
		if n < 0 {
			left = append(left, *s)
			continue
		}
		for _, o := range mix.above(s) {
			e.ofMix[o] = true
		}
		if !made[n] {
			made[n] = true
			list = append(list, e.single(n, otherMix))
		}
	}
	return left, list
}

// onlyMixed are candidates of what comes more or less often, where operations are slower or fail more with it that lost nothing themselves, nor wait
// for others that did.
func (e *explainer) onlyMixed(t *tester, match []pair, candidates []*candidate) []*candidate {
	var sites []site
	explained := e.explained(candidates)
	for n := range e.flagged {
		c := &e.flagged[n]
		p := &match[c.pair]
		if explained[n] || c.Kind != snapshot.Operation || p.a == nil || p.b == nil {
			continue
		}
		s := site{of: p, measure: c.Measure, change: n}
		calls := p.sum[1].Weight / t.sides[1].sum.TraceWeight
		switch c.Measure {
		case Latency:
			s.lost = (p.after.GeoMean - p.before.GeoMean) / 1e9 * calls
		case Errors:
			s.lost = (p.after.ErrorTrace - p.before.ErrorTrace) * min(1, calls)
		default:
			continue
		}
		sites = append(sites, s)
	}
	_, list := e.withoutMixed(t, match, sites)
	return list
}

// mixes are the pairs that mixtures are made of.
type mixes struct {
	*explainer
	tester  *tester
	entries map[int]*pair   // operations that take requests, by their numbers
	moved   map[int]int     // numbers of the flagged changes of how often they do; -1: none
	calls   map[int][]*pair // of each operation
}

func newMixes(e *explainer, t *tester, match []pair) *mixes {
	m := &mixes{explainer: e, tester: t, entries: map[int]*pair{}, moved: map[int]int{}, calls: map[int][]*pair{}}
	for i := range match {
		p := &match[i]
		o := operation{p.id.Service, p.id.Value}
		switch at := e.graph.number[o]; {
		case p.a == nil || p.b == nil:
		case p.id.Kind == snapshot.Operation && e.graph.entry(o):
			m.entries[at], m.moved[at] = p, e.more(&p.id)
		case p.id.Kind == snapshot.Edge:
			m.calls[at] = append(m.calls[at], p)
		}
	}
	return m
}

// above are the operations that wait for that of a site.
func (m *mixes) above(s *site) []int {
	return m.graph.reach([]int{m.graph.number[operation{s.of.id.Service, s.of.id.Value}]}, m.graph.callers, nil)
}

// ofRequests is the number of the change of how often a kind of requests comes, if that explains what a site lost, and what each kind of them
// lost does not; -1 if it does not.
func (m *mixes) ofRequests(s *site) int {
	var list []asked
	for _, o := range m.above(s) {
		p := m.entries[o]
		if p == nil {
			continue
		}
		x := asked{moved: m.moved[o]}
		for side := range x.share {
			sum := &p.sum[side]
			x.share[side] = share(sum.TraceWeight, m.tester.sides[side].sum.TraceWeight)
			x.mean[side], x.typical[side] = sum.Duration/sum.Weight/1e9, geometric(sum.LogDuration, sum.Weight)/1e9
			x.failing(s, side, sum)
		}
		list = append(list, x)
	}
	return explained(list, s.lost)
}

// ofCallers is the number of the change of how often an operation is called by one of its callers, if that explains what it lost, and what it
// lost for each of them does not; -1 if it does not.
func (m *mixes) ofCallers(s *site) int {
	calls := m.calls[m.graph.number[operation{s.of.id.Service, s.of.id.Value}]]
	if len(calls) < 2 || s.measure == Waiting {
		return -1
	}
	var list []asked
	for _, p := range calls {
		x := asked{moved: m.moreOnTheWay(p)}
		for side := range x.share {
			sum := &p.sum[side]
			x.share[side] = sum.Weight / m.tester.sides[side].sum.TraceWeight
			x.mean[side] = geometric(sum.LogSelf, sum.Weight) / 1e9
			x.typical[side] = x.mean[side]
			x.failing(s, side, sum)
		}
		list = append(list, x)
	}
	return explained(list, s.lost)
}

// failing makes errors what counts, at a site of them.
func (x *asked) failing(s *site, side int, sum *snapshot.Slice) {
	if s.measure == Errors {
		x.mean[side] = share(sum.ErrorTrace, sum.TraceWeight)
		x.typical[side] = x.mean[side]
	}
}

// more is the number of the flagged change of how often something is called; -1: there is none.
func (e *explainer) more(id *snapshot.Identity) int {
	if n, ok := e.number.find(id, CallRate); ok && n < len(e.flagged) {
		return n
	}
	return -1
}

// moreOnTheWay is the number of the flagged change of how often something is called that a call follows from: of another call on the way to it, by
// preference; -1: there is none.
func (e *explainer) moreOnTheWay(call *pair) int {
	caller := caller(&call.id)
	above := e.graph.reach([]int{e.graph.number[operation{caller.Service, caller.Value}]}, e.graph.callers, nil)
	on := make(map[operation]bool, len(above))
	for _, o := range above {
		on[e.graph.operations[o]] = true
	}
	for n := range e.flagged {
		if c := &e.flagged[n]; c.Kind == snapshot.Edge && c.Measure == CallRate && (on[operation{c.Service, c.Value}] || c.Identity == call.id) {
			return n
		}
	}
	return e.more(&caller)
}

// explained is the number of the change that moved a mixture most, if that explains half of what was lost or more, and costs less than half; else -1.
func explained(list []asked, lost float64) int {
	ofShares, ofCosts, moved := mixture(list)
	if ofShares*lost <= 0 || math.Abs(ofShares) < math.Abs(lost)/2 || math.Abs(ofCosts) >= math.Abs(lost)/2 {
		return -1
	}
	return moved
}
