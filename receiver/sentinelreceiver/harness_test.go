package sentinelreceiver

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadatatest"
	"github.com/assayhq/assay/test/hosttest"
)

// ledger is a sentinel extension that notes what it is told.
type ledger struct {
	component.Component
	vantage.Sentinel
	key       *identity.Key
	refuse    error
	receiver  component.ID
	streams   []vantage.Stream
	mu        sync.Mutex
	manifests []*traffic.Manifest
	closed    bool
}

func (l *ledger) Key() *identity.Key { return l.key }
func (l *ledger) Instance() uint16   { return 99 }

func (l *ledger) Announce(r component.ID, streams []vantage.Stream) (vantage.Ledger, error) {
	l.receiver, l.streams = r, streams
	return l, l.refuse
}

func (l *ledger) Told(_ *traffic.Stream, m *traffic.Manifest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.manifests = append(l.manifests, m)
}

func (l *ledger) Close() { l.closed = true }

// running is a started receiver in front of sinks. It belongs into a synctest bubble, whose clock it runs by.
type running struct {
	t         *testing.T
	receiver  receiver.Traces
	sink      *consumertest.TracesSink
	metrics   *consumertest.MetricsSink
	telemetry *componenttest.Telemetry
	host      *hosttest.Host
}

// started makes a pipeline; next takes the place of the sink, if there is one.
func started(t *testing.T, cfg *Config, h *hosttest.Host, next consumer.Traces) *running {
	t.Helper()
	p := &running{t: t, sink: new(consumertest.TracesSink), metrics: new(consumertest.MetricsSink), telemetry: componenttest.NewTelemetry(), host: h}
	if h == nil {
		p.host = &hosttest.Host{}
	}
	if next == nil {
		next = p.sink
	}
	require.NoError(t, cfg.Validate())
	set := metadatatest.NewSettings(p.telemetry)
	factory := NewFactory()
	var err error
	p.receiver, err = factory.CreateTraces(t.Context(), set, cfg, next)
	require.NoError(t, err)
	both, err := factory.CreateMetrics(t.Context(), set, cfg, p.metrics)
	require.NoError(t, err)
	require.Same(t, p.receiver, both, "one receiver for all pipelines")
	require.NoError(t, p.receiver.Start(t.Context(), p.host))
	require.NoError(t, both.Start(t.Context(), p.host), "once for each pipeline")
	return p
}

func (p *running) stop() {
	p.t.Helper()
	require.NoError(p.t, p.receiver.Shutdown(context.Background()))
	require.NoError(p.t, p.receiver.Shutdown(context.Background()), "once for each pipeline")
	require.NoError(p.t, p.telemetry.Shutdown(context.Background()))
}

// wait lets the bubble's time go by.
func wait(d time.Duration) { <-time.After(d) }

// spans are those of a sink, manifests left aside.
func spans(all []ptrace.Traces) (out []ptrace.Span) {
	for _, td := range all {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					if s.Name() != traffic.ManifestName {
						out = append(out, s)
					}
				}
			}
		}
	}
	return out
}
