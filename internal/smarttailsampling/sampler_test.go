package smarttailsampling

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func TestTracesGoThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, nil, nil)
		assert.False(t, p.processor.Capabilities().MutatesData)
		p.send(trace(traceID(1, 0.5)))
		wait(9 * time.Second)
		assert.Zero(t, p.sink.SpanCount(), "nothing is usual yet: it waits for initial_wait")
		wait(2 * time.Second)
		spans := p.arrived()[traceID(1, 0.5)]
		require.Len(t, spans, 2)
		for _, s := range spans {
			assert.Equal(t, "ot=th:0", s.TraceState().AsRaw())
		}
		assert.Equal(t, map[string]any{
			"assay.sampling.reason": "baseline", "assay.sampling.probability": 1.0,
			"assay.sampling.path": spans[0].Attributes().AsRaw()["assay.sampling.path"],
		}, spans[0].Attributes().AsRaw())
		assert.Len(t, spans[0].Attributes().AsRaw()["assay.sampling.path"], 16)
		p.stop()
	})
}

func TestAttributeNamesCanBeChangedAndSwitchedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) { c.Attributes = AttributesConfig{Reason: "why"} }, nil)
		p.send(trace(traceID(1, 0.5)))
		p.stop()
		assert.Equal(t, map[string]any{"why": "shutdown"}, p.arrived()[traceID(1, 0.5)][0].Attributes().AsRaw())
	})
}

// The batch belongs to the caller: it is not changed, and nothing of it is kept. (Where memory is pooled, the caller uses it
// for the next batch.)
func TestBatchStaysTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, nil, nil)
		td := trace(traceID(1, 0.5), with("key", "value"))
		before := ptrace.NewTraces()
		td.CopyTo(before)
		require.NoError(t, p.processor.ConsumeTraces(t.Context(), td))
		assert.Equal(t, before, td)
		for _, rs := range td.ResourceSpans().All() {
			rs.Resource().Attributes().PutStr("service.name", "other")
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					s.SetName("other")
					s.Attributes().PutStr("key", "other")
					s.SetTraceID(traceID(9, 0.5))
				}
			}
		}
		p.stop()
		require.Len(t, p.sink.AllTraces(), 1)
		out := p.sink.AllTraces()[0].ResourceSpans()
		require.Equal(t, 1, out.Len())
		assert.Equal(t, map[string]any{"service.name": "shop"}, out.At(0).Resource().Attributes().AsRaw())
		for _, s := range p.arrived()[traceID(1, 0.5)] {
			assert.Contains(t, []string{"GET /", "SELECT"}, s.Name())
			v, _ := s.Attributes().Get("key")
			assert.Equal(t, "value", v.Str())
		}
	})
}

// When memory is full and the next consumer does not keep up, the caller is told to try again.
func TestFullMemoryIsRetryable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) { c.Memory.LimitMiB = 16 }, consumertest.NewErr(errors.New("unavailable")))
		var err error
		for n := 0; err == nil && n < 200_000; n++ {
			err = p.processor.ConsumeTraces(t.Context(), trace(traceID(n, 0.5)))
		}
		require.Error(t, err)
		assert.False(t, consumererror.IsPermanent(err))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(t, p.processor.Shutdown(ctx))
		err = p.processor.ConsumeTraces(t.Context(), trace(traceID(1, 0.5)))
		require.Error(t, err)
		assert.False(t, consumererror.IsPermanent(err), "another instance may take it")
		require.NoError(t, p.telemetry.Shutdown(context.Background()))
	})
}

func TestLifecycleInAnyOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := New(componenttest.NewNopTelemetrySettings(), owner, changed(nil), consumertest.NewNop())
		require.NoError(t, err)
		require.NoError(t, p.Shutdown(t.Context()), "before start")
		require.NoError(t, p.Shutdown(t.Context()), "twice")

		q := started(t, nil, nil)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { assert.NoError(t, q.processor.Shutdown(t.Context())) })
		}
		both.Wait()
		q.stop()
	})
}

// Two samplers in one process do not see each other.
func TestSamplersShareNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := started(t, nil, nil), started(t, nil, nil)
		a.send(trace(traceID(1, 0.5)))
		a.stop()
		b.send(trace(traceID(2, 0.5)))
		wait(11 * time.Second)
		assert.Len(t, a.arrived(), 1)
		assert.Contains(t, b.arrived(), traceID(2, 0.5), "the other one's shutdown is not ours")
		assert.Len(t, b.arrived(), 1)
		b.stop()
	})
}

// A condition that does not compile is an error of validation; were it to slip through, the collector must not start.
func TestBadRuleDoesNotStart(t *testing.T) {
	_, err := New(componenttest.NewNopTelemetrySettings(), owner,
		changed(func(c *Config) { c.Rules = []RuleConfig{{Name: "r", Action: "keep", Span: []string{"("}}} }), consumertest.NewNop())
	require.ErrorContains(t, err, `rules::0::span::0: "(" is not an OTTL condition`)
	require.NoError(t, componenttest.CheckConfigStruct(DefaultConfig()))
}
