package smarttailsampling

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// owner is the processor that samplers are part of.
var owner = Owner{Kind: component.KindProcessor, ID: component.MustNewID("smart_tail_sampling")}

// pipeline is a started sampler between a test and a sink. It belongs into a synctest bubble, whose clock it runs by.
type pipeline struct {
	t         *testing.T
	processor *Sampler
	sink      *consumertest.TracesSink
	telemetry *componenttest.Telemetry
}

// started makes a pipeline that keeps everything, but for a change. next takes the place of the sink, if there is one.
func started(t *testing.T, change func(*Config), next consumer.Traces) *pipeline {
	t.Helper()
	p := &pipeline{t: t, sink: new(consumertest.TracesSink), telemetry: componenttest.NewTelemetry()}
	if next == nil {
		next = p.sink
	}
	cfg := changed(func(c *Config) {
		c.Budget.Percentage, c.Baseline, c.Randomness = ptr(100.0), 1, randomnessTraceID // ids of tests choose what is kept
		if change != nil {
			change(c)
		}
	})
	require.NoError(t, cfg.Validate())
	var err error
	p.processor, err = New(p.telemetry.NewTelemetrySettings(), owner, cfg, next)
	require.NoError(t, err)
	require.NoError(t, p.processor.Start(t.Context(), componenttest.NewNopHost()))
	return p
}

func (p *pipeline) send(td ptrace.Traces) {
	p.t.Helper()
	td.MarkReadOnly() // the processor says that it does not mutate: writing panics
	require.NoError(p.t, p.processor.ConsumeTraces(p.t.Context(), td))
}

func (p *pipeline) stop() {
	p.t.Helper()
	require.NoError(p.t, p.processor.Shutdown(context.Background()))
	require.NoError(p.t, p.telemetry.Shutdown(context.Background()))
}

// wait lets the bubble's time go by.
func wait(d time.Duration) { <-time.After(d) }

// traceID makes an id whose randomness is a share of the range.
func traceID(n int, randomness float64) (id pcommon.TraceID) {
	binary.BigEndian.PutUint64(id[:], uint64(n)+1)
	binary.BigEndian.PutUint64(id[8:], uint64(randomness*(1<<56)))
	return id
}

// trace is a root and a child of service "shop"; each change is applied to both.
func trace(id pcommon.TraceID, changes ...func(ptrace.Span)) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	for n, name := range []string{"GET /", "SELECT"} {
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(id)
		s.SetSpanID(pcommon.SpanID{byte(n + 1)})
		if n > 0 {
			s.SetParentSpanID(pcommon.SpanID{byte(n)})
		}
		s.SetName(name)
		s.SetStartTimestamp(1_700_000_000_000_000_000)
		s.SetEndTimestamp(1_700_000_000_001_000_000)
		for _, change := range changes {
			change(s)
		}
	}
	return td
}

func with(key, value string) func(ptrace.Span) {
	return func(s ptrace.Span) { s.Attributes().PutStr(key, value) }
}

// arrived is the spans in the sink, by trace.
func (p *pipeline) arrived() map[pcommon.TraceID][]ptrace.Span {
	out := map[pcommon.TraceID][]ptrace.Span{}
	for _, td := range p.sink.AllTraces() {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					out[s.TraceID()] = append(out[s.TraceID()], s)
				}
			}
		}
	}
	return out
}
