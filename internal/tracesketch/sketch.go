package tracesketch

import (
	"math/bits"
	"slices"
)

// Sketch is a latency distribution in logarithmic buckets whose counts decay: an observation made one half-life ago weighs
// half. Values are nanoseconds. Every octave has 64 linear buckets, so a quantile is off by at most 0.8 %. (The bucketing is
// that of HdrHistogram, Tene 2012; the decay is exponential, applied in steps.) The zero value is empty.
//
// A bucket counts up to 2^24, where a float32 stops: some 20,000 observations a second of one duration, at a half-life of
// 10 minutes. The total is exactly what the buckets hold, so that quantiles stay true to them.
type Sketch struct {
	first  int32 // bucket of counts[0]
	epoch  int32 // decay step of the counts
	total  float64
	counts []float32
}

const (
	octaveBits    = 6
	octaveBuckets = 1 << octaveBits
	// forgotten is the weight below which a whole sketch counts as empty.
	forgotten = 1e-3
)

// bucketOf maps a value to its bucket: values below 64 have one each, larger ones share by their leading seven bits.
func bucketOf(v uint64) int32 {
	shift := bits.Len64(v) - octaveBits - 1
	if shift <= 0 {
		return int32(v)
	}
	return int32(shift)<<octaveBits + int32(v>>uint(shift))
}

// bucketMiddle is the value in the middle of a bucket.
func bucketMiddle(b int32) float64 {
	if b < 2*octaveBuckets {
		return float64(b)
	}
	shift := uint(b>>octaveBits) - 1
	low := float64(uint64(octaveBuckets|b&(octaveBuckets-1)) << shift)
	return low + float64(uint64(1)<<shift)/2
}

// Add counts v once, at the decay step of d.
func (s *Sketch) Add(v uint64, d *Decay) {
	s.age(d)
	b := bucketOf(v)
	s.cover(b)
	s.total += grow(&s.counts[b-s.first], 1)
}

// grow adds to a bucket and returns by how much it has grown.
func grow(bucket *float32, by float32) float64 {
	before := *bucket
	*bucket += by
	return float64(*bucket - before)
}

// cover grows the bucket array so that it holds b.
func (s *Sketch) cover(b int32) {
	const slack = 8
	switch {
	case len(s.counts) == 0:
		s.first = b
		s.counts = make([]float32, 1, slack)
	case b < s.first:
		n := make([]float32, int32(len(s.counts))+s.first-b)
		copy(n[s.first-b:], s.counts)
		s.first, s.counts = b, n
	case b >= s.first+int32(len(s.counts)):
		old, need := len(s.counts), int(b-s.first+1)
		s.counts = slices.Grow(s.counts, need-old)[:need]
		clear(s.counts[old:])
	}
}

func (s *Sketch) age(d *Decay) {
	if s.epoch == d.epoch {
		return
	}
	f := float32(d.Factor(s.epoch))
	s.epoch = d.epoch
	if s.total *= float64(f); s.total < forgotten {
		s.total, s.counts = 0, s.counts[:0]
		return
	}
	s.total = 0
	for i := range s.counts {
		s.counts[i] *= f
		s.total += float64(s.counts[i])
	}
}

// Count is the decayed number of observations.
func (s *Sketch) Count() float64 { return s.total }

// Quantile returns the value below which a share q of the observations lies, in ns; 0 when empty.
func (s *Sketch) Quantile(q float64) float64 {
	want := q * s.total
	var seen float64
	last := int32(0)
	for i, c := range s.counts {
		if c == 0 {
			continue
		}
		seen += float64(c)
		last = s.first + int32(i)
		if seen >= want {
			return bucketMiddle(last)
		}
	}
	return bucketMiddle(last)
}

// Bytes is the memory that the buckets take.
func (s *Sketch) Bytes() int { return 4 * cap(s.counts) }
