package subject

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Loss is a counter that must stay at zero for a measurement to count: of what was dropped undecided, decided early for want
// of room, refused, or lost. Reason, where not empty, picks one value of that attribute.
type Loss struct{ Metric, Reason string }

// Losses are those of a processor.
func Losses(name Name) []Loss {
	switch name {
	case Smart, Journaled:
		return []Loss{
			{"otelcol_processor_smart_tail_sampling_traces", "overflow"},
			{"otelcol_processor_smart_tail_sampling_refused_spans", ""},
			{"otelcol_processor_smart_tail_sampling_lost_spans", ""},
		}
	case Tail:
		return []Loss{{"otelcol_processor_tail_sampling_sampling_trace_dropped_too_early", ""}}
	}
	return nil
}

// Decisions names the counter of decided traces of a processor and the value of its label decision where a trace is kept.
func Decisions(name Name) (metric, kept string) {
	switch name {
	case Smart:
		return "otelcol_processor_smart_tail_sampling_traces", "kept"
	case Tail:
		return "otelcol_processor_tail_sampling_global_count_traces_sampled", "sampled"
	}
	return "", ""
}

// CheckLosses returns an error if the processor had to give up anything so far.
func (s *Subject) CheckLosses(ctx context.Context) error {
	if s.reader == nil {
		return nil
	}
	var rm metricdata.ResourceMetrics
	if err := s.reader.Collect(ctx, &rm); err != nil {
		return fmt.Errorf("read the metrics of %s: %w", s.name, err)
	}
	for _, loss := range Losses(s.name) {
		if n := total(&rm, loss.Metric, loss.Reason); n > 0 {
			return fmt.Errorf("%s could not hold the load: %s %s is %d; the figures would not be comparable", s.name, loss.Metric, loss.Reason, n)
		}
	}
	return nil
}

// total sums an integer counter over its attributes, or over those with the reason.
func total(rm *metricdata.ResourceMetrics, name, reason string) (n int64) {
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if m.Name != name || !ok {
				continue
			}
			for _, p := range sum.DataPoints {
				if v, _ := p.Attributes.Value("reason"); reason == "" || v.AsString() == reason {
					n += p.Value
				}
			}
		}
	}
	return n
}

// Gauge reads a metric that has one value.
func (s *Subject) Gauge(ctx context.Context, name string) (float64, error) {
	var rm metricdata.ResourceMetrics
	if err := s.reader.Collect(ctx, &rm); err != nil {
		return 0, fmt.Errorf("read the metrics of %s: %w", s.name, err)
	}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			if g, ok := m.Data.(metricdata.Gauge[int64]); ok && m.Name == name && len(g.DataPoints) == 1 {
				return float64(g.DataPoints[0].Value), nil
			}
		}
	}
	return 0, fmt.Errorf("%s has no metric %s", s.name, name)
}
