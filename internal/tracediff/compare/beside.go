package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// beside is how much longer operations took, in s a trace, that call nothing themselves, while what calls them waited for another call at the
// same time. A reactive framework has such spans: the handler's lasts as long as the request that it handed on, and all of that looks like time
// of its own. Spans are beside a call, and not before or after it, where the caller lost less than both of them together.
func (t *tester) beside(match []pair, worse bool) map[operation]float64 {
	sign := 1.0
	if !worse {
		sign = -1
	}
	lost := map[operation]float64{} // of each operation, with all that it calls
	calls := map[operation][]int{}  // edges, by the calling operation
	for i := range match {
		switch id := &match[i].id; id.Kind {
		case snapshot.Operation:
			lost[operation{id.Service, id.Value}] = sign * t.longer(&match[i])
		case snapshot.Edge:
			from := operation{id.CallerService, id.Caller}
			calls[from] = append(calls[from], i)
		}
	}
	found := map[operation]float64{}
	for from, edges := range calls {
		var waited float64 // for the call that lost most
		for _, i := range edges {
			id := &match[i].id
			if id.Service != from.service || len(calls[operation{id.Service, id.Value}]) > 0 {
				waited = max(waited, sign*t.longer(&match[i]))
			}
		}
		for _, i := range edges {
			id := &match[i].id
			to, own := operation{id.Service, id.Value}, sign*t.longer(&match[i])
			if id.Service == from.service && len(calls[to]) == 0 && own > 0 && own+waited > atOnce*lost[from] {
				found[to] += min(own, waited)
			}
		}
	}
	return found
}

// atOnce is by how many times more than their caller two operations have to lose together, so that they are taken to run at the same time.
const atOnce = 1.5

// longer is how much more time the spans of a group took, in s a trace of the query.
func (t *tester) longer(p *pair) float64 {
	var perTrace [2]float64
	for side := range perTrace {
		if traces := t.sides[side].sum.TraceWeight; traces > 0 {
			perTrace[side] = p.sum[side].Duration / 1e9 / traces
		}
	}
	return perTrace[1] - perTrace[0]
}
