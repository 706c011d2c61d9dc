package synthetic

import (
	"math/rand/v2"
	"slices"
)

// Fault is a way to go wrong.
type Fault string

// The faults.
const (
	Slow          Fault = "slow"           // one operation takes six times as long
	Delay         Fault = "delay"          // one call takes 60 ms more on the network
	Busy          Fault = "busy"           // every operation of a service takes two and a half times as long
	Failing       Fault = "failing"        // one operation fails, and so do those above that do not forgive it
	Silent        Fault = "silent"         // one operation gives up halfway and no span says so
	MissingBranch Fault = "missing_branch" // one call is not made
	Detour        Fault = "detour"         // a call is made that is otherwise never made there
	Retries       Fault = "retries"        // one call is made five times
)

// AllFaults lists every kind.
func AllFaults() []Fault {
	return []Fault{Slow, Delay, Busy, Failing, Silent, MissingBranch, Detour, Retries}
}

// incident is a fault in its place. The zero value is none.
type incident struct {
	fault  Fault
	window string
	at     *operation
	to     *operation // called on a detour
}

// on tells whether a fault is in an operation.
func (i *incident) on(f Fault, o *operation) bool {
	return i.fault == f && (i.at == o || f == Busy && i.at.service == o.service)
}

// incident draws a place that many requests come by: one that an endpoint calls for certain. Faults that end or skip calls
// need an operation with calls.
func (t *Topology) incident(r *rand.Rand, f Fault, window string) incident {
	for {
		i := incident{fault: f, window: window}
		o := t.endpoint(r)
		for range 1 + r.IntN(layers-1) {
			if next := certain(o); len(next) > 0 {
				o = next[r.IntN(len(next))]
			}
		}
		i.at = o
		switch {
		case o.layer == 0:
		case f == Silent && len(certain(o)) == 0:
		case f == Detour:
			if i.to = t.stranger(r, o); i.to != nil {
				return i
			}
		default:
			return i
		}
	}
}

// certain lists what an operation always calls.
func certain(o *operation) []*operation {
	var out []*operation
	for _, c := range o.calls {
		if c.chance == 1 {
			out = append(out, c.to)
		}
	}
	return out
}

// stranger is an operation of a later layer that o does not call, nil where there is none.
func (t *Topology) stranger(r *rand.Rand, o *operation) *operation {
	var all []*operation
	var walk func(*operation)
	walk = func(p *operation) {
		if p.layer > o.layer && !slices.Contains(all, p) && !slices.ContainsFunc(o.calls, func(c call) bool { return c.to == p }) {
			all = append(all, p)
		}
		for _, c := range p.calls {
			walk(c.to)
		}
	}
	for _, e := range t.endpoints {
		walk(e)
	}
	if o.leaf || len(all) == 0 {
		return nil
	}
	return all[r.IntN(len(all))]
}
