package sentinelexporter

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/assayhq/assay/exporter/sentinelexporter/internal/metadata"
	"github.com/assayhq/assay/internal/lograte"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// telemetry turns verdicts into metrics and logs.
type telemetry struct {
	builder *metadata.TelemetryBuilder
	logger  *zap.Logger // says each message once a minute
	id      attribute.KeyValue
}

func newTelemetry(id component.ID, set component.TelemetrySettings) (*telemetry, error) {
	b, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, err
	}
	return &telemetry{builder: b, logger: lograte.OncePerMinute(set.Logger), id: attribute.String("exporter", id.String())}, nil
}

// report takes a verdict.
func (t *telemetry) report(j verify.Judgement) {
	ctx, stream := context.Background(), attribute.String("stream", j.Stream)
	t.builder.ExporterSentinelVerdicts.Add(ctx, int64(j.Traces), metric.WithAttributes(t.id, stream, attribute.String("verdict", j.Verdict.String())))
	if j.Delay > 0 && j.Was == verify.None {
		t.builder.ExporterSentinelDeliveryDuration.Record(ctx, j.Delay.Seconds(), metric.WithAttributes(t.id, stream))
	}
	if j.Fields != 0 {
		for _, f := range verify.AllFields() {
			if j.Fields.Has(f) {
				t.builder.ExporterSentinelChangedFields.Add(ctx, 1, metric.WithAttributes(t.id, attribute.String("field", f.String())))
			}
		}
	}
	if j.Verdict.Failing() {
		t.logger.Warn("A trace of the sentinel has not arrived as it was sent; others like it are counted, not logged, for a minute",
			zap.Stringer("verdict", j.Verdict), zap.Stringer("trace_id", j.Sealed), zap.String("stream", j.Stream), zap.String("detail", j.Detail))
	}
}

// watch registers what is read from the verifier when metrics are collected.
func (t *telemetry) watch(judge vantage.Judge) error {
	number := func(value func(verify.State) int64) metric.Int64Callback {
		return func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(value(judge.State()), metric.WithAttributes(t.id))
			return nil
		}
	}
	b := t.builder
	return errors.Join(
		b.RegisterExporterSentinelForeignSpansCallback(number(func(s verify.State) int64 { return int64(s.Foreign) })),
		b.RegisterExporterSentinelOpenTracesCallback(number(func(s verify.State) int64 { return int64(s.Open) })),
		b.RegisterExporterSentinelOverdueTracesCallback(number(func(s verify.State) int64 { return int64(s.Overdue) })),
		b.RegisterExporterSentinelUnjudgedTracesCallback(number(func(s verify.State) int64 { return int64(s.Unjudged) })),
		b.RegisterExporterSentinelSilentGeneratorsCallback(number(func(s verify.State) (n int64) {
			for _, one := range s.Sources {
				if one.Silent || one.Foreign != "" {
					n++
				}
			}
			return n
		})),
		b.RegisterExporterSentinelFreshnessCallback(func(_ context.Context, o metric.Float64Observer) error {
			longest := map[string]time.Duration{}
			for _, one := range judge.State().Sources {
				if one.Heard >= 0 {
					longest[one.Stream] = max(longest[one.Stream], one.Heard)
				}
			}
			for stream, heard := range longest {
				o.Observe(heard.Seconds(), metric.WithAttributes(t.id, attribute.String("stream", stream)))
			}
			return nil
		}),
	)
}

func (t *telemetry) close() { t.builder.Shutdown() }
