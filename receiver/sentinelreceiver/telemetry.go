package sentinelreceiver

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/lograte"
	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadata"
)

// telemetry is the component's own metrics, and what every receiver reports.
type telemetry struct {
	builder *metadata.TelemetryBuilder
	obs     *receiverhelper.ObsReport
	logger  *zap.Logger // says each message once a minute
}

// Transport and format in the reports that all receivers make.
const (
	transport = "in_process"
	format    = "sentinel"
)

func newTelemetry(set receiver.Settings) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	obs, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID: set.ID, Transport: transport, LongLivedCtx: true, ReceiverCreateSettings: set,
	})
	if err != nil {
		return nil, err
	}
	return &telemetry{builder: builder, obs: obs, logger: lograte.OncePerMinute(set.Logger)}, nil
}

// watch registers what is read from the generator when metrics are collected.
func (t *telemetry) watch(streams []vantage.Stream, g *generator.Generator) error {
	each := func(observe func(c generator.Counts, with func(outcome string) metric.MeasurementOption)) {
		for i, s := range streams {
			observe(g.Counts(i), func(outcome string) metric.MeasurementOption { return labels(s.Config().Name, outcome) })
		}
	}
	b := t.builder
	if err := b.RegisterReceiverSentinelAttemptedTracesCallback(func(_ context.Context, o metric.Int64Observer) error {
		each(func(c generator.Counts, with func(string) metric.MeasurementOption) {
			o.Observe(int64(c.Attempted), with(""))
		})
		return nil
	}); err != nil {
		return err
	}
	if err := b.RegisterReceiverSentinelRetriesCallback(func(_ context.Context, o metric.Int64Observer) error {
		each(func(c generator.Counts, with func(string) metric.MeasurementOption) {
			o.Observe(int64(c.Retries), with(""))
		})
		return nil
	}); err != nil {
		return err
	}
	if err := b.RegisterReceiverSentinelSettledSlotCallback(func(_ context.Context, o metric.Int64Observer) error {
		each(func(c generator.Counts, with func(string) metric.MeasurementOption) {
			o.Observe(int64(c.Settled), with(""))
		})
		return nil
	}); err != nil {
		return err
	}
	if err := b.RegisterReceiverSentinelSpansCallback(func(_ context.Context, o metric.Int64Observer) error {
		each(func(c generator.Counts, with func(string) metric.MeasurementOption) {
			o.Observe(int64(c.SpansAccepted), with(accepted))
			o.Observe(int64(c.SpansRefused), with(refused))
		})
		return nil
	}); err != nil {
		return err
	}
	return b.RegisterReceiverSentinelTracesCallback(func(_ context.Context, o metric.Int64Observer) error {
		each(func(c generator.Counts, with func(string) metric.MeasurementOption) {
			o.Observe(int64(c.Accepted), with(accepted))
			o.Observe(int64(c.Refused), with(refused))
			o.Observe(int64(c.Skipped), with(skipped))
		})
		return nil
	})
}

// Values of the attribute outcome.
const (
	accepted = "accepted"
	refused  = "refused"
	skipped  = "skipped"
)

func labels(stream, outcome string) metric.MeasurementOption {
	kv := []attribute.KeyValue{attribute.String("stream", stream)}
	if outcome != "" {
		kv = append(kv, attribute.String("outcome", outcome))
	}
	return metric.WithAttributeSet(attribute.NewSet(kv...))
}

func (t *telemetry) close() { t.builder.Shutdown() }

// observer passes on what the generator says. Every batch, retried or not, is one operation of the receiver.
type observer struct {
	telemetry *telemetry
	ledger    vantage.Ledger
	host      component.Host
	refusing  atomic.Bool
}

var _ generator.Observer = (*observer)(nil)

// Begin implements generator.Observer.
func (o *observer) Begin(ctx context.Context) context.Context {
	return o.telemetry.obs.StartTracesOp(ctx)
}

// End implements generator.Observer. The component's status follows the pipeline: it is an error from the first batch that is refused
// to the first that is accepted.
func (o *observer) End(ctx context.Context, stream *traffic.Stream, spans int, err error) {
	o.telemetry.obs.EndTracesOp(ctx, format, spans, err)
	switch {
	case err != nil:
		o.telemetry.logger.Warn("The pipeline refuses spans of the sentinel", zap.String("stream", stream.Config().Name), zap.Int("spans", spans), zap.Error(err))
		if !o.refusing.Swap(true) {
			componentstatus.ReportStatus(o.host, componentstatus.NewRecoverableErrorEvent(err))
		}
	case o.refusing.Swap(false):
		componentstatus.ReportStatus(o.host, componentstatus.NewEvent(componentstatus.StatusOK))
	}
}

// Told implements generator.Observer.
func (o *observer) Told(stream *traffic.Stream, m *traffic.Manifest) {
	if o.ledger != nil {
		o.ledger.Told(stream, m)
	}
}
