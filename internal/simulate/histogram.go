package simulate

import (
	"math"
	"time"
)

// Bucket is a range of trace durations, the same width as the others on a logarithmic scale.
type Bucket struct {
	From      float64 `json:"from"` // seconds
	To        float64 `json:"to"`   // seconds
	Observed  int     `json:"observed"`
	Retained  int     `json:"retained"`
	Recovered float64 `json:"recovered"` // sum of the adjusted counts of the retained
}

const (
	mostBuckets = 34 // as many as a terminal of 80 columns shows at two columns each
	// shortest is the duration below which traces fall into the first bucket.
	shortest = time.Microsecond
)

// bucketsPerDecade are the widths to choose from, finest first.
var bucketsPerDecade = [...]int{20, 10, 5, 4, 2, 1}

// histogram counts traces by duration, in the finest buckets of which mostBuckets reach from the shortest to the longest.
func histogram(outs []Outcome) []Bucket {
	if len(outs) == 0 {
		return nil
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i := range outs {
		v := logDuration(&outs[i])
		low, high = min(low, v), max(high, v)
	}
	per, first, n := 0, 0, 0
	for _, per = range bucketsPerDecade {
		first = int(math.Floor(low * float64(per)))
		n = int(math.Floor(high*float64(per))) - first + 1
		if n <= mostBuckets {
			break
		}
	}
	b := make([]Bucket, n)
	for i := range b {
		b[i].From = math.Pow(10, float64(first+i)/float64(per))
		b[i].To = math.Pow(10, float64(first+i+1)/float64(per))
	}
	for i := range outs {
		o := &outs[i]
		at := &b[int(math.Floor(logDuration(o)*float64(per)))-first]
		at.Observed++
		if o.Kept {
			at.Retained++
			at.Recovered += o.drawn().weight
		}
	}
	return b
}

// logDuration is the decimal logarithm of a trace's duration in seconds.
func logDuration(o *Outcome) float64 {
	return math.Log10(max(o.Trace.Duration, shortest).Seconds())
}
