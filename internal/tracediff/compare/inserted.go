package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// structural are candidates of what has another name, and of what was put between two that called each other before. Neither is a loss, so
// that they come last; what got slower with it is another candidate.
func (e *explainer) structural() (list []*candidate) {
	for i := range e.flagged {
		c := &e.flagged[i]
		if c.Measure != Presence || c.Verdict != New {
			continue
		}
		o := operation{c.Service, c.Value}
		switch old, ok := e.names.operations[o]; {
		case c.Kind == snapshot.Service && e.names.services[c.Value] != "":
			was := e.names.services[c.Value]
			list = append(list, e.structure(i, Renamed, was, func(o operation) bool { return o.service == c.Value || o.service == was }))
		case c.Kind == snapshot.Operation && ok && old.service == c.Service:
			list = append(list, e.structure(i, Renamed, old.name, func(x operation) bool { return x == o || x == old }))
		}
	}
	return append(list, e.inserted()...)
}

// structure is the candidate of a change by which what is about some operations is new or missing, called more or less often.
func (e *explainer) structure(main int, kind CauseKind, was string, about func(operation) bool) *candidate {
	made := e.single(main, noLoss)
	made.cause.Kind, made.cause.Was = kind, was
	made.cause.Service = e.flagged[main].ServiceName()
	made.asked, made.sites = true, nil
	for n := range e.flagged {
		c := &e.flagged[n]
		fits := false
		switch c.Kind {
		case snapshot.Path:
			fits = c.Measure == Presence || kind == SpansMissing && c.ofCalls()
		case snapshot.Service:
			// The mean over its operations moves where there is one more.
			fits = (c.ofCalls() || c.Measure == Latency || c.Measure == Slowest) && (about(operation{c.Value, ""}) || c.Value == made.cause.Service)
		case snapshot.Operation, snapshot.Edge:
			fits = c.ofCalls() && (about(operation{c.Service, c.Value}) || c.Kind == snapshot.Edge && about(operation{c.CallerService, c.Caller}))
		}
		if fits {
			made.explains = append(made.explains, n)
		}
	}
	return made
}

// inserted are candidates of new operations between two of which one called the other before.
func (e *explainer) inserted() (list []*candidate) {
	fresh := map[int]bool{}
	appeared, _ := e.appeared(snapshot.Operation)
	for _, c := range appeared {
		if o := (operation{c.Service, c.Value}); e.names.operations[o] == (operation{}) {
			fresh[e.graph.number[o]] = true
		}
	}
	taken := map[int]bool{}
	for i := range e.flagged {
		c := &e.flagged[i]
		if c.Kind != snapshot.Edge || c.Measure != Presence || c.Verdict != Missing {
			continue
		}
		between := e.between(e.graph.number[operation{c.CallerService, c.Caller}], e.graph.number[operation{c.Service, c.Value}], fresh)
		if len(between) == 0 || taken[between[0]] {
			continue
		}
		of := map[operation]bool{}
		for _, o := range between {
			of[e.graph.operations[o]], taken[o] = true, true
		}
		first := e.graph.operations[between[0]]
		main, ok := e.number.find(&snapshot.Identity{Kind: snapshot.Service, Value: first.service}, Presence)
		if !ok || main >= len(e.flagged) {
			main, ok = e.number.find(&snapshot.Identity{Kind: snapshot.Operation, Service: first.service, Value: first.name}, Presence)
		}
		if !ok {
			continue
		}
		made := e.structure(main, Inserted, "", func(o operation) bool {
			return of[o] || o.name == "" && of[operation{first.service, first.name}] && o.service == first.service
		})
		made.add(i)
		list = append(list, made)
	}
	return list
}

// between are the operations of a set by which one operation reaches another; empty where none is on the way, or the way has others on it.
func (e *explainer) between(from, to int, fresh map[int]bool) []int {
	ahead := e.graph.reach([]int{from}, e.graph.callees, func(o, next int) bool {
		return o == from && fresh[next] || fresh[o] && (fresh[next] || next == to)
	})
	var list []int
	reached := false
	for _, o := range ahead {
		switch {
		case o == to:
			reached = true
		case fresh[o]:
			list = append(list, o)
		}
	}
	if !reached {
		return nil
	}
	return list
}
