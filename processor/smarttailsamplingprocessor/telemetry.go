package smarttailsamplingprocessor

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/processor/smarttailsamplingprocessor/internal/metadata"
)

// telemetry turns what the engine reports into the component's own metrics.
type telemetry struct {
	builder *metadata.TelemetryBuilder
	logger  *zap.Logger // says each message once a minute
	options sync.Map    // outcome -> metric.MeasurementOption, made once each
	decided atomic.Int64
	late    atomic.Int64

	traces, fragments atomic.Int64 // for noteFragment
}

// outcome is a set of attributes. Reasons are few: a fixed list and the names of the rules.
type outcome struct{ decision, reason string }

var _ tailsampling.Observer = (*telemetry)(nil)

func newTelemetry(set component.TelemetrySettings) (*telemetry, error) {
	b, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, err
	}
	once := zap.WrapCore(func(c zapcore.Core) zapcore.Core { return zapcore.NewSamplerWithOptions(c, time.Minute, 1, 0) })
	return &telemetry{builder: b, logger: set.Logger.WithOptions(once)}, nil
}

func (t *telemetry) option(o outcome) metric.MeasurementOption {
	if v, ok := t.options.Load(o); ok {
		return v.(metric.MeasurementOption)
	}
	var kv []attribute.KeyValue
	if o.decision != "" {
		kv = append(kv, attribute.String("decision", o.decision))
	}
	if o.reason != "" {
		kv = append(kv, attribute.String("reason", o.reason))
	}
	opt := metric.WithAttributeSet(attribute.NewSet(kv...))
	t.options.Store(o, opt)
	return opt
}

// Decided implements tailsampling.Observer.
func (t *telemetry) Decided(d *tailsampling.Decision) {
	ctx := context.Background()
	opt := t.option(outcome{decisionName(d.Kept), d.Reason})
	t.builder.ProcessorSmartTailSamplingTraces.Add(ctx, 1, opt)
	t.builder.ProcessorSmartTailSamplingSpans.Add(ctx, int64(d.Spans), opt)
	t.builder.ProcessorSmartTailSamplingDecisionLatency.Record(ctx, d.Latency.Seconds())
	if d.Kept {
		t.builder.ProcessorSmartTailSamplingAdjustedTraces.Add(ctx, d.Adjusted)
		t.builder.ProcessorSmartTailSamplingAdjustedTracesVariance.Add(ctx, d.Adjusted*(d.Adjusted-1)) // (1 - p) / p^2
		if !d.Marked {
			t.builder.ProcessorSmartTailSamplingUnmarkedTraces.Add(ctx, 1)
		}
	}
	t.decided.Add(int64(d.Spans))
	if d.Fragment {
		t.builder.ProcessorSmartTailSamplingFragmentedTraces.Add(ctx, 1)
	}
	t.noteFragment(d.Fragment)
}

// noteFragment warns where most traces come in pieces: on an agent, or behind a balancer that does not go by trace id.
func (t *telemetry) noteFragment(fragment bool) {
	const few = 1000
	n := t.traces.Add(1)
	if fragment {
		t.fragments.Add(1)
	}
	if n%few == 0 && t.fragments.Swap(0) > few/2 {
		t.logger.Warn("Most traces lack their root or a parent. All spans of a trace must reach the same sampler: " +
			"balance by trace id in front of it, and do not sample on agents")
	}
}

// Late implements tailsampling.Observer.
func (t *telemetry) Late(kept bool, spans int) {
	t.late.Add(int64(spans))
	t.builder.ProcessorSmartTailSamplingLateSpans.Add(context.Background(), int64(spans), t.option(outcome{decision: decisionName(kept)}))
}

// Lost implements tailsampling.Observer.
func (t *telemetry) Lost(reason tailsampling.LossReason, spans int) {
	t.logger.Warn("Spans are lost", zap.String("reason", string(reason)), zap.Int("spans", spans))
	t.builder.ProcessorSmartTailSamplingLostSpans.Add(context.Background(), int64(spans), t.option(outcome{reason: string(reason)}))
}

// Refused implements tailsampling.Observer.
func (t *telemetry) Refused(spans int) {
	t.logger.Warn("Spans are refused: the memory limit is reached and the next consumer does not keep up, or the collector stops",
		zap.Int("spans", spans))
	t.builder.ProcessorSmartTailSamplingRefusedSpans.Add(context.Background(), int64(spans))
}

// Sent implements tailsampling.Observer.
func (t *telemetry) Sent(spans int) {
	t.builder.ProcessorSmartTailSamplingSentSpans.Add(context.Background(), int64(spans))
}

func (t *telemetry) ruleFailed(err error) {
	t.logger.Warn("A condition of a rule cannot be evaluated, so it does not match", zap.Error(err))
	t.builder.ProcessorSmartTailSamplingRuleErrors.Add(context.Background(), 1)
}

func decisionName(kept bool) string {
	if kept {
		return "kept"
	}
	return "dropped"
}

// watch registers what is read from the engine when metrics are collected.
func (t *telemetry) watch(e *tailsampling.Engine) error {
	w := gaugeWatch{engine: e, telemetry: t}
	return w.register(t.builder)
}

func (t *telemetry) close() { t.builder.Shutdown() }
