package sentinelextension

import (
	"context"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension/extensioncapabilities"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/legs"
)

var _ extensioncapabilities.ConfigSnapshotWatcher = (*sentinelExtension)(nil)

// NotifyConfigSnapshot implements extensioncapabilities.ConfigSnapshotWatcher: the pipelines are known, and with them on which ways traces leave
// that no vantage sees. It is called after Start.
func (e *sentinelExtension) NotifyConfigSnapshot(_ context.Context, snapshot extensioncapabilities.ConfigSnapshot) error {
	conf := snapshot.Effective()
	if conf == nil || e.watch == nil {
		return nil
	}
	unwatched, err := e.config.unwatched(conf)
	if err != nil {
		return err
	}
	e.watch.Unwatched(unwatched)
	for _, leg := range unwatched {
		e.settings.Logger.Warn("Nobody watches what is lost behind an exporter: the sentinel's exporter beside it sees what arrives there itself, and nothing of what "+
			"another exporter, its network or its backend loses; add the backend that it leads to under backends",
			zap.String("exporter", leg.Exporter), zap.String("pipeline", leg.Pipeline), zap.String("why", leg.Why))
	}
	return nil
}

// unwatched returns the ways out of a collector of this configuration that no backend watches.
func (c *Config) unwatched(conf *confmap.Conf) ([]legs.Leg, error) {
	var backends []legs.Backend
	for i := range c.Backends {
		b := legs.Backend{Name: c.Backends[i].Name}
		for _, id := range c.Backends[i].Exporters {
			b.Exporters = append(b.Exporters, id.String())
		}
		backends = append(backends, b)
	}
	return legs.Unwatched(conf, backends)
}
