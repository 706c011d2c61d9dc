package sentinelexporter

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/assayhq/assay/exporter/sentinelexporter/internal/metadata"
	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/hosttest"
)

// running is a started exporter.
type running struct {
	exporter.Traces
	t         *testing.T
	host      *hosttest.Host
	telemetry *componenttest.Telemetry
}

func started(t *testing.T, cfg *Config, h *hosttest.Host) *running {
	t.Helper()
	r := &running{t: t, host: h, telemetry: componenttest.NewTelemetry()}
	set := exportertest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = r.telemetry.NewTelemetrySettings()
	var err error
	r.Traces, err = NewFactory().CreateTraces(t.Context(), set, cfg)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), h))
	return r
}

func (r *running) stop() {
	require.NoError(r.t, r.Shutdown(context.Background()))
	require.NoError(r.t, r.telemetry.Shutdown(context.Background()))
}

// verdicts reads the metric.
func (r *running) verdicts() map[string]int64 {
	m, err := r.telemetry.GetMetric("otelcol_exporter_sentinel_verdicts")
	all := map[string]int64{}
	if err != nil {
		return all
	}
	for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
		verdict, _ := p.Attributes.Value("verdict")
		all[verdict.AsString()] += p.Value
	}
	return all
}

func newStream(t testing.TB) *traffic.Stream {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	shop, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	c := createDefaultConfig().(*Config).Streams.Streams(shop)[0]
	s, err := traffic.NewStream(key, c)
	require.NoError(t, err)
	return s
}

func aloneConfig() *Config {
	c := createDefaultConfig().(*Config)
	c.Key = secret
	late, lost := 2*time.Second, 6*time.Second
	c.LateAfter, c.LostAfter = &late, &lost
	return c
}

// generate lets a generator send into the exporter for a while; answer may lose or change what it sends.
func (r *running) generate(d time.Duration, answer func(ptrace.Traces) bool) generator.Counts {
	g := generator.New(generator.Config{
		Instance: 3, Streams: []*traffic.Stream{newStream(r.t)}, Run: 1, Retry: generator.DefaultRetry(),
		Send: func(ctx context.Context, td ptrace.Traces) error {
			if answer != nil && !answer(td) {
				return nil
			}
			return r.ConsumeTraces(ctx, td)
		},
	})
	g.Start()
	time.Sleep(d) //nolint:forbidigo // the bubble's clock
	require.NoError(r.t, g.Shutdown(r.t.Context()))
	return g.Counts(0)
}

// In a collector of its own, with nothing but the key, the exporter knows what must arrive.
func TestAloneWithTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hosttest.Host{}
		r := started(t, aloneConfig(), h)
		sent := r.generate(10*time.Second, nil)
		time.Sleep(2900 * time.Millisecond) //nolint:forbidigo // the bubble's clock
		got := r.verdicts()
		delete(got, "generator_gap") // of the second in which it was stopped
		assert.Equal(t, map[string]int64{"delivered": int64(sent.Accepted)}, got)
		m, err := r.telemetry.GetMetric("otelcol_exporter_sentinel_delivery_duration")
		require.NoError(t, err)
		assert.Equal(t, sent.Accepted, m.Data.(metricdata.Histogram[float64]).DataPoints[0].Count)
		assert.Empty(t, h.Statuses())
		r.stop()
	})
}

func TestFaultsShowInMetricsAndStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hosttest.Host{}
		r := started(t, aloneConfig(), h)
		var batches atomic.Int64
		r.generate(10*time.Second, func(td ptrace.Traces) bool {
			if td.SpanCount() == 1 {
				return true // a manifest
			}
			n := batches.Add(1)
			if n == 30 {
				td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetName("changed")
			}
			return n != 60
		})
		time.Sleep(1500 * time.Millisecond) //nolint:forbidigo // the bubble's clock
		assert.Contains(t, h.Statuses(), componentstatus.StatusRecoverableError)
		time.Sleep(10 * time.Second) //nolint:forbidigo // the bubble's clock
		got := r.verdicts()
		assert.Equal(t, int64(1), got["corrupt"])
		assert.Positive(t, got["incomplete"]+got["missing"])
		m, err := r.telemetry.GetMetric("otelcol_exporter_sentinel_changed_fields")
		require.NoError(t, err)
		field, _ := m.Data.(metricdata.Sum[int64]).DataPoints[0].Attributes.Value("field")
		assert.Equal(t, "name", field.AsString())
		r.stop()
	})
}

