package smarttailsampling

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/lograte"
	"github.com/assayhq/assay/internal/smarttailsampling/internal/metadata"
	"github.com/assayhq/assay/internal/tailsampling"
)

// telemetry turns what the engine reports into the component's own metrics.
type telemetry struct {
	builder                 *metadata.TelemetryBuilder
	logger                  *zap.Logger // says each message once a minute
	outcomes                map[outcome]*tally
	notices                 notices
	pending                 []*tally // that have grown since the last selection
	decided                 atomic.Int64
	late                    atomic.Int64
	lateDropped, lost, sent atomic.Int64 // spans, for the totals at the end

	traces, fragments atomic.Int64 // for noteFragment
}

// outcome is a set of attributes. Reasons are few: a fixed list and the names of the rules.
type outcome struct{ decision, reason string }

// tally adds up the traces of one outcome until their selection is over: an instrument is slow for one call per trace.
type tally struct {
	attributes          metric.MeasurementOption
	traces, spans       int64
	allTraces, allSpans int64 // so far, but for those
}

var _ tailsampling.Observer = (*telemetry)(nil)

func newTelemetry(set component.TelemetrySettings) (*telemetry, error) {
	b, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, err
	}
	return &telemetry{builder: b, logger: lograte.OncePerMinute(set.Logger), notices: notices{logger: set.Logger}, outcomes: map[outcome]*tally{}}, nil
}

func (o outcome) attributes() metric.MeasurementOption {
	var kv []attribute.KeyValue
	if o.decision != "" {
		kv = append(kv, attribute.String("decision", o.decision))
	}
	if o.reason != "" {
		kv = append(kv, attribute.String("reason", o.reason))
	}
	return metric.WithAttributeSet(attribute.NewSet(kv...))
}

// Decided implements tailsampling.Observer.
func (t *telemetry) Decided(d *tailsampling.Decision) {
	ctx := context.Background()
	t.count(outcome{decisionName(d.Kept), d.Reason}, d.Spans)
	t.builder.ProcessorSmartTailSamplingDecisionLatency.Record(ctx, d.Latency.Seconds())
	if d.Kept {
		t.builder.ProcessorSmartTailSamplingAdjustedTraces.Add(ctx, d.Adjusted)
		t.builder.ProcessorSmartTailSamplingAdjustedTracesVariance.Add(ctx, d.Adjusted*(d.Adjusted-1)) // (1 - p) / p^2
		if !d.Marked {
			t.builder.ProcessorSmartTailSamplingUnmarkedTraces.Add(ctx, 1)
		}
	}
	if d.Rule != "" {
		t.builder.ProcessorSmartTailSamplingRuleTraces.Add(ctx, 1, ruleAttribute(d.Rule))
	}
	t.decided.Add(int64(d.Spans))
	if d.Fragment {
		t.builder.ProcessorSmartTailSamplingFragmentedTraces.Add(ctx, 1)
	}
	t.noteFragment(d.Fragment)
}

func (t *telemetry) count(o outcome, spans int) {
	sum := t.outcomes[o]
	if sum == nil {
		sum = &tally{attributes: o.attributes()}
		t.outcomes[o] = sum
	}
	if sum.traces == 0 {
		t.pending = append(t.pending, sum)
	}
	sum.traces++
	sum.spans += int64(spans)
}

// Selected implements tailsampling.Observer.
func (t *telemetry) Selected(s *tailsampling.Stats) {
	ctx := context.Background()
	for _, sum := range t.pending {
		t.builder.ProcessorSmartTailSamplingTraces.Add(ctx, sum.traces, sum.attributes)
		t.builder.ProcessorSmartTailSamplingSpans.Add(ctx, sum.spans, sum.attributes)
		sum.allTraces, sum.allSpans = sum.allTraces+sum.traces, sum.allSpans+sum.spans
		sum.traces, sum.spans = 0, 0
	}
	t.pending = t.pending[:0]
	t.notices.look(s)
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
	if !kept {
		t.lateDropped.Add(int64(spans))
	}
	t.builder.ProcessorSmartTailSamplingLateSpans.Add(context.Background(), int64(spans), outcome{decision: decisionName(kept)}.attributes())
}

