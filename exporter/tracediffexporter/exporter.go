package tracediffexporter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/api"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// tracesExporter connects a service to a pipeline, to the console and to the collector's telemetry.
type tracesExporter struct {
	id         component.ID
	config     *Config
	settings   component.TelemetrySettings
	telemetry  *telemetry
	service    *tracediff.Service // nil before Start
	unregister func()             // takes the routes off the console
}

func newExporter(set exporter.Settings, cfg *Config) (*tracesExporter, error) {
	t, err := newTelemetry(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &tracesExporter{id: set.ID, config: cfg, settings: set.TelemetrySettings, telemetry: t}, nil
}

func (e *tracesExporter) start(ctx context.Context, host component.Host) error {
	router, err := console.Find(host.GetExtensions(), e.config.Console)
	if err != nil {
		return err
	}
	e.telemetry.host = host
	e.warn()
	if e.service, err = e.newService(ctx, host, e.links(router)); err != nil {
		return err
	}
	if err := e.telemetry.watch(e.service, e.config.Limits.MemoryMiB<<20); err != nil {
		return err
	}
	if router == nil {
		e.settings.Logger.Warn("There is no console extension, so the API is not served; add console to service::extensions")
	} else if e.unregister, err = router.Register(e.id, api.Routes(e.service)); err != nil {
		return err
	}
	e.service.Start() //nolint:contextcheck // its goroutines outlive the context of Start
	return nil
}

// links leads from alerts to the console, if there is one.
func (e *tracesExporter) links(router console.Router) alert.Links {
	if router == nil {
		return alert.Links{}
	}
	return alert.Links{Console: router.URL(), Component: e.id.String()}
}

// newService opens what the service needs. The store connects when it is first used.
func (e *tracesExporter) newService(ctx context.Context, host component.Host, links alert.Links) (*tracediff.Service, error) {
	var p configerrors.List
	defaults := e.config.defaults(&p)
	queries := e.config.queries(&p, &defaults)
	if err := p.Err(); err != nil {
		return nil, err
	}
	targets, err := e.targets(ctx, host, links)
	if err != nil {
		return nil, err
	}
	history, err := e.open() //nolint:contextcheck // nothing is opened before it is used, and then under another context
	if err != nil {
		return nil, err
	}
	l := e.config.Limits
	service, err := tracediff.New(tracediff.Config{
		Name: e.id.String(), Queries: queries, Defaults: defaults, Wait: e.config.Assembly.Wait, Retention: e.config.Storage.Retention,
		Limits:  window.Limits{GroupsPerSnapshot: l.GroupsPerSnapshot, ValuesPerKey: l.ValuesPerKey, MemoryBytes: l.MemoryMiB << 20},
		Targets: targets, Store: history, Clock: time.Now, Logger: e.settings.Logger, Observer: e.telemetry,
	})
	if err != nil {
		return nil, errors.Join(err, history.Close())
	}
	return service, nil
}

func (e *tracesExporter) open() (store.Store, error) {
	if e.config.Storage.Driver == driverPostgres {
		return store.OpenPostgres(string(e.config.Storage.DSN), e.settings.Logger)
	}
	return store.OpenSQLite(string(e.config.Storage.DSN), e.settings.Logger, time.Now)
}

func (e *tracesExporter) targets(ctx context.Context, host component.Host, links alert.Links) (map[string]alert.Target, error) {
	targets := map[string]alert.Target{}
	for name, c := range e.config.Alerts {
		client, err := c.ToClient(ctx, host.GetExtensions(), e.settings)
		if err != nil {
			return nil, fmt.Errorf("alerts::%s: %w", name, err)
		}
		if c.Type == typeAlertmanager {
			targets[name] = alert.NewAlertmanager(client, c.Endpoint, links)
		} else {
			if c.Secret == "" {
				e.settings.Logger.Warn("A webhook has no secret, so its requests are not signed", zap.String("target", name))
			}
			targets[name] = alert.NewWebhook(client, c.Endpoint, string(c.Secret), links)
		}
	}
	return targets, nil
}

func (e *tracesExporter) consume(_ context.Context, td ptrace.Traces) error {
	return e.service.Consume(td)
}

func (e *tracesExporter) shutdown(ctx context.Context) error {
	if e.unregister != nil {
		e.unregister()
	}
	var err error
	if e.service != nil {
		err = e.service.Shutdown(ctx)
	}
	e.telemetry.close()
	return err
}
