package simulation

import (
	"cmp"
	"slices"
)

// Change is what is done to one operation of a window; its zero value changes nothing.
type Change struct {
	Operation int
	Slower    float64 // factor of the duration of its calls; 0: as ever
	Fails     float64 // share of its calls that fail, for whatever reason; below 0: as ever
	Adds      []call  // calls that it makes besides
	Drops     int     // operation that it calls no more; below 0: none
}

// Latency makes calls to an operation take so many times as long.
func Latency(op int, factor float64) Change { return Change{op, factor, -1, nil, -1} }

// Failures sets the share of calls to an operation that fail, for whatever reason.
func Failures(op int, share float64) Change { return Change{op, 0, share, nil, -1} }

// Added lets an operation call another in a share of its own calls.
func Added(from, to int, chance float64) Change {
	return Change{from, 0, -1, []call{{to, chance, 1}}, -1}
}

// Dropped keeps an operation from calling another.
func Dropped(from, to int) Change { return Change{from, 0, -1, nil, to} }

// apply is the system with some changes; latency factors are left to the window.
func (s *System) apply(changes []Change) *System {
	if len(changes) == 0 {
		return s
	}
	c := *s
	c.Operations = append([]Operation(nil), s.Operations...)
	for _, change := range changes {
		o := &c.Operations[change.Operation]
		if change.Fails >= 0 {
			o.fails, o.exact = change.Fails, true
		}
		var kept []call
		for _, c := range o.calls {
			if c.to != change.Drops {
				kept = append(kept, c)
			}
		}
		o.calls = slices.Concat(kept, change.Adds)
	}
	return &c
}

// Callers are the operations that may come to call op: those of earlier layers that do not call it yet, most called first.
func (s *System) Callers(op int) []int {
	calls := s.Calls()
	var callers []int
	for i := range s.Operations {
		if s.Operations[i].layer < s.Operations[op].layer && !s.Operations[i].calling(op) {
			callers = append(callers, i)
		}
	}
	slices.SortFunc(callers, func(i, j int) int { return cmp.Compare(calls[j], calls[i]) })
	return callers
}

// Callees are the operations that an operation calls.
func (s *System) Callees(op int) []int {
	var to []int
	for _, c := range s.Operations[op].calls {
		to = append(to, c.to)
	}
	return to
}
