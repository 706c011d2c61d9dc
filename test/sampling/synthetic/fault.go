package synthetic

import (
	"math/rand/v2"

	"github.com/assayhq/assay/test/microservices"
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
	at     *microservices.Operation
	to     int // the operation that is called on a detour
}

// on tells whether a fault is in an operation.
func (i *incident) on(f Fault, o *microservices.Operation) bool {
	return i.fault == f && (i.at == o || f == Busy && i.at.Home == o.Home)
}

// incident draws a place that many requests come by: one that an endpoint calls for certain. Faults that end or skip calls
// need an operation with calls.
func (w *Workload) incident(r *rand.Rand, f Fault, window string) incident {
	for {
		i := incident{fault: f, window: window}
		op := w.system.Endpoint(r)
		for range 1 + r.IntN(microservices.Layers-1) {
			if next := w.certain(op); len(next) > 0 {
				op = next[r.IntN(len(next))]
			}
		}
		i.at = &w.system.Operations[op]
		switch {
		case i.at.Layer == 0:
		case f == Silent && len(w.certain(op)) == 0:
		case f == Detour:
			if strangers := w.strangers(i.at); len(strangers) > 0 {
				i.to = strangers[r.IntN(len(strangers))]
				return i
			}
		default:
			return i
		}
	}
}

// certain lists what an operation always calls.
func (w *Workload) certain(op int) []int {
	var out []int
	for _, c := range w.system.Operations[op].Calls {
		if c.Chance == 1 {
			out = append(out, c.To)
		}
	}
	return out
}

// strangers are the operations of later layers that o does not call, though others do. A store calls nothing.
func (w *Workload) strangers(o *microservices.Operation) (list []int) {
	if o.Store() {
		return nil
	}
	for op, calls := range w.system.Calls() {
		if calls > 0 && w.system.Operations[op].Layer > o.Layer && !o.Calling(op) {
			list = append(list, op)
		}
	}
	return list
}
