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
	e := &explainer{diff: d, flagged: flagged, graph: newCallGraph(match), changes: numbered(d.Changes, len(match))}
	e.index = newChangeIndex(d.Changes[:flagged], e.graph)
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
	index      *changeIndex
	changes    numbers
	candidates []candidate
}

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
	cut := make([]pair, len(match))
	var g glance
	for i := range match {
		g.during(t, s, &match[i])
		cut[i] = g.kept()
	}
	return &g.by, cut
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
		before = len(e.candidates)
		e.candidates = append(e.candidates, made)
	}
}

// rest makes candidates of what is flagged on presence and calls, and of whatever else no site explains.
func (e *explainer) rest() {
	explained := e.found()
	order := make([]int, 0, e.flagged)
	for n := range e.flagged {
		if !explained[n] {
			order = append(order, n)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Compare(rootRank(&e.diff.Changes[x]), rootRank(&e.diff.Changes[y]))
	})
	add := func(n int) {
		c := &e.diff.Changes[n]
		e.candidates = append(e.candidates, candidate{
			cause: Cause{Service: c.culprit(), Site: c.Identity, Measure: c.Measure, Verdict: c.Verdict, Main: n}, sites: []int{n}, class: c.class(), after: -1,
		})
		made := &e.candidates[len(e.candidates)-1]
		made.explain(e)
		for _, m := range made.explains {
			explained[m] = true
		}
	}
	follow := map[bool]map[operation]bool{true: e.followers(true), false: e.followers(false)}
	for _, n := range order {
		c := &e.diff.Changes[n]
		follows := c.ofCalls() && c.Kind == snapshot.Operation && follow[c.more()][operation{c.Service, c.Value}]
		if !explained[n] && !follows {
			add(n)
		}
	}
	for _, n := range order { // a circle of calls has no root
		if !explained[n] {
			add(n)
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

// more tells which direction a change of presence or calls has.
func (c *Change) more() bool { return c.Verdict == New || c.Verdict == MoreCalls }

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
			if c.Symptom < 0 && o.Kind == snapshot.Operation && o.Measure == noticed(c.Measure) && e.graph.entry(operation{o.Service, o.Value}) {
				c.Symptom = n
			}
			if !o.Onset.IsZero() && (c.Onset.IsZero() || o.Onset.Before(c.Onset)) && d.Changes[c.Main].Onset.IsZero() {
				c.Onset = o.Onset
			}
		}
		if c.Deployed == nil {
			c.Deployed = e.deployedCaller(c, deployed)
		}
		if c.Symptom < 0 && len(c.Explains) > 0 {
			c.Symptom = c.Explains[0]
		}
	}
	d.because()
}

// deployedCaller is a deployment of who calls where it happened: at the site, or anew; nil if there is none.
func (e *explainer) deployedCaller(c *Cause, deployed map[string]*Deployment) *Deployment {
	if c.Site.Kind == snapshot.Edge {
		return deployed[c.Site.CallerService]
	}
	for _, n := range c.Explains {
		o := &e.diff.Changes[n]
		if d := deployed[o.CallerService]; d != nil && o.Kind == snapshot.Edge && o.ofCalls() && o.Service == c.Service && e.diff.Changes[c.Main].ofCalls() {
			return d
		}
	}
	return nil
}

// noticed is what users notice of a change of a measure: that they wait, unless it is errors.
func noticed(m Measure) Measure {
	if m == Errors {
		return Errors
	}
	return Latency
}
