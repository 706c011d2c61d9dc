package sentinelreceiver

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/streamconfig"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadata"
	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadatatest"
	"github.com/assayhq/assay/test/hosttest"
)

// What arrives can be rebuilt by whoever has the key and the configuration, without having seen this process.
func TestSendsWhatIsExpected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, changed(func(c *Config) { c.Instance = "node-7" }), nil, nil)
		wait(11*time.Second + 450*time.Millisecond)
		p.stop()
		key, err := identity.NewKey(secret)
		require.NoError(t, err)
		top, err := topology.Load(topology.Shop)
		require.NoError(t, err)
		stream, err := traffic.NewStream(key, changed(nil).Streams.Streams(top)[0])
		require.NoError(t, err)
		arrived := map[identity.TraceID]int{}
		for _, span := range spans(p.sink.AllTraces()) {
			id, ours := key.Open(span.TraceID())
			require.True(t, ours && stream.Has(id))
			require.Equal(t, identity.InstanceOf("node-7"), id.Instance)
			index, ours := key.OpenSpan(id, span.SpanID())
			require.True(t, ours)
			var want traffic.Trace
			stream.Trace(id, &want)
			expected := ptrace.NewSpan()
			want.FillSpan(int(index), expected)
			require.Equal(t, expected, span)
			arrived[id]++
		}
		assert.Len(t, arrived, 105)
		for id, n := range arrived {
			var want traffic.Trace
			stream.Trace(id, &want)
			require.Len(t, want.Spans, n)
		}
	})
}

// With a sentinel extension, key and instance are the extension's, and it is told of streams and manifests.
func TestExtension(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key, err := identity.NewKey("the secret of the extension")
		require.NoError(t, err)
		l := &ledger{key: key}
		id := component.MustNewIDWithName("sentinel", "eu")
		cfg := changed(func(c *Config) {
			c.Key = ""
			c.Streams.Burst = configoptional.Some(streamconfig.Burst{
				Shape: streamconfig.Shape{Number: 1, Rate: 2, Batches: 1}, Every: time.Minute, For: 30 * time.Second, ErrorShare: 1, Alert: "Burst",
			})
		})
		p := started(t, cfg, &hosttest.Host{Extensions: map[component.ID]component.Component{id: l}}, nil)
		wait(5500 * time.Millisecond)
		p.stop()
		require.Len(t, l.streams, 1, "where burst is set and ambient is not, there is only burst")
		assert.Equal(t, "Burst", l.streams[0].Alert)
		assert.Equal(t, metadata.Type, l.receiver.Type())
		assert.Len(t, l.manifests, 5)
		assert.True(t, l.closed)
		got := spans(p.sink.AllTraces())
		require.NotEmpty(t, got)
		for _, span := range got {
			id, ours := key.Open(span.TraceID())
			require.True(t, ours)
			require.Equal(t, uint16(99), id.Instance)
		}
	})
}

// The pods of a DaemonSet, and two receivers of one collector, send different traces without being told to.
func TestInstances(t *testing.T) {
	instance := func(name, node string, cfg *Config) uint16 {
		t.Setenv("K8S_NODE_NAME", node)
		set := receivertest.NewNopSettings(metadata.Type)
		set.ID = component.NewIDWithName(metadata.Type, name)
		r, err := newReceiver(set, cfg)
		require.NoError(t, err)
		_, instance, _, err := r.identify(&hosttest.Host{})
		require.NoError(t, err)
		return instance
	}
	auto, named := changed(nil), changed(func(c *Config) { c.Instance = "eu" })
	first := instance("a", "node-1", auto)
	assert.Equal(t, first, instance("a", "node-1", auto), "the same after a restart")
	assert.NotEqual(t, first, instance("a", "node-2", auto))
	assert.NotEqual(t, first, instance("b", "node-1", auto))
	assert.Equal(t, identity.InstanceOf("eu"), instance("a", "node-1", named))
	assert.NotZero(t, instance("a", "", auto), "the name of the host")
}

