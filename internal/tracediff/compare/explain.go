package compare

import (
	"cmp"
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// explain sorts the flagged changes of a diff under their causes: every one of them is either the site of a cause, or explained by
// exactly one. Causes that explain most come first.
func (t *tester) explain(d *Diff, match []pair) {
	flagged := 0
	for flagged < len(d.Changes) && d.Changes[flagged].Flagged {
		flagged++
	}
	if flagged == 0 {
		return
	}
	e := &explainer{diff: d, flagged: flagged, graph: newCallGraph(match), changes: make(map[about]int, len(d.Changes))}
	for i := range d.Changes {
		e.changes[about{d.Changes[i].Identity, d.Changes[i].Measure}] = i
	}
	view, narrowed := t.narrowed(d, match)
	calls := calledServices(match)
	for _, worse := range []bool{true, false} {
		if e.any(worse, Errors) {
			e.suspects(blame(view.failures(match, e.changes, d, e.graph, worse), nil, e.graph), worse)
		}
		if e.any(worse, Latency, Waiting) {
			e.suspects(blame(view.sites(narrowed, e.changes, d, worse), calls, e.graph), worse)
		}
	}
	e.rest()
	e.choose()
	e.describe()
}

// explainer is the scratch of explain.
type explainer struct {
	diff       *Diff
	flagged    int // changes, which come first
	graph      *callGraph
	changes    map[about]int
	candidates []candidate
}

// candidate is what may become a cause, with the flagged changes that would follow from it.
type candidate struct {
	cause    Cause
	sites    []int // numbers of changes
	explains []int
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

// narrowed sees both sides only during the stretch that the surest flagged change is about, if it is about one: sites are to be
// weighed there, and not over a window of which a part was as ever.
func (t *tester) narrowed(d *Diff, match []pair) (*tester, []pair) {
	best := -1
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.Flagged {
			break
		}
		if (c.Measure == Latency || c.Measure == Waiting) && (best < 0 || c.P < d.Changes[best].P) {
			best = i
		}
	}
	if best < 0 || d.Changes[best].part == nil {
		return t, match
	}
	s := *d.Changes[best].part
	narrow := t
	cut := make([]pair, len(match))
	for i := range match {
		var p *pair
		narrow, p = t.during(s, &match[i])
		cut[i] = *p
	}
	return narrow, cut
}

// any tells whether something is flagged on some measures, for the worse or for the better.
func (e *explainer) any(worse bool, measures ...Measure) bool {
	return slices.ContainsFunc(e.diff.Changes[:e.flagged], func(c Change) bool {
		return slices.Contains(measures, c.Measure) && c.worse() == worse
	})
}

// worse tells which direction a change of latency or errors has.
func (c *Change) worse() bool { return c.Verdict == Slower || c.Verdict == MoreErrors }

// suspects makes candidates of services. All but the first need evidence of their own.
func (e *explainer) suspects(list []suspect, worse bool) {
	before := -1
	for i := range list {
		s := &list[i]
		if i > 0 && !s.flagged() {
			continue
		}
		of := gotWorse
		if !worse {
			of = gotBetter
		}
		main := s.main()
		c := &e.diff.Changes[main.change]
		verdict := c.Verdict
		switch {
		case c.Measure == Presence || main.measure == Errors:
		case worse:
			verdict = Slower
		default:
			verdict = Faster
		}
		made := candidate{
			cause: Cause{Service: s.service, Site: c.Identity, Measure: c.Measure, Verdict: verdict, Main: main.change}, class: of, after: before,
		}
		for _, x := range s.sites {
			made.sites = append(made.sites, x.change)
		}
		e.add(made)
		before = len(e.candidates) - 1
	}
}

// rest makes candidates of what is flagged on presence and calls, and of whatever else no site explains.
func (e *explainer) rest() {
	explained := map[int]bool{}
	for i := range e.candidates {
		for _, n := range e.candidates[i].explains {
			explained[n] = true
		}
	}
	order := make([]int, 0, e.flagged)
	for i := range e.flagged {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Compare(rootRank(&e.diff.Changes[x]), rootRank(&e.diff.Changes[y]))
	})
	for _, n := range order {
		c := &e.diff.Changes[n]
		if explained[n] {
			continue
		}
		if (c.Measure == CallRate || c.Measure == Presence) && e.follows(c) {
			continue
		}
		e.add(candidate{cause: Cause{Service: c.culprit(), Site: c.Identity, Measure: c.Measure, Verdict: c.Verdict, Main: n}, sites: []int{n}, class: c.class(), after: -1})
		for _, m := range e.candidates[len(e.candidates)-1].explains {
			explained[m] = true
		}
	}
	for _, n := range order { // a circle of calls has no root
		if !explained[n] {
			c := &e.diff.Changes[n]
			e.add(candidate{cause: Cause{Service: c.culprit(), Site: c.Identity, Measure: c.Measure, Verdict: c.Verdict, Main: n}, sites: []int{n}, class: c.class(), after: -1})
			for _, m := range e.candidates[len(e.candidates)-1].explains {
				explained[m] = true
			}
		}
	}
}

