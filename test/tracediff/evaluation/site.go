package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// site is a place in a simulated system where something can change.
type site struct {
	number   int
	system   *simulation.System
	requests float64 // a window
	op       int     // the operation in which it changes
	from     int     // its main caller, in another service
	other    int     // an operation of a third service that does not call it
	fresh    int     // the operation of a service that nobody calls
	chance   float64 // with which other calls op so that a tenth of the calls of op come from there
}

// shape is what traces of a system look like.
type shape struct {
	clients microservices.Clients
	gateway bool
}

// shapes are how systems are instrumented.
var shapes = []shape{
	{microservices.Generic, false}, {microservices.Generic, true}, {microservices.Particular, false}, {microservices.Particular, true},
}

func (s shape) String() string {
	if s.gateway {
		return string(s.clients) + ", gateway"
	}
	return string(s.clients)
}

func (s shape) system(number int) *simulation.System {
	return simulation.NewSystem(microservices.Options{
		Seed: uint64(firstSystem + number), Services: 12, Endpoints: 12, Clients: s.clients, Gateway: s.gateway,
	})
}

// newSite finds a place in a system, with windows in which the operation is called so many times.
func newSite(number int, in shape, size float64) *site {
	system := in.system(number)
	s := &site{number: number, system: system, fresh: system.AddService("fresh", "Recommend", 8*time.Millisecond)}
	calls := system.Calls()
	var fit []site
	for least := 0.5; len(fit) == 0; least /= 2 {
		for op, n := range calls {
			if n < least || n > 2 {
				continue
			}
			t := *s
			t.op = op
			if t.neighbours(calls) {
				t.requests = size / n
				t.chance = min(1, 0.1*n/calls[t.other])
				fit = append(fit, t)
			}
		}
	}
	return &fit[number*7%len(fit)]
}

// neighbours finds the operations around that of the site, and tells whether there are any.
func (s *site) neighbours(calls []float64) bool {
	service := func(op int) string { return s.system.Operations[op].Service }
	var callers []int
	for i := range s.system.Operations {
		if slices.Contains(s.system.Callees(i), s.op) && calls[i] > 0 {
			callers = append(callers, i)
		}
	}
	slices.SortStableFunc(callers, func(a, b int) int { return cmp.Compare(calls[b], calls[a]) })
	if len(callers) == 0 || service(callers[0]) == service(s.op) {
		return false
	}
	s.from = callers[0]
	for _, i := range s.system.Callers(s.op) {
		known := slices.ContainsFunc(callers, func(c int) bool { return service(c) == service(i) })
		if calls[i] >= 0.1 && !known && service(i) != service(s.op) {
			s.other = i
			return true
		}
	}
	return false
}

// service is that of the operation in which something changes.
func (s *site) service() string { return s.system.Operations[s.op].Service }