// Lost implements tailsampling.Observer.
func (t *telemetry) Lost(reason tailsampling.LossReason, spans int) {
	t.logger.Warn("Spans are lost", zap.String("reason", string(reason)), zap.Int("spans", spans))
	t.builder.ProcessorSmartTailSamplingLostSpans.Add(context.Background(), int64(spans), outcome{reason: string(reason)}.attributes())
	t.lost.Add(int64(spans))
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
	t.sent.Add(int64(spans))
}

func (t *telemetry) ruleFailed(err error) {
	t.logger.Warn("A condition of a rule cannot be evaluated, so it does not match", zap.Error(err))
	t.builder.ProcessorSmartTailSamplingRuleErrors.Add(context.Background(), 1)
}

func ruleAttribute(name string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String("rule", name)))
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

// zero makes the counters exist before there is anything to count, so that a rate over them sees their first step.
func (t *telemetry) zero(ctx context.Context, rules []tailsampling.Rule) {
	b := t.builder
	outcomes := []outcome{{"dropped", "baseline"}}
	for _, reason := range []string{"latency", "error", "rarity", "baseline"} {
		outcomes = append(outcomes, outcome{"kept", reason})
	}
	for _, r := range rules {
		b.ProcessorSmartTailSamplingRuleTraces.Add(ctx, 0, ruleAttribute(r.Name))
		switch {
		case r.Action == tailsampling.Drop:
			outcomes = append(outcomes, outcome{"dropped", r.Reason()})
		case r.Action != tailsampling.Weight:
			outcomes = append(outcomes, outcome{"kept", r.Reason()})
		}
	}
	for _, o := range outcomes {
		b.ProcessorSmartTailSamplingTraces.Add(ctx, 0, o.attributes())
		b.ProcessorSmartTailSamplingSpans.Add(ctx, 0, o.attributes())
	}
	for _, decision := range []string{"kept", "dropped"} {
		b.ProcessorSmartTailSamplingLateSpans.Add(ctx, 0, outcome{decision: decision}.attributes())
	}
	for _, reason := range []tailsampling.LossReason{tailsampling.LostInvalidTraceID, tailsampling.LostRejected, tailsampling.LostShutdown} {
		b.ProcessorSmartTailSamplingLostSpans.Add(ctx, 0, outcome{reason: string(reason)}.attributes())
	}
	b.ProcessorSmartTailSamplingAdjustedTraces.Add(ctx, 0)
	b.ProcessorSmartTailSamplingAdjustedTracesVariance.Add(ctx, 0)
	for _, c := range []metric.Int64Counter{
		b.ProcessorSmartTailSamplingFragmentedTraces, b.ProcessorSmartTailSamplingRefusedSpans, b.ProcessorSmartTailSamplingRuleErrors,
		b.ProcessorSmartTailSamplingSentSpans, b.ProcessorSmartTailSamplingUnmarkedTraces,
	} {
		c.Add(ctx, 0)
	}
}

// totals are what was decided so far, for the log. The engine must have stopped.
func (t *telemetry) totals() []zap.Field {
	var kept, dropped, keptSpans, droppedSpans int64
	for o, sum := range t.outcomes {
		if o.decision == decisionName(true) {
			kept, keptSpans = kept+sum.allTraces, keptSpans+sum.allSpans
		} else {
			dropped, droppedSpans = dropped+sum.allTraces, droppedSpans+sum.allSpans
		}
	}
	return []zap.Field{
		zap.Int64("kept_traces", kept), zap.Int64("kept_spans", keptSpans),
		zap.Int64("dropped_traces", dropped), zap.Int64("dropped_spans", droppedSpans),
		zap.Int64("late_dropped_spans", t.lateDropped.Load()), zap.Int64("sent_spans", t.sent.Load()), zap.Int64("lost_spans", t.lost.Load()),
	}
}
