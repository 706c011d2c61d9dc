package window

import (
	"math"
	"unsafe"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// group is a snapshot.Group that is being filled.
type group struct {
	slices         [blocks]*[blockSlices]slice    // by index
	weights        *[blocks]*[blockSlices]weights // once some weight was not 1; before, they are the counts
	waits          *[maxSlices]wait               // of edges between a client's span and a server's
	duration, self histogram
	exemplars      exemplars
	roots          float64 // weight of the spans without a caller, of an operation

	overflow bool // takes what a limit leaves no room for

	// Of the trace that is being added; finish resets it.
	touched              bool
	failed               bool
	weight, failedWeight float64 // least adjusted count of its spans here, and of its failed spans
}

// slice holds what is summed in a part of the window.
type slice struct {
	spans, errors, traces, errorTraces     uint32
	log, logSquared, duration, logSelfTime float64
}

// weights hold what is not a count once traffic is sampled.
type weights struct{ spans, errors, traces, traces2, errorTraces, errorTraces2 float64 }

// groupBytes is what a group takes, with its share of the tables: of the map by identity about one and a half entries.
const groupBytes = int(unsafe.Sizeof(group{})) + 3*int(unsafe.Sizeof(snapshot.Identity{})+8)/2 + 48

// contribution is what a span adds to each of its groups.
type contribution struct {
	slice      uint8
	failed     bool
	bucket     int16
	selfBucket int16
	weight     float64
	stated     bool    // by a threshold
	log        float64 // natural, of the duration in ns
	logSelf    float64
	duration   float64 // ns
}

// Slices are made in blocks of which the size is one that Go allocates without waste.
const (
	blockSlices = 5
	blocks      = (maxSlices + blockSlices - 1) / blockSlices
)

// at returns a slice, and its weights where they are kept.
func (g *group) at(index uint8) (s *slice, w *weights) {
	b, k := index/blockSlices, index%blockSlices
	if g.weights != nil {
		w = &g.weights[b][k]
	}
	return &g.slices[b][k], w
}

// cover makes the slice of an index, and its weights where there are to be any. It returns the bytes that it took.
func (g *group) cover(index uint8, weighted bool) (grown int) {
	b := index / blockSlices
	if g.slices[b] == nil {
		g.slices[b] = new([blockSlices]slice)
		grown += int(unsafe.Sizeof(*g.slices[b]))
		if g.weights != nil {
			g.weights[b] = new([blockSlices]weights)
			grown += int(unsafe.Sizeof(*g.weights[b]))
		}
	}
	if !weighted || g.weights != nil {
		return grown
	}
	g.weights = new([blocks]*[blockSlices]weights)
	grown += int(unsafe.Sizeof(*g.weights))
	for i, from := range g.slices {
		if from == nil {
			continue
		}
		g.weights[i] = new([blockSlices]weights)
		grown += int(unsafe.Sizeof(*g.weights[i]))
		for k := range from {
			g.weights[i][k] = from[k].weights() // all were 1
		}
	}
	return grown
}

// add sums a span up and returns by how many bytes the group has grown.
func (g *group) add(c *contribution) (grown int) {
	if weighted := c.weight != 1; g.slices[c.slice/blockSlices] == nil || weighted && g.weights == nil {
		grown = g.cover(c.slice, weighted)
	}
	s, w := g.at(c.slice)
	s.spans++
	s.log += c.weight * c.log
	s.logSquared += c.weight * c.log * c.log
	s.duration += c.weight * c.duration
	s.logSelfTime += c.weight * c.logSelf
	if c.failed {
		s.errors++
	}
	if w != nil {
		w.spans += c.weight
		if c.failed {
			w.errors += c.weight
		}
	}
	grown += g.duration.add(c.bucket, c.weight)
	return grown + g.self.add(c.selfBucket, c.weight)
}

// unstated is more than any adjusted count.
const unstated = math.MaxFloat64

// touch notes that the trace that is being added has a span here. It reports whether that is the first.
func (g *group) touch(c *contribution) (first bool) {
	first = !g.touched
	if first {
		g.touched, g.weight, g.failedWeight = true, unstated, unstated
	}
	g.failed = g.failed || c.failed
	if !c.stated {
		return first
	}
	g.weight = min(g.weight, c.weight)
	if c.failed {
		g.failedWeight = min(g.failedWeight, c.weight)
	}
	return first
}

// finish counts the trace that was added.
func (g *group) finish(index uint8) {
	s, w := g.at(index)
	s.traces++
	if g.failed {
		s.errorTraces++
	}
	if w != nil {
		weight := orOne(g.weight)
		w.traces += weight
		w.traces2 += weight * weight
		if g.failed {
			weight = orOne(g.failedWeight)
			w.errorTraces += weight
			w.errorTraces2 += weight * weight
		}
	}
	g.touched, g.failed = false, false
}

func orOne(weight float64) float64 {
	if weight == unstated {
		return 1
	}
	return weight
}

// weights are those of unsampled traffic.
func (s *slice) weights() weights {
	return weights{
		spans: float64(s.spans), errors: float64(s.errors), traces: float64(s.traces), traces2: float64(s.traces),
		errorTraces: float64(s.errorTraces), errorTraces2: float64(s.errorTraces),
	}
}

// snapshot appends the slices that are not empty to dst.
func (g *group) snapshot(dst []snapshot.Slice) []snapshot.Slice {
	for index := range uint8(maxSlices) {
		if g.slices[index/blockSlices] == nil {
			continue
		}
		s, kept := g.at(index)
		if s.spans == 0 {
			continue
		}
		w := s.weights()
		if kept != nil {
			w = *kept
		}
		waited := wait{}
		if g.waits != nil {
			waited = g.waits[index]
		}
		dst = append(dst, snapshot.Slice{
			WaitWeight: waited.weight, Wait: waited.sum, LogWait: waited.log,
			Index: uint32(index),
			Spans: s.spans, ErrorSpans: s.errors, Traces: s.traces, ErrorTraces: s.errorTraces,
			Weight: w.spans, ErrorWeight: w.errors, TraceWeight: w.traces, TraceWeight2: w.traces2,
			ErrorTrace: w.errorTraces, ErrorTrace2: w.errorTraces2,
			LogDuration: s.log, LogDuration2: s.logSquared, Duration: s.duration, LogSelf: s.logSelfTime,
		})
	}
	return dst
}

// times fills in what a duration adds. Times are in ns.
func (c *contribution) times(duration, self int64) {
	d := float64(max(0, duration))
	l := logOf(d)
	c.duration, c.log, c.bucket = d, l*math.Ln2, bucketOf(l)
	c.logSelf, c.selfBucket = c.log, c.bucket
	if self != duration {
		l = logOf(float64(max(0, self)))
		c.logSelf, c.selfBucket = l*math.Ln2, bucketOf(l)
	}
}
