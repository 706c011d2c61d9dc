package subject

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Sink counts the spans that come out and lets them go.
type Sink struct{ spans atomic.Int64 }

var _ consumer.Traces = (*Sink)(nil)

// ConsumeTraces implements consumer.Traces.
func (s *Sink) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	s.spans.Add(int64(td.SpanCount()))
	return nil
}

// Capabilities implements consumer.Traces.
func (*Sink) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// Spans is how many have come out.
func (s *Sink) Spans() int64 { return s.spans.Load() }
