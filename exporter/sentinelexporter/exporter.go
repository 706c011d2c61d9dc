package sentinelexporter

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/vantage"
)

// tracesExporter lets a verifier see what comes.
type tracesExporter struct {
	id        component.ID
	config    *Config
	logger    *zap.Logger
	telemetry *telemetry
	judge     vantage.Judge // nil before start
}

func newExporter(set exporter.Settings, cfg *Config) (*tracesExporter, error) {
	t, err := newTelemetry(set.ID, set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &tracesExporter{id: set.ID, config: cfg, logger: set.Logger, telemetry: t}, nil
}

func (e *tracesExporter) start(_ context.Context, host component.Host) error {
	key, sentinel, err := e.identify(host)
	if err != nil {
		return err
	}
	place, err := e.config.place(key)
	if err != nil {
		return err
	}
	place.Report = e.telemetry.report
	if sentinel != nil {
		e.judge, err = sentinel.Attach(e.id, place)
	} else {
		e.judge, err = newAlone(place, host)
	}
	if err != nil {
		return err
	}
	e.logger.Info("The sentinel judges what arrives", zap.Stringer("key", key), zap.Bool("with_extension", sentinel != nil))
	return e.telemetry.watch(e.judge)
}

// identify finds the key: the exporter's own, or that of the extension.
func (e *tracesExporter) identify(host component.Host) (*identity.Key, vantage.Sentinel, error) {
	if e.config.Key != "" {
		if beside, err := vantage.Find(host.GetExtensions(), nil); beside != nil || err != nil {
			e.logger.Warn("This exporter has a key of its own, so the sentinel extension beside it knows nothing of its verdicts; remove the key to use that of the extension",
				zap.String("option", "exporters::"+e.id.String()+"::key"))
		}
		key, err := identity.NewKey(string(e.config.Key))
		return key, nil, err
	}
	sentinel, err := vantage.Find(host.GetExtensions(), e.config.Extension)
	switch {
	case err != nil:
		return nil, nil, err
	case sentinel == nil:
		return nil, nil, fmt.Errorf("key: must be set, or the sentinel extension added to service::extensions; "+
			"it is the generator's, of at least %d bytes", identity.MinSecret)
	}
	return sentinel.Key(), sentinel, nil
}

var errNotStarted = errors.New("the exporter has not been started")

func (e *tracesExporter) consume(_ context.Context, td ptrace.Traces) error {
	if e.judge == nil {
		return errNotStarted
	}
	e.judge.Observe(td)
	return nil
}

func (e *tracesExporter) shutdown(context.Context) error {
	if e.judge != nil {
		e.judge.Close()
	}
	e.telemetry.close()
	return nil
}
