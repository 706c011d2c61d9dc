package smarttailsampling

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/assayhq/assay/internal/smarttailsampling/internal/metadatatest"
)

// point is a data point with attributes as key, value, key, value ...
func point[N int64 | float64](v N, kv ...string) []metricdata.DataPoint[N] {
	var attributes []attribute.KeyValue
	for i := 0; i < len(kv); i += 2 {
		attributes = append(attributes, attribute.String(kv[i], kv[i+1]))
	}
	return []metricdata.DataPoint[N]{{Attributes: attribute.NewSet(attributes...), Value: v}}
}

// lost is lost_spans with so many for one reason.
func lost(reason string, spans int64) (dps []metricdata.DataPoint[int64]) {
	for _, r := range []string{"invalid_trace_id", "rejected", "shutdown"} {
		n := int64(0)
		if r == reason {
			n = spans
		}
		dps = append(dps, point(n, "reason", r)...)
	}
	return dps
}

// Counters are there before there is anything to count.
func TestCountersStartAtZero(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) {
			c.Rules = []RuleConfig{{Name: "vip", Action: "keep", Span: []string{`name == "vip"`}}}
		}, nil)
		metadatatest.AssertEqualProcessorSmartTailSamplingLostSpans(t, p.telemetry, lost("", 0), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingSentSpans(t, p.telemetry, point(int64(0)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingRefusedSpans(t, p.telemetry, point(int64(0)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingAdjustedTraces(t, p.telemetry, point(0.0), anyTime)
		m, err := p.telemetry.GetMetric("otelcol_processor_smart_tail_sampling_traces")
		require.NoError(t, err)
		assert.Len(t, m.Data.(metricdata.Sum[int64]).DataPoints, 6)
		p.stop()
	})
}

var anyTime = metricdatatest.IgnoreTimestamp()

// What is decided, and when.
func TestMetricsOfDecisions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) {
			c.Rules = []RuleConfig{
				{Name: "half", Action: "probability", Probability: ptr(0.5), Span: []string{`attributes["kind"] == "half"`}},
				{Name: "noise", Action: "drop", Span: []string{`attributes["kind"] == "noise"`}},
				{Name: "broken", Action: "keep", Span: []string{`ParseJSON(attributes["json"])["a"] == 1`}},
			}
		}, nil)
		valid := with("json", `{"a": 2}`)
		p.send(trace(traceID(1, 0.5), valid))
		p.send(trace(traceID(2, 0.9), with("kind", "half")))
		p.send(trace(traceID(3, 0.1), with("kind", "half")))
		p.send(trace(traceID(4, 0.9), with("kind", "noise")))
		p.send(trace(traceID(5, 0.5), with("json", "?")))
		wait(11 * time.Second)
		tt := p.telemetry
		both := func(kept, half, noise int64) (dps []metricdata.DataPoint[int64]) {
			dps = append(dps, point(kept, "decision", "kept", "reason", "baseline")...)
			dps = append(dps, point(half, "decision", "kept", "reason", "rule:half")...)
			dps = append(dps, point(half, "decision", "dropped", "reason", "rule:half")...)
			for _, reason := range []string{"latency", "error", "rarity", "rule:broken"} {
				dps = append(dps, point(int64(0), "decision", "kept", "reason", reason)...)
			}
			dps = append(dps, point(int64(0), "decision", "dropped", "reason", "baseline")...)
			return append(dps, point(noise, "decision", "dropped", "reason", "drop:noise")...)
		}
		metadatatest.AssertEqualProcessorSmartTailSamplingTraces(t, tt, both(2, 1, 1), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingSpans(t, tt, both(4, 2, 2), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingSentSpans(t, tt, point(int64(6)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingAdjustedTraces(t, tt, point(4.0), anyTime) // 1 + 1 + 2
		metadatatest.AssertEqualProcessorSmartTailSamplingAdjustedTracesVariance(t, tt, point(2.0), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingRuleErrors(t, tt, point(int64(2)), anyTime) // of two spans

		latency, err := tt.GetMetric("otelcol_processor_smart_tail_sampling_decision_latency")
		require.NoError(t, err)
		h := latency.Data.(metricdata.Histogram[float64]).DataPoints
		require.Len(t, h, 1)
		assert.Equal(t, uint64(5), h[0].Count)
		assert.InDelta(t, 50, h[0].Sum, 2, "each waited for 10 s")
		p.stop()
	})
}

// What is in the buffer, and what the budget does.
func TestMetricsOfTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) {
			c.Budget.Percentage, c.Baseline, c.Paths.Max, c.Memory.LimitMiB = ptr(50.0), 0.2, 4, 32
			c.Completion.InitialWait = time.Second
		}, nil)
		tt := p.telemetry
		for n := range 10 {
			p.send(trace(traceID(n, float64(n)/10), func(s ptrace.Span) { s.SetName(string(rune('a' + n))) }))
		}
		metadatatest.AssertEqualProcessorSmartTailSamplingBufferedTraces(t, tt, point(int64(10)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingBufferedSpans(t, tt, point(int64(20)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingMemoryLimit(t, tt, point(int64(32<<20)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingMemory(t, tt, point(int64(0)), anyTime, metricdatatest.IgnoreValue())
		metadatatest.AssertEqualProcessorSmartTailSamplingCompleteness(t, tt, point(1.0), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingBaselineProbability(t, tt, point(1.0), anyTime) // nothing has come up yet
		wait(2 * time.Second)
		metadatatest.AssertEqualProcessorSmartTailSamplingBufferedTraces(t, tt, point(int64(0)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingBufferedSpans(t, tt, point(int64(0)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingBaselineProbability(t, tt, point(0.1), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingPaths(t, tt, point(int64(9)), anyTime) // four, the rest of four endpoints, and the rest of all
		metadatatest.AssertEqualProcessorSmartTailSamplingFoldedPaths(t, tt, point(int64(6)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingBudgetUsed(t, tt, point(0.0), anyTime, metricdatatest.IgnoreValue())
		metadatatest.AssertEqualProcessorSmartTailSamplingCutoff(t, tt, point(0.0), anyTime, metricdatatest.IgnoreValue())
		metadatatest.AssertEqualProcessorSmartTailSamplingRulesExceedBudget(t, tt, point(int64(0)), anyTime)
		memory, err := tt.GetMetric("otelcol_processor_smart_tail_sampling_memory")
		require.NoError(t, err)
		assert.Positive(t, memory.Data.(metricdata.Gauge[int64]).DataPoints[0].Value)
		p.stop()
	})
}

func TestRulesThatExceedTheBudgetSaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) {
			c.Budget = BudgetConfig{SpansPerSecond: ptr(1.0)}
			c.Rules = []RuleConfig{{Name: "all", Action: "keep", Span: []string{"true"}}}
		}, nil)
		for n := range 200 {
			p.send(trace(traceID(n, 0.5)))
			wait(100 * time.Millisecond)
		}
		metadatatest.AssertEqualProcessorSmartTailSamplingRulesExceedBudget(t, p.telemetry, point(int64(1)), anyTime)
		p.stop()
	})
}

// What goes wrong is counted: late, lost, unmarked, in pieces.
func TestMetricsOfTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) {
			c.Rules = []RuleConfig{{Name: "noise", Action: "drop", Span: []string{`attributes["kind"] == "noise"`}}}
		}, nil)
		tt := p.telemetry
		p.send(trace(traceID(1, 0.5)))
		p.send(trace(traceID(2, 0.5), with("kind", "noise")))
		p.send(trace(traceID(3, 0.5), func(s ptrace.Span) { s.TraceState().FromRaw("=") }))
		p.send(trace(traceID(4, 0.5), func(s ptrace.Span) { s.SetParentSpanID(pcommon.SpanID{9}) }))
		p.send(trace(pcommon.TraceID{}))
		wait(61 * time.Second)
		p.send(trace(traceID(1, 0.5)))
		p.send(trace(traceID(2, 0.5)))
		wait(time.Second)
		metadatatest.AssertEqualProcessorSmartTailSamplingLateSpans(t, tt, append(point(int64(2), "decision", "kept"), point(int64(2), "decision", "dropped")...), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingLostSpans(t, tt, lost("invalid_trace_id", 2), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingUnmarkedTraces(t, tt, point(int64(1)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingFragmentedTraces(t, tt, point(int64(1)), anyTime)
		metadatatest.AssertEqualProcessorSmartTailSamplingCompleteness(t, tt, point(8.0/12), anyTime)
		p.stop()
	})
}

// What the next consumer does not take is counted as lost, with a reason; what the caller is refused, as refused.
func TestMetricsOfAFailingNextConsumer(t *testing.T) {
	for reason, err := range map[string]error{
		"rejected": consumererror.NewPermanent(errors.New("malformed")),
		"shutdown": errors.New("unavailable"),
	} {
		synctest.Test(t, func(t *testing.T) {
			p := started(t, nil, consumertest.NewErr(err))
			p.send(trace(traceID(1, 0.5)))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			require.NoError(t, p.processor.Shutdown(ctx))
			metadatatest.AssertEqualProcessorSmartTailSamplingLostSpans(t, p.telemetry, lost(reason, 2), anyTime)
			require.Error(t, p.processor.ConsumeTraces(t.Context(), trace(traceID(2, 0.5))))
			metadatatest.AssertEqualProcessorSmartTailSamplingRefusedSpans(t, p.telemetry, point(int64(2)), anyTime)
			p.stop()
		})
	}
}
