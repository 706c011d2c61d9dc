package smarttailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracemetrics"
)

// DefaultMetrics is how the connector counts traces where nothing else is configured.
func DefaultMetrics() MetricsConfig {
	d := tracemetrics.Defaults()
	return MetricsConfig{
		Interval: 15 * time.Second, Temporality: temporalityCumulative, Expiration: d.Expiration, Exemplars: d.Exemplars, MaxBuckets: d.MaxBuckets,
	}
}

// Bounds of metrics. A histogram with fewer buckets says next to nothing.
const (
	minBuckets   = 8
	maxBuckets   = 1000
	maxExemplars = 100
)

func (m *MetricsConfig) check(p *configerrors.List) {
	if m.Interval < time.Second {
		p.Add("metrics::interval: must be at least 1s, got %s%s", m.Interval, withoutUnit(m.Interval))
	}
	if m.Temporality != temporalityCumulative && m.Temporality != temporalityDelta {
		p.Add("metrics::temporality: must be %q or %q, got %q", temporalityCumulative, temporalityDelta, m.Temporality)
	}
	if m.Expiration < m.Interval {
		p.Add("metrics::expiration: must be at least metrics::interval, %s, got %s%s", m.Interval, m.Expiration, withoutUnit(m.Expiration))
	}
	if m.Exemplars < 0 || m.Exemplars > maxExemplars {
		p.Add("metrics::exemplars: must be between 0 and %d, got %d", maxExemplars, m.Exemplars)
	}
	if m.MaxBuckets < minBuckets || m.MaxBuckets > maxBuckets {
		p.Add("metrics::max_buckets: must be between %d and %d, got %d", minBuckets, maxBuckets, m.MaxBuckets)
	}
}

// Delta tells whether figures count from one time to the next.
func (m *MetricsConfig) Delta() bool { return m.Temporality == temporalityDelta }

// recorder is what counts traces, with a series for each path that the sampler tells apart; nil where metrics are not configured.
func (c *Config) recorder(names tracemetrics.Names) *tracemetrics.Recorder {
	m := c.Metrics.Get()
	if m == nil {
		return nil
	}
	return tracemetrics.New(tracemetrics.Config{
		Operations: m.Operations, Delta: m.Delta(), MaxSeries: c.Paths.Max, Expiration: m.Expiration, Exemplars: m.Exemplars, MaxBuckets: m.MaxBuckets,
	}, names, time.Now)
}

// observers are the sampler's own metrics and those of all traces.
type observers struct {
	*telemetry
	recorder *tracemetrics.Recorder
}

// Decided implements tailsampling.Observer.
func (o observers) Decided(d *tailsampling.Decision) {
	o.telemetry.Decided(d)
	o.recorder.Decided(d)
}
