package tailsampling

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracesketch"
)

// ServiceMap is which services call which, in all traces and in those that are kept. Figures are decayed: a trace of one half-life ago
// counts half.
type ServiceMap struct {
	Traces   float64 // that the figures rest on
	Kept     float64 // share of them that is kept
	Services []MapPart
	Calls    []MapPart
	// Unmapped is the share of the traces of which nothing is in the map: their paths have no place of their own, or have not been seen
	// since a restart.
	Unmapped float64
}

// MapPart is a service, or the calls from one to another. A trace counts once for each part that occurs in it.
type MapPart struct {
	Service  string // or the called one
	Caller   string // of a call; empty for a service
	Traces   float64
	Rate     float64 // traces a second
	KeptRate float64 // kept traces a second
	// MissedByUniform is the probability that a uniform sample which keeps the same share of all traces would hold none of these.
	MissedByUniform float64
}

type mapKey struct{ caller, service string }

// ServiceMap puts together what the paths say.
func (e *Engine) ServiceMap(ctx context.Context) (ServiceMap, error) {
	var m ServiceMap
	err := e.ask(ctx, func(d *decider) { m = d.serviceMap(&e.intake.operations) })
	return m, err
}

func (d *decider) serviceMap(names *operations) ServiceMap {
	l := d.learned
	var all, kept, unmapped float64
	parts := map[mapKey]*MapPart{}
	for _, p := range l.paths {
		n, k := p.traces.Count(l.decay), p.kept.Count(l.decay)
		all += n
		kept += k
		if p.edges == nil {
			unmapped += n
			continue
		}
		for _, key := range p.services(names) {
			if parts[key] == nil {
				parts[key] = &MapPart{Service: key.service, Caller: key.caller}
			}
			parts[key].Traces += n
			parts[key].KeptRate += k
		}
	}
	m := ServiceMap{Traces: all, Services: []MapPart{}, Calls: []MapPart{}}
	if all > 0 {
		m.Kept, m.Unmapped = min(1, kept/all), unmapped/all
	}
	seconds := max(l.exposure.Count(l.decay), selectInterval.Seconds())
	for key, p := range parts {
		p.Rate, p.KeptRate = p.Traces/seconds, p.KeptRate/seconds
		p.MissedByUniform = math.Pow(1-m.Kept, p.Traces)
		if key.caller == "" {
			m.Services = append(m.Services, *p)
		} else {
			m.Calls = append(m.Calls, *p)
		}
	}
	byRate := func(a, b MapPart) int {
		return cmp.Or(cmp.Compare(b.Traces, a.Traces), cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Service, b.Service))
	}
	slices.SortFunc(m.Services, byRate)
	slices.SortFunc(m.Calls, byRate)
	return m
}

// services are those of a path, and which of them call which others, each once.
func (p *pathStats) services(names *operations) []mapKey {
	var keys []mapKey
	add := func(k mapKey) {
		if k.service != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, e := range p.edges {
		callee, _ := names.name(e.callee)
		add(mapKey{service: callee.Service})
		if e.caller > tracesketch.UnknownOperation {
			if caller, _ := names.name(e.caller); caller.Service != callee.Service && caller.Service != "" {
				add(mapKey{caller.Service, callee.Service})
			}
		}
	}
	return keys
}
