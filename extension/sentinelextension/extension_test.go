package sentinelextension

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/assayhq/assay/extension/sentinelextension/internal/metadata"
	"github.com/assayhq/assay/extension/sentinelextension/internal/metadatatest"
	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/internal/sentinel/watch"
	"github.com/assayhq/assay/test/hosttest"
)

// front is a console that notes the routes.
type front struct {
	component.Component
	routes []console.Route
}

func (f *front) Register(_ component.ID, routes []console.Route) (func(), error) {
	f.routes = routes
	return func() { f.routes = nil }, nil
}

func (*front) URL() string { return "" }

// paths are those of the routes, in their order.
func (f *front) paths() []string {
	var out []string
	for _, r := range f.routes {
		out = append(out, r.Method+" "+r.Path)
	}
	return out
}

// street is a console for everybody.
type street struct {
	component.Component
	inner front
}

func (s *street) RegisterPublic(id component.ID, _ console.Group, routes []console.Route) (func(), error) {
	return s.inner.Register(id, routes)
}

// drawer is a storage extension with one client.
type drawer struct {
	component.Component
	storage.Client
	closed bool
}

func (d *drawer) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return d, nil
}

func (d *drawer) Close(context.Context) error {
	d.closed = true
	return nil
}

func newTestExtension(t *testing.T, c *Config) (*sentinelExtension, *observer.ObservedLogs) {
	t.Helper()
	set := extensiontest.NewNopSettings(metadata.Type)
	core, logs := observer.New(zap.InfoLevel)
	set.Logger = zap.New(core)
	e, err := create(t.Context(), set, c)
	require.NoError(t, err)
	return e.(*sentinelExtension), logs
}

// Without a key one is generated, another each time, and that is told.
func TestGeneratedKey(t *testing.T) {
	var fingerprints []string
	for range 2 {
		e, logs := newTestExtension(t, load(t, nil))
		require.NoError(t, e.Start(t.Context(), &hosttest.Host{}))
		fingerprints = append(fingerprints, e.Key().Fingerprint())
		assert.Equal(t, 1, logs.FilterMessageSnippet("has no key").Len())
		require.NoError(t, e.Shutdown(t.Context()))
	}
	assert.NotEqual(t, fingerprints[0], fingerprints[1])
	e, logs := newTestExtension(t, load(t, map[string]any{"key": "an entirely public secret"}))
	require.NoError(t, e.Start(t.Context(), &hosttest.Host{}))
	assert.Zero(t, logs.FilterMessageSnippet("has no key").Len())
	for _, one := range logs.All() {
		assert.NotContains(t, fmt.Sprint(one.Message, one.ContextMap()), "public secret", "a secret is not logged")
	}
	require.NoError(t, e.Shutdown(t.Context()))
}

// Nodes, and two sentinels on one node, send different traces.
func TestInstances(t *testing.T) {
	instance := func(c *Config, node, name string) uint16 {
		t.Setenv("K8S_NODE_NAME", node)
		e, _ := newTestExtension(t, c)
		e.settings.ID = component.MustNewIDWithName("sentinel", name)
		require.NoError(t, e.identify())
		return e.Instance()
	}
	auto := load(t, nil)
	assert.NotEqual(t, instance(auto, "a", ""), instance(auto, "b", ""))
	assert.NotEqual(t, instance(auto, "a", "x"), instance(auto, "a", "y"))
	named := load(t, map[string]any{"instance": "paris"})
	assert.Equal(t, instance(named, "a", "x"), instance(named, "b", "y"))
}

func TestLife(t *testing.T) {
	id := component.MustNewID("file_storage")
	kept, shown, public := &drawer{}, &front{}, &street{}
	h := &hosttest.Host{Extensions: map[component.ID]component.Component{
		id: kept, component.MustNewID("console"): shown, component.MustNewIDWithName("console", "public"): public,
	}}
	c := load(t, map[string]any{"storage": "file_storage", "key": "an entirely public secret"})
	e, _ := newTestExtension(t, c)
	assert.Equal(t, []component.ID{id}, e.Dependencies())
	require.NoError(t, e.Shutdown(t.Context()), "before Start")
	e, logs := newTestExtension(t, c)
	kept.Client = storage.NewNopClient()
	require.NoError(t, e.Start(t.Context(), h))
	assert.Subset(t, shown.paths(), []string{"GET /status", "GET /live", "GET /ready", "GET /api/sentinel/uptime", "POST /api/maintenance", "GET /api/public/status"})
	assert.Equal(t, []string{"GET /api/public/status", "GET /api/public/badge.svg"}, public.inner.paths(), "and nothing else to everybody")
	assert.Zero(t, logs.FilterMessageSnippet("no console").Len())
	require.NoError(t, e.Ready())
	require.NoError(t, e.NotReady())
	require.NoError(t, e.Shutdown(t.Context()))
	assert.True(t, kept.closed)
	assert.Empty(t, shown.routes)
	assert.Empty(t, public.inner.routes)
	require.NoError(t, e.Shutdown(t.Context()), "twice")
}

