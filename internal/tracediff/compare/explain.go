package compare

import (
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// explain sorts the flagged changes of a diff under their causes: every one of them is either the main change of a cause, or explained by
// exactly one.
//
//	sites (site.go) -> suspected services (blame.go) ---------------+-> candidates, each with what follows from it (candidate.go, follow.go)
//	another mix, other names, lost spans (mix.go, inserted.go, ...) |     -> causes: as few as explain everything (choose.go, fold.go)
//	what follows from none of them (alone.go) ----------------------+     -> what a reader wants to know of them (describe.go)
func (t *tester) explain(d *Diff, match []pair) {
	e := newExplainer(d, match)
	if len(e.flagged) == 0 {
		return
	}
	e.names = e.renamed(match)
	structural := e.structural() // other names and inserted hops
	e.follow.noLoss = changesOf(structural)
	candidates := slices.Concat(e.ofServices(t, match), e.unseen(match), structural)
	candidates = append(candidates, e.onlyMixed(t, match, candidates)...)
	candidates = append(candidates, e.alone(candidates)...)
	d.Causes = e.choose(candidates)
	e.describe()
}

// explainer is what the causes of a diff are found with. Changes go by their numbers in Diff.Changes, where the flagged ones come first.
type explainer struct {
	diff    *Diff
	flagged []Change
	number  *numbers // of each change, flagged or not
	graph   *callGraph
	follow  *consequences
	names   *names
	ofMix   map[int]bool // operations that are slower or fail more because requests came in another mix
}

func newExplainer(d *Diff, match []pair) *explainer {
	e := &explainer{diff: d, flagged: d.flagged(), ofMix: map[int]bool{}}
	if len(e.flagged) == 0 {
		return e
	}
	e.number = numbered(d.Changes, match)
	e.graph = newCallGraph(match)
	e.follow = newConsequences(e.flagged, e.graph)
	return e
}

// flagged are the changes that are, which come first.
func (d *Diff) flagged() []Change {
	n := slices.IndexFunc(d.Changes, func(c Change) bool { return !c.Flagged })
	if n < 0 {
		n = len(d.Changes)
	}
	return d.Changes[:n]
}

// ofServices are the candidates for where time was lost and errors began, and for where time was won and errors ended.
func (e *explainer) ofServices(t *tester, match []pair) (list []*candidate) {
	view, narrowed := t.narrowed(e.flagged, match)
	calls := calledServices(match)
	for _, worse := range []bool{true, false} {
		if e.any(worse, Errors) {
			sites, mix := e.withoutMixed(t, match, view.failures(match, e.number, e.diff, e.graph, worse))
			found := blame(sites, nil, e.graph, e.seen(Errors, verdictOf(Errors, worse)))
			list = slices.Concat(list, e.suspected(found, e.growth(view, Errors, worse), worse), mix)
		}
		if e.any(worse, Latency, Waiting) {
			sites, mix := e.withoutMixed(view, narrowed, view.sites(narrowed, e.number, e.diff, e.names, worse))
			found := blame(sites, calls, e.graph, e.seen(Latency, verdictOf(Latency, worse)))
			list = slices.Concat(list, e.suspected(found, e.growth(view, Latency, worse), worse), mix)
		}
		if e.any(worse, Slowest) {
			found := blame(t.stalls(match, e.number, e.diff), calls, e.graph, e.seen(Slowest, verdictOf(Slowest, worse)))
			list = slices.Concat(list, e.suspected(found, e.growth(t, Slowest, worse), worse))
		}
	}
	return list
}

// any tells whether something is flagged on some measures, for the worse or for the better.
func (e *explainer) any(worse bool, measures ...Measure) bool {
	return slices.ContainsFunc(e.flagged, func(c Change) bool {
		return slices.Contains(measures, c.Measure) && c.worse() == worse
	})
}

// growth is by how much each trace got worse or better, in s or in the share of traces that fail, as a positive number; NaN where that is
// not evident.
func (e *explainer) growth(t *tester, m Measure, worse bool) float64 {
	n, ok := e.number.find(&snapshot.Identity{Kind: snapshot.Total}, m)
	if !ok || !(e.diff.Changes[n].P <= evident) {
		return math.NaN()
	}
	of := func(sum *snapshot.Slice) float64 {
		if m == Errors {
			return sum.ErrorTrace / sum.TraceWeight
		}
		return sum.Duration / sum.Weight / 1e9
	}
	growth := of(&t.sides[1].sum) - of(&t.sides[0].sum)
	if !worse {
		growth = -growth
	}
	if !(growth > 0) {
		return math.NaN()
	}
	return growth
}

// verdictOf is that of a measure that got worse or better.
func verdictOf(m Measure, worse bool) Verdict {
	switch {
	case m == Errors && worse:
		return MoreErrors
	case m == Errors:
		return FewerErrors
	case worse:
		return Slower
	}
	return Faster
}

// narrowed sees both sides only during the stretch that the surest flagged change is about, if it is about one: sites are to be
// weighed there, and not over a window of which a part was as ever.
func (t *tester) narrowed(flagged []Change, match []pair) (*tester, []pair) {
	var surest *Change
	for i := range flagged {
		c := &flagged[i]
		if (c.Measure == Latency || c.Measure == Waiting) && (surest == nil || c.P < surest.P) {
			surest = c
		}
	}
	if surest == nil || surest.part == nil {
		return t, match
	}
	cut := make([]pair, len(match))
	var g glance
	for i := range match {
		g.during(t, *surest.part, &match[i])
		cut[i] = g.kept()
	}
	return &g.by, cut
}
