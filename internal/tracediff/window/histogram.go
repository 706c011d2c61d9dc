package window

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// histogram is a snapshot.Histogram that grows fast: all buckets from the lowest to the highest.
type histogram struct {
	first  int16
	counts []float32
	wide   *[]float64 // takes the place of counts once a bucket is too large for a float32 to count on
}

// widest is half of what a float32 counts to one by one.
const widest = 1 << 23

// bucketOf is snapshot.BucketOf of a duration whose base-2 logarithm is known.
func bucketOf(log2 float64) int16 {
	if log2 <= 0 {
		return -1
	}
	return int16(math.Ceil(log2*8)) - 1
}

// add counts a weight and returns by how many bytes the histogram has grown.
func (h *histogram) add(bucket int16, weight float64) (grown int) {
	at := int(bucket) - int(h.first)
	if h.wide != nil {
		if at < 0 || at >= len(*h.wide) {
			grown = cover(h.wide, &h.first, bucket) * 8
			at = int(bucket) - int(h.first)
		}
		(*h.wide)[at] += weight
		return grown
	}
	if at < 0 || at >= len(h.counts) {
		grown = cover(&h.counts, &h.first, bucket) * 4
		at = int(bucket) - int(h.first)
	}
	if h.counts[at] += float32(weight); h.counts[at] > widest {
		wide := make([]float64, len(h.counts))
		for i, c := range h.counts {
			wide[i] = float64(c)
		}
		grown += 8*len(wide) - 4*cap(h.counts)
		h.wide, h.counts = &wide, nil
	}
	return grown
}

// cover extends counts to a bucket and returns by how many elements its memory has grown.
func cover[T float32 | float64](counts *[]T, first *int16, bucket int16) int {
	const slack = 4
	old := *counts
	if len(old) == 0 {
		*first = bucket
	}
	lo, hi := min(int(*first), int(bucket)), max(int(*first)+len(old), int(bucket)+1)
	if n := hi - lo; lo == int(*first) && n <= cap(old) {
		*counts = old[:n]
		return 0
	}
	grown := make([]T, hi-lo, (hi-lo+slack+slack-1)/slack*slack)
	copy(grown[int(*first)-lo:], old)
	*counts, *first = grown, int16(lo)
	return cap(grown) - cap(old)
}

// buckets appends the non-empty buckets to dst.
func (h *histogram) buckets(dst []snapshot.Bucket) []snapshot.Bucket {
	for i, c := range h.counts {
		if c != 0 {
			dst = append(dst, snapshot.Bucket{Index: h.first + int16(i), Weight: c})
		}
	}
	if h.wide == nil {
		return dst
	}
	for i, c := range *h.wide {
		if c != 0 {
			dst = append(dst, snapshot.Bucket{Index: h.first + int16(i), Weight: float32(c)})
		}
	}
	return dst
}

// size is the number of buckets, empty ones included.
func (h *histogram) size() int {
	if h.wide != nil {
		return len(*h.wide)
	}
	return len(h.counts)
}
