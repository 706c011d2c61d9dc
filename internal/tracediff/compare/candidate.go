package compare

import (
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// candidate is what may become a cause.
type candidate struct {
	cause Cause
	sites []int // numbers of the changes there
	class class
	lost  float64    // of a service at fault: what each trace lost there, in s or in errors
	after *candidate // has to be a cause before, or to have nothing left to explain; nil: none

	asked    bool
	explains []int // numbers of the flagged changes that follow from it, once it is asked
	beside   []int // those of them that may have another cause; see consequences.find
	counted  bool
	changes  []int // those that are under it in the end, ascending
	left     int   // how many of these no cause has yet, once they are counted
}

// class orders causes: what got worse comes first, then what is there or not, or called more or less, and at last what got better.
type class int

const (
	gotWorse   class = iota
	otherMix         // requests came in another mix, of which some are slower or fail more than others
	otherWorse       // for the worse, where no place was found
	otherCalls
	gotBetter
	noLoss // it has another name, or something was put between
)

// suspected are candidates of services at fault, each after the one before. All but the first need evidence of their own. growth is what each
// trace lost, in the unit of the suspects; NaN where that is not known.
func (e *explainer) suspected(suspects []suspect, growth float64, worse bool) (list []*candidate) {
	var before *candidate
	for i := range suspects {
		s := &suspects[i]
		if i > 0 && !s.flagged() {
			continue
		}
		main := s.main()
		made := &candidate{cause: e.cause(main.change, s.service), lost: s.lost, after: before}
		made.cause.Verdict, made.cause.Share = s.verdict(&e.diff.Changes[main.change], worse), min(1, s.lost/growth)
		if !worse {
			made.class = gotBetter
		}
		for _, x := range s.sites {
			made.sites = append(made.sites, x.change)
		}
		list = append(list, made)
		before = made
	}
	return list
}

// cause is one whose main change has a number, and nothing else so far.
func (e *explainer) cause(n int, service string) Cause {
	c := &e.diff.Changes[n]
	return Cause{Service: service, Site: c.Identity, Measure: c.Measure, Verdict: c.Verdict, Main: n, Share: math.NaN()}
}

// verdict on a service: that of the change of its main site, but of time the direction that was asked for. That change need not be flagged.
func (s *suspect) verdict(m *Change, worse bool) Verdict {
	switch {
	case m.Measure == Presence || s.main().measure == Errors:
		return m.Verdict
	case worse:
		return Slower
	}
	return Faster
}

// ask finds out what follows from a candidate.
func (e *explainer) ask(c *candidate) {
	if c.asked {
		return
	}
	c.asked = true
	c.explains, c.beside = e.follow.find(e.origin(c))
}

// changesOf are the numbers of all that follows from some candidates.
func changesOf(list []*candidate) map[int]bool {
	of := map[int]bool{}
	for _, c := range list {
		for _, n := range c.explains {
			of[n] = true
		}
	}
	return of
}

// add adds a change to what follows from a candidate.
func (c *candidate) add(n int) {
	if at, found := slices.BinarySearch(c.explains, n); !found {
		c.explains = slices.Insert(c.explains, at, n)
	}
}

// origin is where one candidate or several happened that are all of one fault, or of none.
func (e *explainer) origin(candidates ...*candidate) *origin {
	o := &origin{slow: candidates[0].cause.slow(), ofMix: e.ofMix}
	if c := &e.diff.Changes[candidates[0].cause.Main]; len(candidates) == 1 && e.ofTraffic(c) {
		o.traffic = c.Effect
	}
	var roots []int
	for _, c := range candidates {
		o.sites, o.services = append(o.sites, c.sites...), append(o.services, c.cause.Service)
		for _, n := range c.sites {
			if x := &e.diff.Changes[n]; x.Measure == Presence && x.Kind == snapshot.Service {
				roots = e.graph.of(roots, x.Value)
			} else {
				roots = e.graph.roots(roots, &x.Identity)
			}
		}
	}
	o.fault = candidates[0].cause.fault() != ""
	o.view = len(candidates) == 1 && candidates[0].cause.isView()
	o.up = e.graph.reach(roots, e.graph.callers, e.seen(candidates[0].cause.Measure, candidates[0].cause.Verdict))
	o.down = e.graph.reach(roots, e.graph.callees, nil)
	return o
}

// seen says which operations see what happened to one that they call, in time or in errors. All do, but those that call it through a
// shared one only where it is not known that their calls of that one stayed as they were.
func (e *explainer) seen(m Measure, v Verdict) func(callee, caller int) bool {
	if m == Waiting {
		m = Latency
	}
	if m != Latency && m != Errors && m != Slowest {
		return nil
	}
	return func(callee, caller int) bool {
		if !e.graph.shared(callee) {
			return true
		}
		from, to := e.graph.operations[caller], e.graph.operations[callee]
		id := snapshot.Identity{Kind: snapshot.Edge, CallerService: from.service, Caller: from.name, Service: to.service, Value: to.name}
		n, ok := e.number.find(&id, m)
		if !ok {
			return m == Latency // without a test there were none, no errors and no long calls
		}
		return !e.diff.Changes[n].excludes(v)
	}
}

// excludes tells whether a change of time or errors is known to be none of a verdict: what it may be, with a confidence of 95 %, has the other
// direction. That few traces show nothing does not tell.
func (c *Change) excludes(v Verdict) bool {
	if c.Verdict == v || math.IsNaN(c.Low) || math.IsNaN(c.High) {
		return false
	}
	none := 1.0
	if c.Measure == Errors {
		none = 0
	}
	if v == Slower || v == MoreErrors {
		return c.High <= none
	}
	return c.Low >= none
}

// slow is the verdict of a cause of time; empty for another one.
func (c *Cause) slow() Verdict {
	if c.Measure == Latency || c.Measure == Waiting || c.Measure == Slowest {
		return c.Verdict
	}
	return ""
}

// fault is the verdict of a cause of latency, waiting, or errors; empty for another one.
func (c *Cause) fault() Verdict {
	if c.Measure == Errors {
		return c.Verdict
	}
	return c.slow()
}

// isView tells whether a cause is about a view of many operations.
func (c *Cause) isView() bool { return isView(c.Site.Kind) }
