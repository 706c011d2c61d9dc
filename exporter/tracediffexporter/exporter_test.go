package tracediffexporter

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/assayhq/assay/exporter/tracediffexporter/internal/metadata"
	"github.com/assayhq/assay/exporter/tracediffexporter/internal/metadatatest"
	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// consoleStub remembers who registered what.
type consoleStub struct {
	component.Component
	registered map[component.ID]int
	url        string
}

func (c *consoleStub) URL() string { return c.url }

func (c *consoleStub) Register(id component.ID, routes []console.Route) (func(), error) {
	c.registered[id] = len(routes)
	return func() { delete(c.registered, id) }, nil
}

// host has extensions, and notes what components report.
type host struct {
	component.Host
	extensions map[component.ID]component.Component
	reported   chan *componentstatus.Event
}

func (h *host) GetExtensions() map[component.ID]component.Component { return h.extensions }
func (h *host) Report(e *componentstatus.Event)                     { h.reported <- e }

func config(t *testing.T) *Config {
	t.Helper()
	c := createDefaultConfig().(*Config)
	c.Storage.DSN = configopaque.String(filepath.Join(t.TempDir(), "history.db"))
	return c
}

func span() ptrace.Traces {
	td := ptrace.NewTraces()
	s := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetTraceID(pcommon.TraceID{1})
	s.SetSpanID(pcommon.SpanID{1})
	return td
}

func TestRoutesComeAndGoWithTheExporter(t *testing.T) {
	stub := &consoleStub{registered: map[component.ID]int{}}
	h := &host{componenttest.NewNopHost(), map[component.ID]component.Component{component.MustNewID("console"): stub}, make(chan *componentstatus.Event, 10)}
	set := exportertest.NewNopSettings(metadata.Type)
	e, err := NewFactory().CreateTraces(t.Context(), set, config(t))
	require.NoError(t, err)
	assert.False(t, e.Capabilities().MutatesData)
	require.NoError(t, e.Start(t.Context(), h))
	assert.Positive(t, stub.registered[set.ID])
	td := span()
	td.MarkReadOnly()
	require.NoError(t, e.ConsumeTraces(t.Context(), td))
	require.NoError(t, e.Shutdown(context.Background()))
	assert.Empty(t, stub.registered)
}

// Alerts link to the diff on the console that serves it, and say which of several exporters is meant.
func TestAlertsLinkToTheConsole(t *testing.T) {
	sent := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		sent <- body
	}))
	defer server.Close()
	c := config(t)
	client := confighttp.NewDefaultClientConfig()
	client.Endpoint = server.URL
	c.Alerts = map[string]AlertConfig{"am": {ClientConfig: client, Type: typeAlertmanager}}
	set := exportertest.NewNopSettings(metadata.Type)
	set.ID = component.MustNewIDWithName("trace_diff", "eu")
	e, err := newExporter(set, c)
	require.NoError(t, err)
	t.Cleanup(e.telemetry.close)
	assert.Empty(t, e.links(nil))
	targets, err := e.targets(t.Context(), componenttest.NewNopHost(), e.links(&consoleStub{url: "https://console.example"}))
	require.NoError(t, err)
	now := time.Unix(1_700_000_000, 0)
	alerts := []store.Alert{{Status: store.Firing, StartsAt: now, Content: []byte(`{"diff_id":"d1"}`)}}
	require.NoError(t, targets["am"].Send(t.Context(), alerts, now))
	assert.Contains(t, string(<-sent), `"generatorURL":"https://console.example/api/diffs/d1?component=trace_diff%2Feu"`)
}

func TestConsoleThatIsNotThere(t *testing.T) {
	c := config(t)
	id := component.MustNewID("console")
	c.Console = &id
	e, err := NewFactory().CreateTraces(t.Context(), exportertest.NewNopSettings(metadata.Type), c)
	require.NoError(t, err)
	require.EqualError(t, e.Start(t.Context(), componenttest.NewNopHost()), `console: there is no extension "console"; add it to service::extensions`)
	require.NoError(t, e.Shutdown(context.Background()), "a half-started exporter ends in order")
}

// A database that is away does not keep the collector from starting; its status says so.
func TestStoreAwayAtStart(t *testing.T) {
	c := config(t)
	c.Storage.DSN = configopaque.String(filepath.Join(t.TempDir(), "not", "there", "history.db"))
	h := &host{componenttest.NewNopHost(), nil, make(chan *componentstatus.Event, 10)}
	tel := componenttest.NewTelemetry()
	e, err := NewFactory().CreateTraces(t.Context(), metadatatest.NewSettings(tel), c)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), h))
	event := <-h.reported
	assert.Equal(t, componentstatus.StatusRecoverableError, event.Status())
	require.ErrorContains(t, event.Err(), "the database is not available")
	metadatatest.AssertEqualExporterTraceDiffStoreAvailable(t, tel, []metricdata.DataPoint[int64]{{Value: 0}}, metricdatatest.IgnoreTimestamp())
	require.NoError(t, e.ConsumeTraces(t.Context(), span()))
	metadatatest.AssertEqualExporterTraceDiffSpans(t, tel, []metricdata.DataPoint[int64]{{Value: 1}}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterTraceDiffMemoryLimit(t, tel, []metricdata.DataPoint[int64]{{Value: 256 << 20}}, metricdatatest.IgnoreTimestamp())
	require.NoError(t, e.Shutdown(context.Background()))
	require.NoError(t, tel.Shutdown(context.Background()))
}
