package tailsampling

import (
	"math"

	"github.com/assayhq/assay/internal/tracestate"
)

const (
	// minProbability keeps every threshold below 2^56 by a margin that still has digits to round.
	minProbability = 1.0 / (1 << 40)
	// precisionBits is how exactly a threshold states its probability: a relative 2^-16, at most five significant digits.
	precisionBits = 16
)

// composeThreshold returns the threshold of sampling with probability p what has come in under the threshold in:
// 1 - th/2^56 = p (1 - in/2^56), rounded so that the probability never grows and th needs few hexadecimal digits.
func composeThreshold(in uint64, p float64) uint64 {
	if p >= 1 {
		return in
	}
	space := tracestate.RandomnessEnd - in
	keep := uint64(max(p, minProbability) * float64(space))
	keep = max(1, min(keep, space))
	return roundThreshold(tracestate.RandomnessEnd - keep)
}

// roundThreshold rounds up to a multiple of the largest power of 16 that changes the probability by less than 2^-16.
func roundThreshold(th uint64) uint64 {
	keep := tracestate.RandomnessEnd - th
	unit := uint64(1)
	for keep>>precisionBits >= unit*16 {
		unit *= 16
	}
	return min((th+unit-1)/unit*unit, tracestate.RandomnessEnd-1)
}

// rank is where a trace stands among those that came in under the same threshold: uniform in (0, 1], and a trace sampled
// with probability p is kept iff rank <= p. Above 1 the randomness contradicts the incoming threshold.
func rank(randomness, in uint64) float64 {
	return float64(tracestate.RandomnessEnd-randomness) / math.Max(1, float64(tracestate.RandomnessEnd-in))
}
