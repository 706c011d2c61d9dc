package smarttailsampling

import (
	"context"
	"errors"
	"math"

	"go.opentelemetry.io/otel/metric"

	"github.com/assayhq/assay/internal/smarttailsampling/internal/metadata"
	"github.com/assayhq/assay/internal/tailsampling"
)

// gaugeWatch reads the engine's state whenever metrics are collected.
type gaugeWatch struct {
	engine    *tailsampling.Engine
	telemetry *telemetry
}

func (w gaugeWatch) register(b *metadata.TelemetryBuilder) error {
	return errors.Join(
		b.RegisterProcessorSmartTailSamplingBufferedTracesCallback(w.count(func(s *tailsampling.Stats) int64 { return int64(s.Traces) })),
		b.RegisterProcessorSmartTailSamplingBufferedSpansCallback(w.count(func(s *tailsampling.Stats) int64 { return int64(s.Spans) })),
		b.RegisterProcessorSmartTailSamplingMemoryCallback(w.count(func(s *tailsampling.Stats) int64 { return s.Bytes })),
		b.RegisterProcessorSmartTailSamplingMemoryLimitCallback(w.count(func(s *tailsampling.Stats) int64 { return s.Limit })),
		b.RegisterProcessorSmartTailSamplingPathsCallback(w.count(func(s *tailsampling.Stats) int64 { return int64(s.Paths) })),
		b.RegisterProcessorSmartTailSamplingFoldedPathsCallback(w.count(func(s *tailsampling.Stats) int64 { return int64(s.FoldedPaths) })),
		b.RegisterProcessorSmartTailSamplingRulesExceedBudgetCallback(w.count(func(s *tailsampling.Stats) int64 {
			if s.RulesExceed {
				return 1
			}
			return 0
		})),
		b.RegisterProcessorSmartTailSamplingNotRandomTracesCallback(w.count(func(s *tailsampling.Stats) int64 { return int64(s.NotRandom) })),
		b.RegisterProcessorSmartTailSamplingRulesOverrunCallback(w.value(func(s *tailsampling.Stats) float64 { return s.RulesOverrun })),
		b.RegisterProcessorSmartTailSamplingBudgetUsedCallback(w.value(func(s *tailsampling.Stats) float64 { return s.BudgetUsed })),
		b.RegisterProcessorSmartTailSamplingCutoffCallback(w.value(func(s *tailsampling.Stats) float64 { return s.Cutoff })),
		b.RegisterProcessorSmartTailSamplingBaselineProbabilityCallback(w.value(func(s *tailsampling.Stats) float64 { return s.Floor })),
		w.registerJournal(b),
		b.RegisterProcessorSmartTailSamplingCompletenessCallback(w.value(func(*tailsampling.Stats) float64 { return w.telemetry.completeness() })),
	)
}

func (w gaugeWatch) count(of func(*tailsampling.Stats) int64) metric.Int64Callback {
	return func(_ context.Context, o metric.Int64Observer) error {
		s := w.engine.Stats()
		o.Observe(of(&s))
		return nil
	}
}

func (w gaugeWatch) value(of func(*tailsampling.Stats) float64) metric.Float64Callback {
	return func(_ context.Context, o metric.Float64Observer) error {
		s := w.engine.Stats()
		if v := of(&s); !math.IsNaN(v) && !math.IsInf(v, 0) {
			o.Observe(v)
		}
		return nil
	}
}

// completeness is 1 before the first decision.
func (t *telemetry) completeness() float64 {
	decided, late := t.decided.Load(), t.late.Load()
	if decided+late == 0 {
		return 1
	}
	return float64(decided) / float64(decided+late)
}
