package sentinelreceiver

import (
	"time"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
)

// Validate reports all that is wrong at once, the topology's file included.
func (c *Config) Validate() error {
	var p configerrors.List
	if c.Key != "" {
		if _, err := identity.NewKey(string(c.Key)); err != nil {
			p.Add("%w", err)
		}
		if c.Extension != nil {
			p.Add("extension: has no meaning beside a key; keep one of them, got %q", c.Extension)
		}
	} else if c.Instance != autoInstance {
		p.Add("instance: is that of the sentinel extension, unless the receiver has a key of its own; set it there, got %q", c.Instance)
	}
	if c.Instance == "" {
		p.Add("instance: must be %q, or a name that no other sentinel with this key has", autoInstance)
	}
	t, err := topology.Load(c.Topology)
	if err != nil {
		p.Add("topology: %w", err)
	}
	if err := c.Streams.Validate(t); err != nil {
		p = append(p, err)
	}
	c.Retry.check(&p)
	if c.MetricsInterval < time.Second {
		p.Add("metrics_interval: must be at least 1s, got %v", c.MetricsInterval)
	}
	return p.Err()
}

func (r *RetryConfig) check(p *configerrors.List) {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"initial_interval", r.InitialInterval}, {"max_interval", r.MaxInterval}, {"max_elapsed_time", r.MaxElapsedTime}} {
		if d.value < time.Millisecond || d.value > time.Hour {
			p.Add("retry::%s: must be between 1ms and 1h, got %v", d.key, d.value)
		}
	}
	if r.MaxInterval < r.InitialInterval {
		p.Add("retry::max_interval: must be at least initial_interval (%v), got %v", r.InitialInterval, r.MaxInterval)
	}
}
