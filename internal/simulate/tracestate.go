package simulate

import (
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// randomnessEnd is 2^56: thresholds and randomness are 56-bit numbers (OpenTelemetry, probability sampling).
const randomnessEnd = uint64(1) << 56

// keepProbability is the probability that a threshold stands for.
func keepProbability(threshold uint64) float64 {
	return float64(randomnessEnd-threshold) / float64(randomnessEnd)
}

// marks is what a span's tracestate says about sampling.
type marks struct {
	threshold     uint64
	randomness    uint64
	hasThreshold  bool
	hasRandomness bool
}

func readMarks(raw string) marks {
	var m marks
	if raw == "" {
		return m
	}
	w3c, err := sampling.NewW3CTraceState(raw)
	if err != nil {
		return m
	}
	if th, ok := w3c.OTelValue().TValueThreshold(); ok {
		m.threshold, m.hasThreshold = th.Unsigned(), true
	}
	if rv, ok := w3c.OTelValue().RValueRandomness(); ok {
		m.randomness, m.hasRandomness = rv.Unsigned(), true
	}
	return m
}

// dropRandomness takes an explicit randomness off a span: a simulation draws another one, in the trace id.
func dropRandomness(s ptrace.Span) {
	w3c, err := sampling.NewW3CTraceState(s.TraceState().AsRaw())
	if err != nil {
		return
	}
	w3c.OTelValue().ClearRValue()
	var b strings.Builder
	if w3c.Serialize(&b) == nil {
		s.TraceState().FromRaw(b.String())
	}
}

// randomnessOf is what the decision about a kept span depended on.
func randomnessOf(m marks, id pcommon.TraceID) uint64 {
	if m.hasRandomness {
		return m.randomness
	}
	return sampling.TraceIDToRandomness(id).Unsigned()
}
