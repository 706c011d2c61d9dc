package simulation

import (
	"math"
	"slices"
	"time"

	"github.com/assayhq/assay/test/microservices"
)

// Change is what is done to a system; its zero value changes nothing. It holds for a part of a window, so that it may begin
// and end anywhere inside of it.
type Change struct {
	From, Until float64 // fractions of the window; both 0: all of it
	Operation   int     // where it is made, if it is made at one
	apply       func(*regime)
}

// During is a change that holds for a part of a window only.
func (c Change) During(from, until float64) Change {
	c.From, c.Until = from, until
	return c
}

// During lets changes hold for a part of a window only.
func During(from, until float64, changes []Change) []Change {
	var part []Change
	for _, c := range changes {
		part = append(part, c.During(from, until))
	}
	return part
}

// Latency makes calls to an operation take so many times as long.
func Latency(op int, factor float64) Change {
	return Change{Operation: op, apply: func(r *regime) { r.factor[op] = factor }}
}

// OwnTime makes the own time of an operation so many times as long; what it waits for takes as long as ever.
func OwnTime(op int, factor float64) Change {
	return Change{Operation: op, apply: func(r *regime) { r.own[op] *= factor }}
}

// Contention makes the own time of all operations of a service so many times as long, as a lack of CPU does.
func Contention(service string, factor float64) Change {
	return Change{apply: func(r *regime) {
		r.each(service, func(op int) { r.own[op] *= factor })
	}}
}

// Delay lets every call to a service wait longer. With both, calls from it wait as well, as they do where a pod's network is slow.
func Delay(service string, by time.Duration, both bool) Change {
	return Change{apply: func(r *regime) {
		r.each(service, func(op int) {
			r.delayTo[op] += float64(by)
			if both {
				r.delayFrom[op] += float64(by)
			}
		})
	}}
}

// Stalls lets a share of the calls to an operation take longer by some time of its own, as where a lock or a disk is hit now and then.
func Stalls(op int, share float64, by time.Duration) Change {
	return Change{Operation: op, apply: func(r *regime) { r.stalls[op] = stall{share, float64(by)} }}
}

// StallsOnTheWay lets a share of the calls to a service wait longer, as where packets are lost.
func StallsOnTheWay(service string, share float64, by time.Duration) Change {
	return Change{apply: func(r *regime) {
		r.each(service, func(op int) { r.stallsTo[op] = stall{share, float64(by)} })
	}}
}

// Failures sets the share of calls to an operation that fail, for whatever reason.
func Failures(op int, share float64) Change {
	return Change{Operation: op, apply: func(r *regime) { r.operations[op].Fails, r.exact[op] = share, true }}
}

// ServiceFailures lets a share of the calls to each operation of a service fail by themselves; their callers fail with them in a
// share of these.
func ServiceFailures(service string, share, passedOn float64) Change {
	return Change{apply: func(r *regime) {
		r.each(service, func(op int) {
			r.operations[op].Fails = share
			r.passedOn[op] = passedOn
		})
	}}
}

// Added lets an operation call another in a share of its own calls.
func Added(from, to int, chance float64) Change {
	return Change{Operation: from, apply: func(r *regime) {
		r.operations[from].Calls = append(slices.Clone(r.operations[from].Calls), microservices.Call{To: to, Chance: chance, Times: 1})
	}}
}

// Dropped keeps an operation from calling another.
func Dropped(from, to int) Change {
	return Change{Operation: from, apply: func(r *regime) {
		var kept []microservices.Call
		for _, c := range r.operations[from].Calls {
			if c.To != to {
				kept = append(kept, c)
			}
		}
		r.operations[from].Calls = kept
	}}
}

// Repeated lets an operation call another so many times as often, as retries do, or a cache in the other direction.
func Repeated(from, to int, factor float64) Change {
	return Change{Operation: from, apply: func(r *regime) {
		changed := slices.Clone(r.operations[from].Calls)
		for i, c := range changed {
			if c.To == to {
				mean := c.Chance * float64(c.Times) * factor
				times := max(1, int(math.Ceil(float64(c.Times)*factor)))
				changed[i] = microservices.Call{To: to, Chance: mean / float64(times), Times: times}
			}
		}
		r.operations[from].Calls = changed
	}}
}

// Deployed puts another version of a service in place. By itself that changes nothing else.
func Deployed(service, version string) Change {
	return Change{apply: func(r *regime) {
		of := slices.Clone(r.versions.of)
		r.each(service, func(op int) { of[r.operations[op].Home] = version })
		r.versions = &versions{of}
	}}
}
