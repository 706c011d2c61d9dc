package compare

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// names are what services and operations were called before, of those that have other names now: what is missing where something
// new is called as often, by the same services, and calls the same ones.
type names struct {
	services   map[string]string       // the old name by the new one
	operations map[operation]operation // the same, with the services that they have now and had
	old        map[snapshot.Identity]*pair
}

// sameRate is by how many times two rates of calls may differ and still be about the same.
const sameRate = 1.5

// renamed finds what has another name.
func (e *explainer) renamed(match []pair) *names {
	n := &names{services: map[string]string{}, operations: map[operation]operation{}, old: map[snapshot.Identity]*pair{}}
	newServices, oldServices := e.appeared(snapshot.Service)
	newOperations, oldOperations := e.appeared(snapshot.Operation)
	if len(newServices)+len(newOperations) == 0 || len(oldServices)+len(oldOperations) == 0 {
		return n
	}
	around := e.surroundings(match)
	for _, m := range e.partners(newServices, oldServices, func(x, y *Change) bool { return around[operation{x.Value, ""}].like(around[operation{y.Value, ""}], n) }) {
		n.services[m[0].Value] = m[1].Value
	}
	for _, m := range e.partners(newOperations, oldOperations, func(x, y *Change) bool {
		return n.service(x.Service) == y.Service && around[operation{x.Service, x.Value}].like(around[operation{y.Service, y.Value}], n)
	}) {
		n.operations[operation{m[0].Service, m[0].Value}] = operation{m[1].Service, m[1].Value}
	}
	if len(n.services)+len(n.operations) > 0 {
		for i := range match {
			if match[i].a != nil {
				n.old[match[i].id] = &match[i]
			}
		}
	}
	return n
}

// service is what a service was called before.
func (n *names) service(name string) string { return cmp.Or(n.services[name], name) }

// operation is what an operation was called before.
func (n *names) operation(o operation) operation {
	if old, ok := n.operations[o]; ok {
		return old
	}
	return operation{n.service(o.service), o.name}
}

// before is a pair that is new with what was there before it under another name; the pair itself if nothing was.
func (n *names) before(p *pair) *pair {
	if p.a != nil || len(n.old) == 0 {
		return p
	}
	id := p.id
	to, from := n.operation(operation{id.Service, id.Value}), n.operation(operation{id.CallerService, id.Caller})
	id.Service, id.Value, id.CallerService, id.Caller = to.service, to.name, from.service, from.name
	old := n.old[id]
	if old == nil || id == p.id {
		return p
	}
	both := *p
	both.a, both.sum[0], both.before = old.a, old.sum[0], old.before
	return &both
}

// surrounding are the services that call something, and that it calls. Users are "".
type surrounding struct{ callers, callees map[string]bool }

// like tells whether two are the same, under the names of before.
func (s *surrounding) like(old *surrounding, n *names) bool {
	before := func(now map[string]bool) map[string]bool {
		names := map[string]bool{}
		for service := range now {
			names[n.service(service)] = true
		}
		return names
	}
	return s != nil && old != nil && maps.Equal(before(s.callers), before(old.callers)) && maps.Equal(before(s.callees), before(old.callees))
}

// surroundings are those of operations, and of services under the name "" of an operation.
func (e *explainer) surroundings(match []pair) map[operation]*surrounding {
	of := map[operation]*surrounding{}
	at := func(o operation) *surrounding {
		if of[o] == nil {
			of[o] = &surrounding{map[string]bool{}, map[string]bool{}}
		}
		return of[o]
	}
	for i := range match {
		switch id := &match[i].id; id.Kind {
		case snapshot.Edge:
			at(operation{id.Service, id.Value}).callers[id.CallerService] = true
			at(operation{id.CallerService, id.Caller}).callees[id.Service] = true
			if id.Service != id.CallerService {
				at(operation{id.Service, ""}).callers[id.CallerService] = true
				at(operation{id.CallerService, ""}).callees[id.Service] = true
			}
		case snapshot.Operation:
			if o := (operation{id.Service, id.Value}); e.graph.entry(o) {
				at(o).callers[""], at(operation{id.Service, ""}).callers[""] = true, true
			}
		}
	}
	return of
}

// appeared are the flagged changes of what is new and of what is missing, of one kind.
func (e *explainer) appeared(k snapshot.Kind) (fresh, gone []*Change) {
	for i := range e.flagged {
		c := &e.flagged[i]
		switch {
		case c.Kind != k || c.Measure != Presence:
		case c.Verdict == New:
			fresh = append(fresh, c)
		default:
			gone = append(gone, c)
		}
	}
	return fresh, gone
}

// rate is how often something new is called while it is: it may have come in the middle of the window.
func (e *explainer) rate(c *Change) float64 {
	b := &e.diff.B
	if window := b.End.Sub(b.Start); c.part == nil && c.Onset.After(b.Start) && c.Onset.Before(b.End) {
		return c.B.PerTrace * float64(window) / float64(b.End.Sub(c.Onset))
	}
	return c.B.PerTrace
}

// partners are pairs of something new and something missing that is alike and was called about as often, the likest first.
func (e *explainer) partners(fresh, gone []*Change, alike func(x, y *Change) bool) (list [][2]*Change) {
	apart := func(m [2]*Change) float64 { return math.Abs(math.Log(e.rate(m[0]) / m[1].A.PerTrace)) }
	for _, x := range fresh {
		for _, y := range gone {
			if m := [2]*Change{x, y}; apart(m) <= math.Log(sameRate) && alike(x, y) {
				list = append(list, m)
			}
		}
	}
	slices.SortStableFunc(list, func(x, y [2]*Change) int { return cmp.Compare(apart(x), apart(y)) })
	taken := map[*Change]bool{}
	return slices.DeleteFunc(list, func(m [2]*Change) bool {
		if taken[m[0]] || taken[m[1]] {
			return true
		}
		taken[m[0]], taken[m[1]] = true, true
		return false
	})
}