// culprit is the service that a change by itself is laid to. Who calls another operation for the first time, no more, or more often
// does so by itself.
func (c *Change) culprit() string {
	switch {
	case c.Kind == snapshot.Edge && (c.Measure == Presence || c.Measure == CallRate):
		return c.CallerService
	case c.Kind == snapshot.Service:
		return c.Value
	}
	return c.Service
}

// class is that of a change by itself.
func (c *Change) class() class {
	switch {
	case c.Measure == Presence || c.Measure == CallRate:
		return otherCalls
	case c.worse():
		return otherWorse
	}
	return gotBetter
}

// rootRank says how likely a change is the root of others: a service that is new before its operations, an operation before calls of it; but
// that one operation calls another more often before that the other is called more often. What is a view of many operations
// comes last.
func rootRank(c *Change) int {
	ranks := []snapshot.Kind{snapshot.Service, snapshot.Operation, snapshot.Edge, snapshot.Attribute, snapshot.Path, snapshot.Total}
	if c.Measure == CallRate {
		ranks = []snapshot.Kind{snapshot.Edge, snapshot.Operation, snapshot.Service, snapshot.Attribute, snapshot.Path, snapshot.Total}
	}
	if c.Measure == Latency || c.Measure == Waiting || c.Measure == Errors {
		ranks = []snapshot.Kind{snapshot.Operation, snapshot.Edge, snapshot.Service, snapshot.Attribute, snapshot.Path, snapshot.Total}
	}
	rank := slices.Index(ranks, c.Kind)
	if c.Measure == Presence {
		return rank
	}
	return rank + len(ranks)
}

// follows tells whether an operation is called more or less often because some call on the way to it is made more or less often.
func (e *explainer) follows(c *Change) bool {
	if c.Kind != snapshot.Operation {
		return false
	}
	up := reach([]operation{{c.Service, c.Value}}, e.graph.callers)
	return slices.ContainsFunc(e.diff.Changes[:e.flagged], func(o Change) bool {
		return o.Kind == snapshot.Edge && (o.Measure == CallRate || o.Measure == Presence) && o.more() == c.more() && up[operation{o.Service, o.Value}]
	})
}

// more tells which direction a change of presence or calls has.
func (c *Change) more() bool { return c.Verdict == New || c.Verdict == MoreCalls }

// add completes a candidate.
func (e *explainer) add(c candidate) {
	var roots []operation
	for _, n := range c.sites {
		id := &e.diff.Changes[n].Identity
		switch id.Kind {
		case snapshot.Operation:
			roots = append(roots, operation{id.Service, id.Value})
		case snapshot.Edge:
			roots = append(roots, operation{id.CallerService, id.Caller}, operation{id.Service, id.Value})
		}
	}
	up := reach(roots, e.graph.callers)
	down := reach(roots, e.graph.callees)
	services := map[string]bool{c.cause.Service: c.cause.Service != ""}
	for o := range up {
		services[o.service] = true
	}
	for n := range e.flagged {
		if slices.Contains(c.sites, n) || e.explained(&c.cause, &e.diff.Changes[n], up, down, services) {
			c.explains = append(c.explains, n)
		}
	}
	e.candidates = append(e.candidates, c)
}