// A generator that ends is silence: nothing is known, and that is not well.
func TestSilenceShowsInStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hosttest.Host{}
		r := started(t, aloneConfig(), h)
		r.generate(5*time.Second, nil)
		time.Sleep(4 * time.Second) //nolint:forbidigo // the bubble's clock
		require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, h.Statuses())
		require.ErrorContains(t, h.Events()[0].Err(), "unknown: the generator of stream ambient is silent")
		r.generate(5*time.Second, nil)
		assert.Equal(t, componentstatus.StatusOK, h.Statuses()[1])
		r.stop()
	})
}

// sentinel is an extension that notes where exporters attach.
type sentinel struct {
	component.Component
	key     *identity.Key
	place   vantage.Place
	spans   int
	closed  bool
	attends component.ID
}

func (s *sentinel) Key() *identity.Key { return s.key }
func (s *sentinel) Instance() uint16   { return 3 }
func (s *sentinel) Announce(component.ID, []vantage.Stream) (vantage.Ledger, error) {
	return nil, nil
}

func (s *sentinel) Attach(exporter component.ID, place vantage.Place) (vantage.Judge, error) {
	s.place, s.attends = place, exporter
	return s, nil
}
func (s *sentinel) Observe(td ptrace.Traces) { s.spans += td.SpanCount() }
func (s *sentinel) State() verify.State      { return verify.State{Overdue: 5} }
func (s *sentinel) Close()                   { s.closed = true }

func TestAttachesToTheExtension(t *testing.T) {
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	s := &sentinel{key: key}
	r := started(t, createDefaultConfig().(*Config), &hosttest.Host{Extensions: map[component.ID]component.Component{component.MustNewID("sentinel"): s}})
	assert.Equal(t, key, s.place.Key)
	require.NoError(t, r.ConsumeTraces(t.Context(), foreign(7)))
	assert.Equal(t, 7, s.spans)
	s.place.Report(verify.Judgement{Verdict: verify.Late, Traces: 2, Stream: "ambient"})
	assert.Equal(t, map[string]int64{"late": 2}, r.verdicts())
	m, err := r.telemetry.GetMetric("otelcol_exporter_sentinel_overdue_traces")
	require.NoError(t, err)
	assert.Equal(t, int64(5), m.Data.(metricdata.Gauge[int64]).DataPoints[0].Value)
	r.stop()
	assert.True(t, s.closed)
}

func TestNeedsAKey(t *testing.T) {
	e, err := NewFactory().CreateTraces(t.Context(), exportertest.NewNopSettings(metadata.Type), createDefaultConfig())
	require.NoError(t, err)
	require.EqualError(t, e.Start(t.Context(), &hosttest.Host{}), "key: must be set, or the sentinel extension added to service::extensions; "+
		"it is the generator's, of at least 16 bytes")
	require.NoError(t, e.Shutdown(t.Context()))
}

// foreign is n spans of nobody we know.
func foreign(n int) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		span := spans.AppendEmpty()
		span.SetTraceID(pcommon.TraceID{1, byte(i), byte(i >> 8)})
		span.SetSpanID(pcommon.SpanID{byte(i), 1})
		span.SetName("GET /")
	}
	return td
}

// A span of others must cost less than 50 ns; see README.md.
func BenchmarkForeignSpan(b *testing.B) {
	e, err := newExporter(exportertest.NewNopSettings(metadata.Type), aloneConfig())
	require.NoError(b, err)
	require.NoError(b, e.start(b.Context(), &hosttest.Host{}))
	defer func() { _ = e.shutdown(context.Background()) }()
	const batch = 1000
	td := foreign(batch)
	b.ReportAllocs()
	for b.Loop() {
		_ = e.consume(b.Context(), td)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/span")
}
