package simulate

import (
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracestate"
)

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
func randomnessOf(m tracestate.Sampling, id pcommon.TraceID) uint64 {
	if m.HasRandomness {
		return m.Randomness
	}
	return tracestate.IDRandomness(id)
}
