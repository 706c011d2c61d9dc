package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// unseen are candidates of services of which spans are missing while the calls were made: what the service calls comes as often as before, without
// its parent; or calls of the service are made as often as before, and fail no more often, and some have no span of it.
func (e *explainer) unseen(match []pair) (list []*candidate) {
	var out map[operation][2]float64
	for n := range e.flagged {
		c := &e.flagged[n]
		if c.Kind != snapshot.Service || !c.fewer() {
			continue
		}
		if out == nil {
			out = callsOut(match)
		}
		if !e.goesOnBelow(c.Value) && !e.calledWithout(c.Value, out) {
			continue
		}
		made := e.structure(n, SpansMissing, "", func(o operation) bool { return o.service == c.Value })
		made.class = otherCalls
		list = append(list, made)
	}
	return list
}

// fewer tells whether something is called less often, if at all.
func (c *Change) fewer() bool { return c.Verdict == FewerCalls || c.Verdict == Missing }

// falls tells whether a group is flagged to be called less often, if at all.
func (e *explainer) falls(id snapshot.Identity) bool {
	for _, m := range [...]Measure{CallRate, Presence} {
		if n, ok := e.number.find(&id, m); ok && n < len(e.flagged) && e.flagged[n].fewer() {
			return true
		}
	}
	return false
}

// goesOnBelow tells whether traces came without a part, while what a service calls in others is called as often as ever.
func (e *explainer) goesOnBelow(service string) bool {
	calls := 0
	for o, from := range e.graph.operations {
		if from.service != service {
			continue
		}
		for _, to := range e.graph.callees[o] {
			callee := e.graph.operations[to]
			if callee.service == service {
				continue
			}
			if calls++; e.falls(snapshot.Identity{Kind: snapshot.Operation, Service: callee.service, Value: callee.name}) {
				return false
			}
		}
	}
	return calls > 0 && e.incomplete()
}

// incomplete tells whether more traces come without a part than before.
func (e *explainer) incomplete() bool {
	for i := range e.flagged {
		if c := &e.flagged[i]; c.Kind == snapshot.Path && c.PathID == "" && c.ofCalls() && c.more() {
			return true
		}
	}
	return false
}

// calledWithout tells whether all operations of other services that call a service do so as often as before, each time one call, and fail no more
// often, though the service has no span of some of the calls.
func (e *explainer) calledWithout(service string, out map[operation][2]float64) bool {
	without := false
	for o, to := range e.graph.operations {
		if to.service != service {
			continue
		}
		for _, by := range e.graph.callers[o] {
			from := e.graph.operations[by]
			if from.service == service {
				continue
			}
			id := snapshot.Identity{Kind: snapshot.Operation, Service: from.service, Value: from.name}
			const all, some = 0.98, 0.95 // calls for each span of a client
			if n, ok := e.number.find(&id, Errors); ok && e.diff.Changes[n].Effect > 0 && e.diff.Changes[n].P <= evident {
				return false
			}
			if e.falls(id) || out[from][0] < all || out[from][1] > some*out[from][0] {
				return false
			}
			without = true
		}
	}
	return without
}

// callsOut is how many calls of other services each operation makes for each of its spans, on both sides; of those that call nothing of their own
// service, as clients do.
func callsOut(match []pair) map[operation][2]float64 {
	out, spans := map[operation][2]float64{}, map[operation][2]float64{}
	inner := map[operation]bool{}
	for i := range match {
		p := &match[i]
		switch p.id.Kind {
		case snapshot.Operation:
			spans[operation{p.id.Service, p.id.Value}] = [2]float64{p.sum[0].Weight, p.sum[1].Weight}
		case snapshot.Edge:
			from := operation{p.id.CallerService, p.id.Caller}
			calls := out[from]
			out[from] = [2]float64{calls[0] + p.sum[0].Weight, calls[1] + p.sum[1].Weight}
			inner[from] = inner[from] || p.id.Service == p.id.CallerService
		}
	}
	for o, calls := range out {
		s := spans[o]
		if inner[o] || s[0] == 0 || s[1] == 0 {
			delete(out, o)
			continue
		}
		out[o] = [2]float64{calls[0] / s[0], calls[1] / s[1]}
	}
	return out
}
