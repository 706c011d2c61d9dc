package window

import (
	"math"
	"unsafe"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// wait is what the calls of an edge waited for in one time slice.
type wait struct{ weight, sum, log float64 } // sum in ns, log natural

// waiting is for how long a call waited outside of the span that answered it, ns: in the network, in queues and for a connection. A
// client waits for as long as its span is longer than the server's; clocks do not matter. What a producer sends waits from the
// end of its span to the start of the consumer's, as their clocks have it. ok is false where the two spans are not the two
// sides of one call.
func (a *assembly) waiting(caller, callee int) (ns int64, ok bool) {
	from, to := &a.spans[caller], &a.spans[callee]
	switch {
	case to.Flags&flagServer == 0, from.Duration < 0, to.Duration < 0: // a span without an end says nothing
		return 0, false
	case from.Flags&flagClient != 0:
		return from.Duration - to.Duration, true
	case from.Flags&flagProducer != 0:
		return int64(to.Start) - int64(from.Start) - from.Duration, true
	}
	return 0, false
}

// addWait sums a waiting time up and returns by how many bytes the group has grown.
func (g *group) addWait(c *contribution, ns int64) (grown int) {
	if g.waits == nil {
		g.waits = new([maxSlices]wait)
		grown = int(unsafe.Sizeof(*g.waits))
	}
	w, waited := &g.waits[c.slice], float64(max(0, ns))
	w.weight += c.weight
	w.sum += c.weight * waited
	w.log += c.weight * math.Log(max(waited, snapshot.LeastWait))
	return grown
}