func TestDoesNotStart(t *testing.T) {
	start := func(cfg *Config, h *hosttest.Host) error {
		r, err := NewFactory().CreateTraces(t.Context(), receivertest.NewNopSettings(metadata.Type), cfg, consumertest.NewNop())
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Shutdown(context.Background())) }()
		return r.Start(t.Context(), h)
	}
	withoutKey := changed(func(c *Config) { c.Key = "" })
	require.EqualError(t, start(withoutKey, &hosttest.Host{}), "key: must be set, or the sentinel extension added to service::extensions; "+
		"verifiers need the same key, of at least 16 bytes")

	eu, us := component.MustNewIDWithName("sentinel", "eu"), component.MustNewIDWithName("sentinel", "us")
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	taken := &ledger{key: key, refuse: errors.New("streams::ambient::number: 0 is taken by sentinel/2")}
	require.EqualError(t, start(withoutKey, &hosttest.Host{Extensions: map[component.ID]component.Component{eu: taken}}), taken.refuse.Error())
	require.ErrorContains(t, start(changed(func(c *Config) { c.Key, c.Extension = "", &us }), &hosttest.Host{}), `there is no extension "sentinel/us"`)
	require.ErrorContains(t, start(changed(func(c *Config) { c.Key = "short" }), &hosttest.Host{}), "at least 16 bytes")
	require.ErrorContains(t, start(changed(func(c *Config) { c.Topology = filepath.Join(t.TempDir(), "none") }), &hosttest.Host{}), "topology: ")
}

// Without a pipeline of traces there is nothing to send, and nothing to tell of.
func TestMetricsAlone(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r, err := NewFactory().CreateMetrics(t.Context(), receivertest.NewNopSettings(metadata.Type), changed(nil), sink)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), &hosttest.Host{}))
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Empty(t, sink.AllMetrics())
}

// point is a data point with attributes as key, value, key, value ...
func point(v int64, kv ...string) metricdata.DataPoint[int64] {
	var attributes []attribute.KeyValue
	for i := 0; i+1 < len(kv); i += 2 {
		attributes = append(attributes, attribute.String(kv[i], kv[i+1]))
	}
	return metricdata.DataPoint[int64]{Attributes: attribute.NewSet(attributes...), Value: v}
}

// The collector's own metrics, those of every receiver among them, say what was attempted, accepted and refused; so do the metrics that
// a pipeline gets. They agree with what the next consumer has seen.
func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refusing atomic.Bool
		var taken, turned atomic.Int64
		next, err := consumer.NewTraces(func(_ context.Context, td ptrace.Traces) error {
			if refusing.Load() {
				turned.Add(int64(td.SpanCount()))
				return consumererror.NewPermanent(errors.New("no"))
			}
			taken.Add(int64(td.SpanCount()))
			return nil
		})
		require.NoError(t, err)
		p := started(t, changed(nil), nil, next)
		wait(11*time.Second + 20*time.Millisecond)
		refusing.Store(true)
		wait(10 * time.Second)
		refusing.Store(false)
		wait(10*time.Second + 450*time.Millisecond)
		require.NoError(t, p.receiver.Shutdown(context.Background()))

		c := p.receiver.(*sentinelReceiver).generator.Counts(0)
		assert.Equal(t, c.Attempted, c.Accepted+c.Refused)
		assert.Positive(t, c.Refused)
		last := p.metrics.AllMetrics()[len(p.metrics.AllMetrics())-1]
		assert.Len(t, p.metrics.AllMetrics(), 4, "three intervals and the end")
		values := map[string]int64{}
		for _, m := range last.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
			var points pmetric.NumberDataPointSlice
			if m.Name() == metricSlot {
				points = m.Gauge().DataPoints()
			} else {
				points = m.Sum().DataPoints()
				assert.True(t, m.Sum().IsMonotonic())
			}
			for _, dp := range points.All() {
				name := m.Name()
				if outcome, ok := dp.Attributes().Get("outcome"); ok {
					name += " " + outcome.Str()
				}
				stream, _ := dp.Attributes().Get("stream")
				assert.Equal(t, "ambient", stream.Str())
				values[name] = dp.IntValue()
			}
		}
		assert.Equal(t, map[string]int64{
			"assay.sentinel.traces accepted": int64(c.Accepted), "assay.sentinel.traces refused": int64(c.Refused),
			"assay.sentinel.traces skipped": int64(c.Skipped), "assay.sentinel.spans accepted": int64(c.SpansAccepted),
			"assay.sentinel.spans refused": int64(c.SpansRefused), "assay.sentinel.slot": int64(c.Settled),
		}, values)
		manifests := int64(31)
		assert.Equal(t, taken.Load()+turned.Load(), int64(c.SpansAccepted+c.SpansRefused)+manifests)

		accepted, err := p.telemetry.GetMetric("otelcol_receiver_accepted_spans")
		require.NoError(t, err)
		metricdatatest.AssertEqual(t, sumOf(taken.Load()), accepted.Data.(metricdata.Sum[int64]).DataPoints[0],
			metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
		assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}, p.host.Statuses(), "on transitions")
		require.NoError(t, p.telemetry.Shutdown(context.Background()))
	})
}

