package tracediffexporter

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/assayhq/assay/exporter/tracediffexporter/internal/metadata"
	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// telemetry turns what the service tells into the component's own metrics and status.
type telemetry struct {
	builder *metadata.TelemetryBuilder
	host    component.Host
	away    atomic.Bool
}

var _ tracediff.Observer = (*telemetry)(nil)

func newTelemetry(set component.TelemetrySettings) (*telemetry, error) {
	b, err := metadata.NewTelemetryBuilder(set)
	return &telemetry{builder: b}, err
}

func with(kv ...string) metric.MeasurementOption {
	set := make([]attribute.KeyValue, 0, len(kv)/2)
	for pair := range slices.Chunk(kv, 2) {
		set = append(set, attribute.String(pair[0], pair[1]))
	}
	return metric.WithAttributeSet(attribute.NewSet(set...))
}

// Finished implements tracediff.Observer.
func (t *telemetry) Finished(_ string, s *snapshot.Snapshot) {
	t.builder.ExporterTraceDiffWindows.Add(context.Background(), 1, with("state", string(s.State)))
}

// Compared implements tracediff.Observer.
func (t *telemetry) Compared(_ string, d *store.Diff) {
	result := "same"
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Flagged {
			result = "flagged"
		}
		if c.Standing == compare.Confirmed || c.Standing == compare.Cleared {
			t.builder.ExporterTraceDiffChanges.Add(context.Background(), 1, with("standing", string(c.Standing), "verdict", string(c.Verdict)))
		}
	}
	t.builder.ExporterTraceDiffDiffs.Add(context.Background(), 1, with("result", result))
}

// LostWindows implements tracediff.Observer.
func (t *telemetry) LostWindows(reason string, n int) {
	t.builder.ExporterTraceDiffLostWindows.Add(context.Background(), int64(n), with("reason", reason))
}

// Available implements tracediff.Observer.
func (t *telemetry) Available(err error) {
	t.away.Store(err != nil)
	if err != nil {
		componentstatus.ReportStatus(t.host, componentstatus.NewRecoverableErrorEvent(err))
		return
	}
	componentstatus.ReportStatus(t.host, componentstatus.NewEvent(componentstatus.StatusOK))
}

// Alerted implements tracediff.Observer.
func (t *telemetry) Alerted(target string, outcome alert.Outcome, alerts int) {
	t.builder.ExporterTraceDiffAlerts.Add(context.Background(), int64(alerts), with("target", target, "outcome", string(outcome)))
}

// watch registers what is read when metrics are collected.
func (t *telemetry) watch(s *tracediff.Service, limit int64) error {
	count := func(of func(*window.Stats) int64) metric.Int64Callback {
		return func(_ context.Context, o metric.Int64Observer) error {
			stats, _ := s.Stats()
			o.Observe(of(&stats))
			return nil
		}
	}
	b := t.builder
	return errors.Join(
		b.RegisterExporterTraceDiffSpansCallback(count(func(s *window.Stats) int64 { return s.Spans })),
		b.RegisterExporterTraceDiffTracesCallback(count(func(s *window.Stats) int64 { return s.Traces })),
		b.RegisterExporterTraceDiffEarlyTracesCallback(count(func(s *window.Stats) int64 { return s.Early })),
		b.RegisterExporterTraceDiffBufferedTracesCallback(count(func(s *window.Stats) int64 { return int64(s.Buffered) })),
		b.RegisterExporterTraceDiffMemoryLimitCallback(count(func(*window.Stats) int64 { return limit })),
		b.RegisterExporterTraceDiffStoreAvailableCallback(count(func(*window.Stats) int64 {
			if t.away.Load() {
				return 0
			}
			return 1
		})),
		b.RegisterExporterTraceDiffLeftOutSpansCallback(func(_ context.Context, o metric.Int64Observer) error {
			stats, _ := s.Stats()
			for reason, n := range map[string]int64{
				"late": stats.Late, "future": stats.Future, "dropped": stats.Dropped, "invalid": stats.Invalid, "untimed": stats.Untimed,
			} {
				o.Observe(n, with("reason", reason))
			}
			return nil
		}),
		b.RegisterExporterTraceDiffMemoryCallback(func(_ context.Context, o metric.Int64Observer) error {
			stats, queued := s.Stats()
			for part, n := range map[string]int64{"buffers": stats.BufferBytes, "windows": stats.GroupBytes, "queue": int64(queued)} {
				o.Observe(n, with("part", part))
			}
			return nil
		}),
	)
}

func (t *telemetry) close() { t.builder.Shutdown() }
