package tailsampling

import (
	"math"
	"time"
)

// cutoff finds tau, the weight from which a trace is kept for certain, so that what is kept for its weight fills the
// budget: sum over traces of cost * min(1, w / tau) = budget. It holds the recent past as costs by weight, in buckets of a
// quarter of an octave, and forgets it over some seconds. Nothing in it depends on which traces were kept.
type cutoff struct {
	cost   [cutoffBuckets]float64 // decayed cost of the traces in a bucket
	weight [cutoffBuckets]float64 // the same, times their weight
	total  float64
}

const (
	cutoffPerOctave = 4
	cutoffOctaves   = 224 // weights from 2^-32 to 2^192
	cutoffLowest    = -32
	cutoffBuckets   = cutoffOctaves * cutoffPerOctave
	// The past is forgotten over cutoffMemory, but not before cutoffTraces have come to replace it, and in any case over
	// cutoffLongest.
	cutoffMemory  = 10 * time.Second
	cutoffTraces  = 1000
	cutoffLongest = time.Minute
)

func cutoffBucket(w float64) int {
	if !(w > 0) {
		return 0
	}
	return int(min(max((math.Log2(w)-cutoffLowest)*cutoffPerOctave, 0), cutoffBuckets-1))
}

// forget shrinks the past by the time that has gone by and the traces that have come.
func (c *cutoff) forget(since time.Duration, traces int) {
	by := min(since.Seconds()/cutoffMemory.Seconds(), float64(traces)/cutoffTraces)
	f := math.Exp(-max(by, since.Seconds()/cutoffLongest.Seconds()))
	c.total *= f
	for i := range c.cost {
		c.cost[i] *= f
		c.weight[i] *= f
	}
}

func (c *cutoff) add(w, cost float64) {
	b := cutoffBucket(w)
	c.cost[b] += cost
	c.weight[b] += cost * w
	c.total += cost
}

// shown is the share of the cost that has any weight.
func (c *cutoff) shown() float64 {
	if c.total <= 0 {
		return 0
	}
	return max(0, 1-c.cost[0]/c.total)
}

// tau solves for the cut-off at which a share of the total cost is kept for its weight.
func (c *cutoff) tau(share float64) float64 {
	room := share * c.total
	if room <= 0 {
		return math.Inf(1)
	}
	// below[b] is the weight up to and including bucket b. Summed upwards: weights span so many orders of magnitude that
	// taking the heavy ones off a total would leave nothing but rounding error of the light ones.
	var below [cutoffBuckets]float64
	sum := 0.0
	for b := range c.weight {
		sum += c.weight[b]
		below[b] = sum
	}
	// Going down from the heaviest: those above are kept for certain, those below in proportion to their weight.
	var above float64
	for b := cutoffBuckets - 1; b >= 0; b-- {
		if c.cost[b] == 0 {
			continue
		}
		if rest := room - above; rest > 0 && below[b] >= rest*c.weight[b]/c.cost[b] {
			return below[b] / rest
		}
		above += c.cost[b]
	}
	return 0 // everything fits
}
