package slo

import (
	"math"
	"time"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Delays is how long traces took to arrive, over a window. It is not safe for concurrent use.
//
// Delays are counted in classes, each of which reaches a tenth further than the one before, and forgotten a twelfth of the window at a time.
type Delays struct {
	window time.Duration
	parts  [delayParts]delayPart
}

const (
	delayParts   = 12
	delayClasses = 200 // up to 53 h
	classGrowth  = 1.1
)

type delayPart struct {
	number int64
	counts [delayClasses]uint32
}

// NewDelays makes one that remembers a window.
func NewDelays(window time.Duration) *Delays { return &Delays{window: window} }

// Add counts a verdict on a trace whose delay was observed. Verdicts that replace others are left out.
func (d *Delays) Add(now time.Duration, j *verify.Judgement) {
	if j.Delay <= 0 || j.Was != verify.None || j.Verdict != verify.Delivered && j.Verdict != verify.Late {
		return
	}
	number := int64(now / (d.window / delayParts))
	p := &d.parts[number%delayParts]
	if p.number != number {
		*p = delayPart{number: number}
	}
	class := math.Log(float64(j.Delay)/float64(time.Millisecond)) / math.Log(classGrowth)
	p.counts[int(min(max(0, class), delayClasses-1))]++
}

// Observed is what Delays has counted.
type Observed struct {
	Quantiles
	Parts []PartObserved // twelfths of the window in which any were observed, the oldest first
}

// PartObserved is a part of the window.
type PartObserved struct {
	From, To time.Duration // on the clock of Add; exclusive
	Quantiles
}

// Quantiles are how long observed traces took.
type Quantiles struct {
	P50    float64 // seconds
	P99    float64 // seconds; of fewer than 100 traces: the longest
	Traces uint64  // that were observed
}

// Report sums up; nil where nothing was observed.
func (d *Delays) Report(now time.Duration) *Observed {
	var sum [delayClasses]uint64
	out := &Observed{}
	length := d.window / delayParts
	newest := int64(now / length)
	for number := newest - delayParts + 1; number <= newest; number++ {
		p := &d.parts[(number%delayParts+delayParts)%delayParts]
		if p.number != number {
			continue
		}
		var counts [delayClasses]uint64
		for class, n := range &p.counts {
			counts[class] = uint64(n)
			sum[class] += uint64(n)
		}
		if q := quantiles(&counts); q.Traces > 0 {
			out.Parts = append(out.Parts, PartObserved{From: time.Duration(number) * length, To: time.Duration(number+1) * length, Quantiles: q})
		}
	}
	if out.Quantiles = quantiles(&sum); out.Traces == 0 {
		return nil
	}
	return out
}

func quantiles(counts *[delayClasses]uint64) (q Quantiles) {
	for _, n := range counts {
		q.Traces += n
	}
	if q.Traces > 0 {
		q.P50, q.P99 = quantile(counts, q.Traces, 0.5), quantile(counts, q.Traces, 0.99)
	}
	return q
}

// quantile is the middle of the class in which a share of the delays is reached, in seconds.
func quantile(sum *[delayClasses]uint64, all uint64, share float64) float64 {
	rank, upTo := uint64(math.Ceil(share*float64(all))), uint64(0)
	for class, n := range sum {
		if upTo += n; upTo >= rank {
			return math.Pow(classGrowth, float64(class)+0.5) / 1000
		}
	}
	return math.Inf(1)
}
