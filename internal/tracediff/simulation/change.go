package simulation

// Change is what is done to one operation of a window; its zero value changes nothing.
type Change struct {
	Operation int
	Slower    float64 // factor of the duration of its calls; 0: as ever
	Fails     float64 // share of its calls that fail; below 0: as ever
	Adds      []call  // calls that it makes besides
	Drops     int     // operation that it calls no more; below 0: none
}

// Latency makes calls to an operation take so many times as long.
func Latency(op int, factor float64) Change { return Change{op, factor, -1, nil, -1} }

// Failures sets the share of calls to an operation that fail by themselves.
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
			o.fails = change.Fails
		}
		var calls []call
		for _, call := range o.calls {
			if call.to != change.Drops {
				calls = append(calls, call)
			}
		}
		o.calls = append(calls, change.Adds...)
	}
	return &c
}
