package topology

import (
	"math"
	"time"
)

// Tables of quantiles: fine in the body, and as fine again in the tail.
const (
	bodySize = 1024
	tailSize = 256
)

// Latency is a distribution of durations: log-normal, above a quantile Pareto.
type Latency struct {
	body     *[bodySize]time.Duration
	tail     *[tailSize]time.Duration
	tailEnds uint64 // draws below it, of 2^32, fall into the tail
}

// newLatency tabulates a distribution. The highest share of the values, tailShare, is drawn from a Pareto distribution
// with the shape alpha that starts where the body has got to, and is cut at longest.
func newLatency(median time.Duration, sigma, tailShare, alpha float64, longest time.Duration) Latency {
	l := Latency{body: new([bodySize]time.Duration), tail: new([tailSize]time.Duration), tailEnds: uint64(tailShare * (1 << 32))}
	quantile := func(p float64) float64 {
		return float64(median) * math.Exp(sigma*math.Sqrt2*math.Erfinv(2*p-1))
	}
	for i := range l.body {
		p := (float64(i) + 0.5) / bodySize * (1 - tailShare)
		l.body[i] = round(min(quantile(p), float64(longest)))
	}
	if tailShare == 0 {
		return l
	}
	begin := quantile(1 - tailShare)
	for i := range l.tail {
		p := (float64(i) + 0.5) / tailSize
		l.tail[i] = round(min(begin*math.Pow(1-p, -1/alpha), float64(longest)))
	}
	return l
}

// Draw returns the duration that 64 random bits stand for.
func (l *Latency) Draw(bits uint64) time.Duration {
	if bits>>32 < l.tailEnds {
		return l.tail[bits%tailSize]
	}
	return l.body[bits%bodySize]
}

// round keeps three significant digits of a number of nanoseconds, and no less than one nanosecond.
func round(nanoseconds float64) time.Duration {
	v, unit := int64(nanoseconds+0.5), int64(1)
	for v/unit >= 1000 {
		unit *= 10
	}
	return time.Duration(max(1, (v+unit/2)/unit*unit))
}
