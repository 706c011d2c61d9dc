package sentinelextension

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/assayhq/assay/extension/sentinelextension/internal/metadata"
	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/internal/sentinel/watch"
)

// telemetry turns what the watch tells into the component's own metrics, status and log.
type telemetry struct {
	builder *metadata.TelemetryBuilder
	logger  *zap.Logger
	host    component.Host
	silent  bool // the last heartbeat failed
}

var _ watch.Observer = (*telemetry)(nil)

func newTelemetry(set component.TelemetrySettings) (*telemetry, error) {
	b, err := metadata.NewTelemetryBuilder(set)
	return &telemetry{builder: b, logger: set.Logger}, err
}

func with(kv ...string) metric.MeasurementOption {
	set := make([]attribute.KeyValue, 0, len(kv)/2)
	for pair := range slices.Chunk(kv, 2) {
		set = append(set, attribute.String(pair[0], pair[1]))
	}
	return metric.WithAttributeSet(attribute.NewSet(set...))
}

// Judged implements watch.Observer.
func (t *telemetry) Judged(vantage string, j *verify.Judgement) {
	ctx := context.Background()
	t.builder.ExtensionSentinelVerdicts.Add(ctx, int64(max(1, j.Traces)), with("vantage", vantage, "verdict", j.Verdict.String()))
	if j.Delay > 0 && j.Was == verify.None && (j.Verdict == verify.Delivered || j.Verdict == verify.Late) {
		t.builder.ExtensionSentinelDeliveryDuration.Record(ctx, j.Delay.Seconds(), with("vantage", vantage))
	}
}

// Changed implements watch.Observer.
func (t *telemetry) Changed(from watch.State, to *watch.Report) {
	why := strings.Join(to.Reasons, "; ")
	fields := []zap.Field{zap.String("from", string(from)), zap.String("to", string(to.State)), zap.String("why", why)}
	switch to.State {
	case watch.OK, watch.Starting:
		t.logger.Info("The sentinel's verdict has changed", fields...)
		componentstatus.ReportStatus(t.host, componentstatus.NewEvent(componentstatus.StatusOK))
	default:
		t.logger.Warn("The sentinel's verdict has changed", fields...)
		componentstatus.ReportStatus(t.host, componentstatus.NewRecoverableErrorEvent(errors.New(string(to.State)+": "+why)))
	}
}

// Alerted implements watch.Observer.
func (t *telemetry) Alerted(alert string, r alertcycle.Result) {
	ctx := context.Background()
	t.builder.ExtensionSentinelAlerts.Add(ctx, 1, with("alert", alert, "outcome", string(r.Outcome)))
	for transition, d := range map[string]time.Duration{"fired": r.Fired, "told": r.Told, "cleared": r.Cleared} {
		if d >= 0 {
			t.builder.ExtensionSentinelAlertTransitionDuration.Record(ctx, d.Seconds(), with("alert", alert, "transition", transition))
		}
	}
	if r.Outcome != alertcycle.Verified {
		t.logger.Warn("An alert did not go through its burst as it should", zap.String("alert", alert), zap.Time("burst", r.Burst.Start),
			zap.String("outcome", string(r.Outcome)), zap.String("broken", string(r.Broken)))
	}
}

// Looked implements watch.Observer.
func (t *telemetry) Looked(backend string, err error) {
	t.builder.ExtensionSentinelLookups.Add(context.Background(), 1, with("backend", backend, "outcome", outcome(err)))
}

// Beat implements watch.Observer. Heartbeats come one after the other; that they fail is told once, until they work again.
func (t *telemetry) Beat(err error) {
	t.builder.ExtensionSentinelHeartbeats.Add(context.Background(), 1, with("outcome", outcome(err)))
	switch {
	case err != nil && !t.silent:
		t.logger.Warn("The dead man's switch did not take a heartbeat", zap.Error(err))
	case err == nil && t.silent:
		t.logger.Info("The dead man's switch takes heartbeats again")
	}
	t.silent = err != nil
}

func outcome(err error) string {
	if err != nil {
		return "failed"
	}
	return "answered"
}

// watch registers what is read when metrics are collected.
func (t *telemetry) watch(w *watch.Watch) error {
	b := t.builder
	judging := func(of func(*watch.Vantage, float64Observer)) metric.Float64Callback {
		return func(_ context.Context, o metric.Float64Observer) error {
			r := w.Report()
			for i := range r.Vantages {
				if r.Vantages[i].SLO != nil {
					of(&r.Vantages[i], o.Observe)
				}
			}
			return nil
		}
	}
	objectives := func(of func(v *watch.Vantage, name string, objective *slo.Objective, observe float64Observer)) metric.Float64Callback {
		return judging(func(v *watch.Vantage, observe float64Observer) {
			of(v, "completeness", &v.SLO.Completeness, observe)
			of(v, "latency", &v.SLO.Latency, observe)
		})
	}
	return errors.Join(
		b.RegisterExtensionSentinelStateCallback(func(_ context.Context, o metric.Int64Observer) error {
			now := w.State()
			for _, s := range []watch.State{watch.OK, watch.Starting, watch.Degraded, watch.Unknown} {
				is := int64(0)
				if s == now {
					is = 1
				}
				o.Observe(is, with("state", string(s)))
			}
			return nil
		}),
		b.RegisterExtensionSentinelOverdueTracesCallback(func(_ context.Context, o metric.Int64Observer) error {
			for _, v := range w.Report().Vantages {
				if v.SLO != nil {
					o.Observe(int64(v.Overdue), with("vantage", v.Name))
				}
			}
			return nil
		}),
		b.RegisterExtensionSentinelCoverageCallback(judging(func(v *watch.Vantage, observe float64Observer) {
			observe(v.SLO.Coverage, with("vantage", v.Name))
		})),
		b.RegisterExtensionSentinelFreshnessCallback(judging(func(v *watch.Vantage, observe float64Observer) {
			if !v.Newest.IsZero() {
				observe(max(0, time.Since(v.Newest).Seconds()), with("vantage", v.Name))
			}
		})),
		b.RegisterExtensionSentinelBudgetLeftCallback(objectives(func(v *watch.Vantage, name string, o *slo.Objective, observe float64Observer) {
			observe(o.Budget, with("vantage", v.Name, "objective", name))
		})),
		b.RegisterExtensionSentinelBurnRateCallback(objectives(func(v *watch.Vantage, name string, o *slo.Objective, observe float64Observer) {
			observe(o.Burn, with("vantage", v.Name, "objective", name, "span", "window"))
			observe(o.ShortBurn, with("vantage", v.Name, "objective", name, "span", "short"))
		})),
	)
}

// float64Observer is metric.Float64Observer's method.
type float64Observer = func(value float64, options ...metric.ObserveOption)

func (t *telemetry) close() { t.builder.Shutdown() }
