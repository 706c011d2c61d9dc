package snapshot

import (
	"math"
	"sort"
)

// bucketsPerOctave sets the width of a bucket: a factor of 2^(1/8), so that a quantile is off by at most 4.5 %. It is the
// scale 3 of OpenTelemetry's exponential histogram.
const bucketsPerOctave = 8

// Histogram is a weighted distribution of durations, in ns, in logarithmic buckets. The zero value is empty.
type Histogram struct {
	Buckets []Bucket // ascending by Index, without empty ones
}

// Bucket holds the weight of the durations in (2^(Index/8), 2^((Index+1)/8)] ns; durations up to 1 ns have index -1.
type Bucket struct {
	Index  int16
	Weight float32
}

// BucketOf is the index of the bucket of a duration in ns.
func BucketOf(ns float64) int16 {
	if !(ns > 1) {
		return -1
	}
	return int16(math.Ceil(math.Log2(ns)*bucketsPerOctave)) - 1
}

// Add counts a duration in ns with a weight.
func (h *Histogram) Add(ns, weight float64) { h.add(BucketOf(ns), float32(weight)) }

// Merge adds what o holds.
func (h *Histogram) Merge(o *Histogram) {
	for _, b := range o.Buckets {
		h.add(b.Index, b.Weight)
	}
}

func (h *Histogram) add(index int16, weight float32) {
	at := sort.Search(len(h.Buckets), func(i int) bool { return h.Buckets[i].Index >= index })
	if at == len(h.Buckets) || h.Buckets[at].Index != index {
		h.Buckets = append(h.Buckets, Bucket{})
		copy(h.Buckets[at+1:], h.Buckets[at:])
		h.Buckets[at] = Bucket{Index: index}
	}
	h.Buckets[at].Weight += weight
}

// Weight is the sum over all buckets.
func (h *Histogram) Weight() float64 {
	var sum float64
	for _, b := range h.Buckets {
		sum += float64(b.Weight)
	}
	return sum
}

// Quantile is the duration, in ns, below which a share q of the weight lies, interpolated within its bucket; 0 when empty.
func (h *Histogram) Quantile(q float64) float64 {
	of := [...]float64{q}
	h.quantiles(of[:])
	return of[0]
}

// Percentiles are the 50th, 95th and 99th.
func (h *Histogram) Percentiles() (p50, p95, p99 float64) {
	of := [...]float64{0.5, 0.95, 0.99}
	h.quantiles(of[:])
	return of[0], of[1], of[2]
}

// quantiles replaces shares, which ascend, by the durations below which they lie, in one pass.
func (h *Histogram) quantiles(shares []float64) {
	weight := h.Weight()
	found := 0
	var below float64 // weight of the buckets so far
	for _, b := range h.Buckets {
		w := float64(b.Weight)
		for found < len(shares) && shares[found]*weight <= below+w && w != 0 {
			shares[found] = math.Exp2((float64(b.Index) + (shares[found]*weight-below)/w) / bucketsPerOctave)
			found++
		}
		if found == len(shares) {
			return
		}
		below += w
	}
	last := 0.0
	if n := len(h.Buckets); n > 0 {
		last = math.Exp2(float64(h.Buckets[n-1].Index+1) / bucketsPerOctave)
	}
	for ; found < len(shares); found++ {
		shares[found] = last
	}
}