// What is named and not there is said with what to do.
func TestStartFails(t *testing.T) {
	id := component.MustNewID("file_storage")
	taken, _ := newTestExtension(t, alertConfig(t, "localhost:0"))
	require.NoError(t, taken.Start(t.Context(), &hosttest.Host{}))
	defer func() { require.NoError(t, taken.Shutdown(t.Context())) }()
	for want, tc := range map[string]struct {
		config     *Config
		extensions map[component.ID]component.Component
	}{
		`storage: there is no extension "file_storage"; add it to service::extensions`: {load(t, map[string]any{"storage": "file_storage"}), nil},
		`storage: extension "file_storage" stores nothing for others; name one such as file_storage`: {
			load(t, map[string]any{"storage": "file_storage"}), map[component.ID]component.Component{id: &front{}},
		},
		`console: there is no extension "console/none"; add it to service::extensions`:     {load(t, map[string]any{"console": "console/none"}), nil},
		"alertmanager::webhook: cannot listen; set endpoint to a free address: listen tcp": {alertConfig(t, taken.webhook.address.String()), nil},
	} {
		e, _ := newTestExtension(t, tc.config)
		require.ErrorContains(t, e.Start(t.Context(), &hosttest.Host{Extensions: tc.extensions}), want)
		require.NoError(t, e.NotReady())
		require.NoError(t, e.Shutdown(t.Context()))
	}
}

// When another component cannot start, the collector ends the extensions that it has not come to, too.
func TestEndsWithoutStart(t *testing.T) {
	e, _ := newTestExtension(t, load(t, nil))
	require.NoError(t, e.NotReady())
	require.NoError(t, e.Shutdown(t.Context()))
	require.NoError(t, e.NotReady())
}

func alertConfig(t *testing.T, webhook string) *Config {
	t.Helper()
	return load(t, map[string]any{
		"prometheus":   map[string]any{"endpoint": "http://localhost:1"},
		"alertmanager": map[string]any{"endpoint": "http://localhost:1", "webhook": map[string]any{"endpoint": webhook}},
	})
}

// The webhook takes Alertmanager's messages and nothing else.
func TestWebhook(t *testing.T) {
	e, _ := newTestExtension(t, alertConfig(t, "localhost:0"))
	require.NoError(t, e.Start(t.Context(), &hosttest.Host{}))
	for body, want := range map[string]int{
		`{"version":"4","receiver":"assay","alerts":[{"status":"firing","labels":{"alertname":"Other"}}]}`: http.StatusOK,
		`<html>`: http.StatusBadRequest, `{"version":"3"}`: http.StatusBadRequest,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.webhook.address.String()+"/", bytes.NewBufferString(body))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, want, response.StatusCode, body)
	}
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, e.Shutdown(t.Context()))
}

// The status follows the verdict; what is unknown is not OK.
func TestComponentStatus(t *testing.T) {
	e, _ := newTestExtension(t, load(t, nil))
	h := &hosttest.Host{}
	e.telemetry.host = h
	for _, s := range []watch.State{watch.OK, watch.Degraded, watch.Unknown, watch.OK} {
		e.telemetry.Changed(watch.Starting, &watch.Report{State: s, Reasons: []string{"sentinel: why"}})
	}
	e.telemetry.Judged("sentinel", &verify.Judgement{Verdict: verify.Delivered})
	assert.Equal(t, []componentstatus.Status{
		componentstatus.StatusOK, componentstatus.StatusRecoverableError, componentstatus.StatusRecoverableError, componentstatus.StatusOK,
	}, h.Statuses())
	require.NoError(t, e.Shutdown(t.Context()))
}

// The histogram of delays has what was observed, once for each trace.
func TestDelaysAreObserved(t *testing.T) {
	reader := componenttest.NewTelemetry()
	set := extensiontest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = reader.NewTelemetrySettings()
	made, err := create(t.Context(), set, load(t, nil))
	require.NoError(t, err)
	e := made.(*sentinelExtension)
	for _, j := range []verify.Judgement{
		{Verdict: verify.Delivered},
		{Verdict: verify.Delivered, Delay: time.Second},
		{Verdict: verify.Late, Delay: 40 * time.Second},
		{Verdict: verify.Late},
		{Verdict: verify.Delivered, Was: verify.Late, Delay: 3 * time.Second},
		{Verdict: verify.Duplicate, Delay: time.Second},
	} {
		e.telemetry.Judged("jaeger", &j)
	}
	metadatatest.AssertEqualExtensionSentinelDeliveryDuration(t, reader, []metricdata.HistogramDataPoint[float64]{{
		Attributes: attribute.NewSet(attribute.String("vantage", "jaeger")), Count: 2, Sum: 41,
		Bounds:       []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300},
		BucketCounts: []uint64{0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0}, Min: metricdata.NewExtrema(1.0), Max: metricdata.NewExtrema(40.0),
	}}, metricdatatest.IgnoreTimestamp())
	require.NoError(t, e.Shutdown(t.Context()))
	require.NoError(t, reader.Shutdown(t.Context()))
}

// Heartbeats that fail are told when that begins and when it ends.
func TestFailedHeartbeatsAreToldOnce(t *testing.T) {
	e, logs := newTestExtension(t, load(t, nil))
	for _, err := range []error{nil, context.DeadlineExceeded, context.DeadlineExceeded, nil, nil, context.DeadlineExceeded} {
		e.telemetry.Beat(err)
	}
	assert.Equal(t, 2, logs.FilterMessageSnippet("did not take a heartbeat").Len())
	assert.Equal(t, 1, logs.FilterMessageSnippet("takes heartbeats again").Len())
	require.NoError(t, e.Shutdown(t.Context()))
}

var _ extension.Extension = (*drawer)(nil)
