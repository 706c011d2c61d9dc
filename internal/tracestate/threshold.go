package tracestate

import (
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// RandomnessBits is how many bits thresholds and randomness have, and RandomnessEnd the number that both are below.
const (
	RandomnessBits = 56
	RandomnessEnd  = uint64(1) << RandomnessBits
)

// Probability is the one that a threshold stands for.
func Probability(threshold uint64) float64 {
	return float64(RandomnessEnd-threshold) / float64(RandomnessEnd)
}

// AdjustedCount is how many spans one with this threshold stands for. It is finite for every number.
func AdjustedCount(threshold uint64) float64 {
	return 1 / Probability(min(threshold, RandomnessEnd-1))
}

// IDRandomness is the randomness of a trace whose spans state none: the low 56 bits of its id.
func IDRandomness(id pcommon.TraceID) uint64 {
	return binary.BigEndian.Uint64(id[8:]) & (RandomnessEnd - 1)
}
