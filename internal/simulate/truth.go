package simulate

import (
	"encoding/binary"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
	"github.com/assayhq/assay/internal/tracestate"
)

// describe fills in what is true of the whole trace.
func (t *Trace) describe() {
	var spans []tracesketch.Span
	names := map[tracesketch.Operation]string{}
	for _, p := range t.Pieces {
		for _, rs := range p.Spans.ResourceSpans().All() {
			service := serviceName(rs.Resource())
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					sp := toSpan(service, s)
					spans = append(spans, sp)
					names[tracesketch.Operation(sp.Operation)] = operationName(service, tracesketch.NormalizeName(s.Name()))
					t.readSampling(s)
				}
			}
		}
	}
	var a tracesketch.Analyzer
	st := a.Analyze(spans)
	t.Spans, t.Errors, t.Path = len(spans), st.Errors, st.Path
	t.Duration = time.Duration(st.Duration)
	t.Endpoint = names[st.Endpoint]
	if t.HasRoot = st.Root >= 0; t.HasRoot {
		t.RootError = spans[st.Root].Flags&tracesketch.FlagError != 0
	}
}

// readSampling notes how the trace was sampled before it was recorded.
func (t *Trace) readSampling(s ptrace.Span) {
	m := tracestate.Read(s.TraceState().AsRaw())
	t.Threshold = max(t.Threshold, m.Threshold)
	if m.HasRandomness {
		dropRandomness(s)
	}
}

func operationName(service, name string) string {
	if service == "" {
		return name
	}
	return service + " " + name
}

func serviceName(r pcommon.Resource) string {
	if v, ok := r.Attributes().Get("service.name"); ok {
		return v.AsString()
	}
	return ""
}

func toSpan(service string, s ptrace.Span) tracesketch.Span {
	id, parent := s.SpanID(), s.ParentSpanID()
	sp := tracesketch.Span{
		SpanID:       binary.BigEndian.Uint64(id[:]),
		ParentSpanID: binary.BigEndian.Uint64(parent[:]),
		Start:        uint64(s.StartTimestamp()),
		Duration:     int64(s.EndTimestamp() - s.StartTimestamp()),
		Operation:    uint64(tracesketch.NewOperation(service, tracesketch.NormalizeName(s.Name()), int32(s.Kind()))),
	}
	if s.Status().Code() == ptrace.StatusCodeError {
		sp.Flags |= tracesketch.FlagError
	}
	if k := s.Kind(); k == ptrace.SpanKindServer || k == ptrace.SpanKindConsumer {
		sp.Flags |= tracesketch.FlagServer
	}
	return sp
}
