package tracesketch

import "iter"

// Quarter is a quarter of an octave: the observations from Low to less than High, ns.
type Quarter struct {
	Low, High uint64
	Count     float64 // decayed
}

// quarterBuckets is how many buckets of a sketch make a quarter of an octave.
const quarterBuckets = octaveBuckets / 4

// Quarters are the observations, at the decay step of d, by quarters of an octave that hold any, for a histogram that people look at. Quarters are linear parts:
// from 1, 1.25, 1.5 and 1.75 times a power of two. Below 64 ns each is 16 ns wide.
func (s *Sketch) Quarters(d *Decay) iter.Seq[Quarter] {
	s.age(d)
	return func(yield func(Quarter) bool) {
		q := Quarter{}
		for i, c := range s.counts {
			b := s.first + int32(i)
			if low := bucketLow(b - b%quarterBuckets); low != q.Low || q.High == 0 {
				if q.Count > 0 && !yield(q) {
					return
				}
				q = Quarter{Low: low, High: bucketLow(b - b%quarterBuckets + quarterBuckets)}
			}
			q.Count += float64(c)
		}
		if q.Count > 0 {
			yield(q)
		}
	}
}

// bucketLow is the lowest value of a bucket.
func bucketLow(b int32) uint64 {
	if b < 2*octaveBuckets {
		return uint64(b)
	}
	return uint64(octaveBuckets|b&(octaveBuckets-1)) << (uint(b>>octaveBits) - 1)
}
