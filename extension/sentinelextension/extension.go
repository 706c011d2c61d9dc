package sentinelextension

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensioncapabilities"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/watch"
)

// sentinelExtension connects a watch to the collector, to the console and to the world outside.
type sentinelExtension struct {
	config    *Config
	settings  extension.Settings
	telemetry *telemetry

	key        *identity.Key
	instance   uint16
	watch      *watch.Watch // nil before Start
	memory     *memory      // nil without a storage extension
	webhook    *webhook     // nil without alerts
	unregister func()       // takes the routes off the console
	unpublish  func()       // takes the public ones off the consoles that serve only these
	clients    []*http.Client
}

var (
	_ extension.Extension                   = (*sentinelExtension)(nil)
	_ extensioncapabilities.Dependent       = (*sentinelExtension)(nil)
	_ extensioncapabilities.PipelineWatcher = (*sentinelExtension)(nil)
	_ vantage.Sentinel                      = (*sentinelExtension)(nil)
)

func newExtension(set extension.Settings, cfg *Config) (*sentinelExtension, error) {
	t, err := newTelemetry(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &sentinelExtension{config: cfg, settings: set, telemetry: t}, nil
}

// Dependencies implements extensioncapabilities.Dependent: these start before, and end after.
func (e *sentinelExtension) Dependencies() []component.ID {
	var ids []component.ID
	for _, id := range []*component.ID{e.config.Storage, e.config.Console} {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	return ids
}

// Start begins to watch.
func (e *sentinelExtension) Start(ctx context.Context, host component.Host) error {
	if err := e.identify(); err != nil {
		return err
	}
	router, err := console.Find(host.GetExtensions(), e.config.Console)
	if err != nil {
		return err
	}
	e.telemetry.host = host
	if err := e.begin(ctx, host); err != nil {
		return errors.Join(err, e.Shutdown(ctx))
	}
	if router == nil {
		e.settings.Logger.Warn("There is no console extension, so /status is not served; add console to service::extensions")
	} else if e.unregister, err = router.Register(e.settings.ID, slices.Concat(e.watch.Routes(), e.watch.NoticeRoutes(), e.watch.PublicRoutes())); err != nil {
		return errors.Join(err, e.Shutdown(ctx))
	}
	if e.unpublish, err = console.RegisterPublic(host.GetExtensions(), e.settings.ID, console.Status, e.watch.PublicRoutes()); err != nil {
		return errors.Join(err, e.Shutdown(ctx))
	}
	e.settings.Logger.Info("The sentinel watches", zap.Stringer("key", e.key), zap.Uint16("instance", e.instance))
	return nil
}

// begin opens what the watch needs and starts it.
func (e *sentinelExtension) begin(ctx context.Context, host component.Host) error {
	c := watch.Config{
		Name: e.settings.ID.String(), Key: e.key, Instance: e.instance, LateAfter: e.config.SLO.LateAfter, LostAfter: e.config.SLO.LostAfter,
		Objectives: e.config.SLO.objectives(), Observer: e.telemetry, Logger: e.settings.Logger,
	}
	var err error
	if e.config.Storage != nil {
		if e.memory, err = e.openMemory(ctx, host); err != nil {
			return err
		}
		c.Memory = e.memory
	}
	if err := e.outside(ctx, host, &c); err != nil {
		return err
	}
	w, err := watch.New(c)
	if err != nil {
		return err
	}
	if handler := w.Webhook(); handler != nil {
		if e.webhook, err = e.listen(ctx, host, handler); err != nil {
			return err
		}
	}
	if err := e.telemetry.watch(w); err != nil {
		return err
	}
	e.watch = w
	w.Start() //nolint:contextcheck // its goroutines outlive the context of Start
	return nil
}

// Ready implements extensioncapabilities.PipelineWatcher.
func (e *sentinelExtension) Ready() error { return nil }

// NotReady implements extensioncapabilities.PipelineWatcher: the pipelines are about to end. The collector calls it also where
// this extension has not started, because another component could not.
func (e *sentinelExtension) NotReady() error {
	if e.watch != nil {
		e.watch.End()
	}
	return nil
}

// identify makes the key and the instance.
func (e *sentinelExtension) identify() error {
	secret := string(e.config.Key)
	if secret == "" {
		secret = rand.Text()
		e.settings.Logger.Warn("The sentinel has no key, so one is generated: only this collector recognises its traces, and only until it ends; " +
			"set key, for example to ${env:ASSAY_SENTINEL_KEY}")
	}
	var err error
	if e.key, err = identity.NewKey(secret); err != nil {
		return err
	}
	name := e.config.Instance
	if name == autoInstance {
		if name, err = identity.NodeName(); err != nil {
			return err
		}
		name += " " + e.settings.ID.String() // two sentinels of one collector must not send the same traces
	}
	e.instance = identity.InstanceOf(name)
	return nil
}

// Key implements vantage.Sentinel.
func (e *sentinelExtension) Key() *identity.Key { return e.key }

// Instance implements vantage.Sentinel.
func (e *sentinelExtension) Instance() uint16 { return e.instance }

// Announce implements vantage.Sentinel.
func (e *sentinelExtension) Announce(receiver component.ID, streams []vantage.Stream) (vantage.Ledger, error) {
	return e.watch.Announce(receiver, streams)
}

// Attach implements vantage.Sentinel.
func (e *sentinelExtension) Attach(exporter component.ID, place vantage.Place) (vantage.Judge, error) {
	return e.watch.Attach(exporter, place)
}

// Shutdown saves what is known, for as long as ctx allows.
func (e *sentinelExtension) Shutdown(ctx context.Context) error {
	var err error
	if e.unpublish != nil {
		e.unpublish()
	}
	if e.unregister != nil {
		e.unregister()
	}
	if e.webhook != nil {
		err = e.webhook.shutdown(ctx)
		e.webhook = nil
	}
	if e.watch != nil {
		e.watch.Shutdown(ctx)
	}
	if e.memory != nil {
		err = errors.Join(err, e.memory.Close(ctx))
		e.memory = nil
	}
	for _, c := range e.clients {
		c.CloseIdleConnections()
	}
	e.telemetry.close()
	return err
}
