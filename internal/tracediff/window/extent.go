package window

import (
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Extent grows to the earliest start that spans of batches have, and the first whole nanosecond after the latest: the window
// of a recording. It begins empty.
type Extent struct {
	Start, End time.Time
	ok         bool
	spans      uint64
	sample     []int64 // of their starts, ns since 1970, uniform; ordered by nothing
	random     *rand.Rand
}

const maxSample = 10_000 // starts that are kept

// Add takes in a batch.
func (x *Extent) Add(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.StartTimestamp() == 0 { // it has none, and would make the window begin in 1970
					continue
				}
				x.add(span.StartTimestamp().AsTime())
			}
		}
	}
}

func (x *Extent) add(at time.Time) {
	if !x.ok || at.Before(x.Start) {
		x.Start = at
	}
	if !x.ok || !at.Before(x.End) {
		x.End = at.Add(1)
	}
	x.ok = true
	x.spans++
	if len(x.sample) < maxSample {
		x.sample = append(x.sample, at.UnixNano())
		return
	}
	if x.random == nil {
		x.random = rand.New(rand.NewPCG(1, 1)) // the same for the same recording
	}
	if n := x.random.Uint64N(x.spans); n < maxSample {
		x.sample[n] = at.UnixNano()
	}
}

// Empty tells that no span was added.
func (x *Extent) Empty() bool { return !x.ok }

// A few traces that are far from all others in time, such as of a clock that is wrong, would put all others into one time slice or two,
// and nothing could be tested.
const (
	strays    = 0.01 // of the spans may be strays, at most
	leastKept = 100  // spans of a recording that is looked at for strays
	worthTrim = 2    // times as long as without strays a recording must be
)

// Bulk is the extent without strays: the shortest time in which all but a hundredth of the spans begin, and what follows before and after it
// without a gap of a time slice. Where that is not much shorter, nothing is a stray.
func (x *Extent) Bulk() (start, end time.Time) {
	n := len(x.sample)
	if n < leastKept {
		return x.Start, x.End
	}
	at := slices.Sorted(slices.Values(x.sample))
	kept := n - int(strays*float64(n))
	from := 0
	for i := range n - kept + 1 {
		if at[i+kept-1]-at[i] < at[from+kept-1]-at[from] {
			from = i
		}
	}
	until := from + kept - 1
	gap := int64(sliceLength(time.Duration(at[until] - at[from])))
	for from > 0 && at[from]-at[from-1] <= gap {
		from--
	}
	for until+1 < n && at[until+1]-at[until] <= gap {
		until++
	}
	start, end = time.Unix(0, at[from]-gap).UTC(), time.Unix(0, at[until]+gap).UTC() // others than those of the sample may be a little outside
	if start.Before(x.Start) || x.spans <= maxSample {
		start = time.Unix(0, max(at[from], x.Start.UnixNano())).UTC()
	}
	if end.After(x.End) || x.spans <= maxSample {
		end = time.Unix(0, min(at[until]+1, x.End.UnixNano())).UTC()
	}
	if x.End.Sub(x.Start) < worthTrim*end.Sub(start) {
		return x.Start, x.End
	}
	return start, end
}
