package sentinelextension

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/heartbeat"
	"github.com/assayhq/assay/internal/sentinel/metricscheck"
	"github.com/assayhq/assay/internal/sentinel/monitoring"
	"github.com/assayhq/assay/internal/sentinel/watch"
)

// client makes an HTTP client, whose idle connections end with the extension.
func (e *sentinelExtension) client(ctx context.Context, host component.Host, path string, c *confighttp.ClientConfig) (*http.Client, error) {
	client, err := c.ToClient(ctx, host.GetExtensions(), e.settings.TelemetrySettings)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	e.clients = append(e.clients, client)
	return client, nil
}

// outside completes a watch's configuration with those whom it asks and tells.
func (e *sentinelExtension) outside(ctx context.Context, host component.Host, to *watch.Config) error {
	for i := range e.config.Backends {
		c := &e.config.Backends[i]
		path := fmt.Sprintf("backends::%d", i)
		client, err := e.client(ctx, host, path, &c.ClientConfig)
		if err != nil {
			return err
		}
		b, err := backend.New(backend.Kind(c.Type), c.Endpoint, client)
		if err != nil {
			return fmt.Errorf("%s::%w", path, err)
		}
		sampler, err := c.Sampler.Sampler()
		if err != nil {
			return fmt.Errorf("%s::%w", path, err)
		}
		to.Backends = append(to.Backends, watch.BackendConfig{Name: c.Name, Backend: b, Share: c.Share, Wait: c.Sampler.Wait(), Sampler: sampler})
	}
	if err := e.monitoring(ctx, host, to); err != nil {
		return err
	}
	if c := e.config.Heartbeat.Get(); c != nil {
		client, err := e.client(ctx, host, "heartbeat", &c.ClientConfig)
		if err != nil {
			return err
		}
		to.Heartbeat = &watch.HeartbeatConfig{Send: heartbeat.Post(client, c.Endpoint), Interval: c.Interval}
	}
	return nil
}

func (e *sentinelExtension) monitoring(ctx context.Context, host component.Host, to *watch.Config) error {
	c := e.config.Prometheus.Get()
	if c == nil {
		return nil
	}
	client, err := e.client(ctx, host, "prometheus", &c.ClientConfig)
	if err != nil {
		return err
	}
	prometheus, err := monitoring.NewPrometheus(c.Endpoint, client)
	if err != nil {
		return fmt.Errorf("prometheus::%w", err)
	}
	if n := c.Numbers.Get(); n != nil {
		to.Numbers = &watch.NumbersConfig{
			Prometheus: prometheus, Source: metricscheck.Source{Metric: n.Metric, Matchers: n.Matchers, Unit: n.Unit}, Every: n.Every, Edge: n.Edge,
		}
	}
	a := e.config.Alertmanager.Get()
	if a == nil {
		return nil
	}
	if client, err = e.client(ctx, host, "alertmanager", &a.ClientConfig); err != nil {
		return err
	}
	alertmanager, err := monitoring.NewAlertmanager(a.Endpoint, client)
	if err != nil {
		return fmt.Errorf("alertmanager::%w", err)
	}
	to.Alerts = &watch.AlertsConfig{
		Prometheus: prometheus, Alertmanager: alertmanager, Receiver: a.Receiver, Intervals: e.config.intervals(),
		Poll: min(max(min(c.ScrapeInterval, c.EvaluationInterval)/2, 250*time.Millisecond), 10*time.Second),
	}
	return nil
}
