package smarttailsamplingconnector

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/connector/smarttailsamplingconnector/internal/metadata"
	"github.com/assayhq/assay/internal/tracemetrics"
)

// joined is a connector between a test and its sinks. It belongs into a synctest bubble, whose clock it runs by.
type joined struct {
	t       *testing.T
	nodes   []connector.Traces
	traces  consumertest.TracesSink
	metrics consumertest.MetricsSink
}

// outputs of a pipeline, to metrics instead of the sink where there is a consumer.
type outputs struct {
	traces, metrics bool
	toMetrics       consumer.Metrics
}

// made is a pipeline that was not started, from a factory that others may share.
func made(t *testing.T, f connector.Factory, config map[string]any, out outputs) *joined {
	t.Helper()
	p := &joined{t: t}
	cfg := f.CreateDefaultConfig()
	require.NoError(t, confmap.NewFromStringMap(config).Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	set := connectortest.NewNopSettings(metadata.Type)
	set.Resource.Attributes().PutStr("service.instance.id", "gateway-1")
	if out.metrics {
		to := out.toMetrics
		if to == nil {
			to = &p.metrics
		}
		n, err := f.CreateTracesToMetrics(t.Context(), set, cfg, to)
		require.NoError(t, err)
		p.nodes = append(p.nodes, n)
	}
	if out.traces {
		n, err := f.CreateTracesToTraces(t.Context(), set, cfg, &p.traces)
		require.NoError(t, err)
		p.nodes = append(p.nodes, n)
	}
	return p
}

func started(t *testing.T, config map[string]any, out outputs) *joined {
	t.Helper()
	p := made(t, NewFactory(), config, out)
	p.start()
	return p
}

func (p *joined) start() {
	p.t.Helper()
	for _, n := range p.nodes {
		require.NoError(p.t, n.Start(p.t.Context(), componenttest.NewNopHost()))
	}
}

// send gives traces to every node, as the collector does.
func (p *joined) send(td ptrace.Traces) {
	p.t.Helper()
	td.MarkReadOnly()
	for _, n := range p.nodes {
		require.NoError(p.t, n.ConsumeTraces(p.t.Context(), td))
	}
}

func (p *joined) stop() {
	p.t.Helper()
	for _, n := range p.nodes {
		require.NoError(p.t, n.Shutdown(context.Background()))
	}
}

// trace is a root of service "shop" and a child; its number makes an id that is as good as random.
func trace(n int, name string, failed bool) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	var id pcommon.TraceID
	binary.BigEndian.PutUint64(id[:], uint64(n)+1)
	binary.BigEndian.PutUint64(id[8:], (uint64(n)+1)*0x9e3779b97f4a7c15)
	for k, span := range []string{name, "SELECT"} {
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(id)
		s.SetSpanID(pcommon.SpanID{byte(k + 1)})
		if k > 0 {
			s.SetParentSpanID(pcommon.SpanID{byte(k)})
		} else if failed {
			s.Status().SetCode(ptrace.StatusCodeError)
		}
		s.SetName(span)
		s.SetStartTimestamp(1_700_000_000_000_000_000)
		s.SetEndTimestamp(1_700_000_000_250_000_000)
	}
	return td
}

// wait lets the bubble's time go by.
func wait(d time.Duration) { <-time.After(d) }

// counted adds up the newest points of a counter, or of all batches where they are deltas, by the name of the root span.
func (p *joined) counted(metric string) map[string]int64 {
	p.t.Helper()
	out := map[string]int64{}
	for _, md := range p.metrics.AllMetrics() {
		require.Equal(p.t, 1, md.ResourceMetrics().Len())
		rm := md.ResourceMetrics().At(0)
		instance, _ := rm.Resource().Attributes().Get("service.instance.id")
		require.Equal(p.t, "gateway-1", instance.Str(), "two gateways have series of their own")
		for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
			if m.Name() != metric {
				continue
			}
			if m.Sum().AggregationTemporality() == pmetric.AggregationTemporalityCumulative {
				clear(out)
			}
			for _, point := range m.Sum().DataPoints().All() {
				name, _ := point.Attributes().Get("span.name")
				out[name.Str()] += point.IntValue()
			}
		}
	}
	return out
}

func (p *joined) requests() map[string]int64 { return p.counted(tracemetrics.PathRequests) }