// explained tells whether a flagged change follows from a cause. up are the operations that wait for its sites, down those that its sites
// call, services those of up and the cause's own.
func (e *explainer) explained(cause *Cause, c *Change, up, down map[operation]bool, services map[string]bool) bool {
	callee, caller := operation{c.Service, c.Value}, operation{c.CallerService, c.Caller}
	calls := c.Measure == CallRate || c.Measure == Presence
	switch c.Kind {
	case snapshot.Total, snapshot.Path, snapshot.Attribute:
		return cause.Site.Kind != snapshot.Total && cause.Site.Kind != snapshot.Path && cause.Site.Kind != snapshot.Attribute || c.Kind == snapshot.Total
	case snapshot.Service:
		return services[c.Value]
	}
	if slow := cause.Measure == Latency || cause.Measure == Waiting; slow && c.Measure == Latency && c.Verdict == cause.Verdict && services[c.Service] {
		return true // it does something else while it waits
	}
	if cause.Service != "" && (c.Service == cause.Service || c.CallerService == cause.Service) || up[callee] || up[caller] && calls {
		return true
	}
	if cause.Measure == CallRate || cause.Measure == Presence || cause.Measure == Errors {
		return calls && (down[callee] || up[caller])
	}
	return false
}

// choose makes causes of candidates: in the order of their classes that which explains most of what is left is next, until
// nothing is.
func (e *explainer) choose() {
	left := map[int]bool{}
	for n := range e.flagged {
		left[n] = true
	}
	for len(left) > 0 {
		best, most := -1, 0
		for i := range e.candidates {
			c := &e.candidates[i]
			count := 0
			for _, n := range c.explains {
				if left[n] {
					count++
				}
			}
			switch {
			case count == 0 || c.after >= 0 && e.waits(c.after, left):
			case best < 0 || c.class < e.candidates[best].class || c.class == e.candidates[best].class && count > most:
				best, most = i, count
			}
		}
		if best < 0 {
			break // cannot be: every flagged change is explained by some candidate
		}
		c := &e.candidates[best]
		for _, n := range c.explains {
			if left[n] {
				delete(left, n)
				if n != c.cause.Main {
					c.cause.Explains = append(c.cause.Explains, n)
				}
			}
		}
		e.diff.Causes = append(e.diff.Causes, c.cause)
	}
}

// waits tells whether a candidate still has something to explain.
func (e *explainer) waits(candidate int, left map[int]bool) bool {
	return slices.ContainsFunc(e.candidates[candidate].explains, func(n int) bool { return left[n] })
}

// describe fills in what a reader wants to know of a cause.
func (e *explainer) describe() {
	d := e.diff
	deployed := deployments(d.A.Versions, d.B.Versions)
	for i := range d.Causes {
		c := &d.Causes[i]
		c.Symptom, c.Share, c.Deployed = -1, math.NaN(), deployed[c.Service]
		c.Onset, c.Ended = d.Changes[c.Main].Onset, d.Changes[c.Main].Ended
		for _, n := range c.Explains {
			o := &d.Changes[n]
			if c.Symptom < 0 && o.Kind == snapshot.Operation && o.Measure == c.Measure && e.graph.entry[operation{o.Service, o.Value}] {
				c.Symptom = n
			}
			if !o.Onset.IsZero() && (c.Onset.IsZero() || o.Onset.Before(c.Onset)) && d.Changes[c.Main].Onset.IsZero() {
				c.Onset = o.Onset
			}
		}
		if c.Deployed == nil && c.Site.Kind == snapshot.Edge {
			c.Deployed = deployed[c.Site.CallerService]
		}
		if c.Symptom < 0 && len(c.Explains) > 0 {
			c.Symptom = c.Explains[0]
		}
	}
	d.because()
}