func sumOf(v int64) metricdata.DataPoint[int64] {
	return point(v, "receiver", "sentinel", "transport", "in_process")
}

func TestOwnMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, changed(func(c *Config) {
			c.Streams.Ambient = configoptional.Some(streamconfig.Ambient{Shape: streamconfig.Shape{Rate: 1, Batches: 1}})
		}), nil, nil)
		wait(6*time.Second + 500*time.Millisecond)
		anyTime := metricdatatest.IgnoreTimestamp()
		tt := p.telemetry
		n := int64(len(spans(p.sink.AllTraces())))
		metadatatest.AssertEqualReceiverSentinelAttemptedTraces(t, tt, []metricdata.DataPoint[int64]{point(6, "stream", "ambient")}, anyTime)
		metadatatest.AssertEqualReceiverSentinelRetries(t, tt, []metricdata.DataPoint[int64]{point(0, "stream", "ambient")}, anyTime)
		metadatatest.AssertEqualReceiverSentinelSettledSlot(t, tt, []metricdata.DataPoint[int64]{point(time.Now().Unix()-1, "stream", "ambient")}, anyTime)
		metadatatest.AssertEqualReceiverSentinelSpans(t, tt, []metricdata.DataPoint[int64]{
			point(n, "stream", "ambient", "outcome", "accepted"), point(0, "stream", "ambient", "outcome", "refused"),
		}, anyTime)
		metadatatest.AssertEqualReceiverSentinelTraces(t, tt, []metricdata.DataPoint[int64]{
			point(6, "stream", "ambient", "outcome", "accepted"), point(0, "stream", "ambient", "outcome", "refused"),
			point(0, "stream", "ambient", "outcome", "skipped"),
		}, anyTime)
		p.stop()
	})
}

// Two receivers in one process do not see each other, and one can be made again after its end, as on a reload.
func TestReceiversShareNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		factory, set := NewFactory(), receivertest.NewNopSettings(metadata.Type)
		one, two := changed(nil), changed(nil)
		a, err := factory.CreateTraces(t.Context(), set, one, consumertest.NewNop())
		require.NoError(t, err)
		b, err := factory.CreateTraces(t.Context(), set, two, consumertest.NewNop())
		require.NoError(t, err)
		assert.NotSame(t, a, b)
		require.NoError(t, a.Shutdown(t.Context()), "before start")
		again, err := factory.CreateTraces(t.Context(), set, one, consumertest.NewNop())
		require.NoError(t, err)
		assert.NotSame(t, a, again)
		require.NoError(t, errors.Join(b.Shutdown(t.Context()), again.Shutdown(t.Context())))
	})
}
