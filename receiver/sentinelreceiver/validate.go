package sentinelreceiver

import (
	"errors"
	"fmt"
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
)

// problems collects every complaint about a configuration, each with the path of the key below the component.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// Validate reports all that is wrong at once, the topology's file included.
func (c *Config) Validate() error {
	var p problems
	if c.Key != "" {
		if _, err := identity.NewKey(string(c.Key)); err != nil {
			p.add("%w", err)
		}
		if c.Extension != nil {
			p.add("extension: has no meaning beside a key; keep one of them, got %q", c.Extension)
		}
	} else if c.Instance != autoInstance {
		p.add("instance: is that of the sentinel extension, unless the receiver has a key of its own; set it there, got %q", c.Instance)
	}
	if c.Instance == "" {
		p.add("instance: must be %q, or a name that no other sentinel with this key has", autoInstance)
	}
	t, err := topology.Load(c.Topology)
	if err != nil {
		p.add("topology: %w", err)
	}
	if err := c.Streams.Validate(t); err != nil {
		p = append(p, err)
	}
	c.Retry.check(&p)
	if c.MetricsInterval < time.Second {
		p.add("metrics_interval: must be at least 1s, got %v", c.MetricsInterval)
	}
	return errors.Join(p...)
}

func (r *RetryConfig) check(p *problems) {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"initial_interval", r.InitialInterval}, {"max_interval", r.MaxInterval}, {"max_elapsed_time", r.MaxElapsedTime}} {
		if d.value < time.Millisecond || d.value > time.Hour {
			p.add("retry::%s: must be between 1ms and 1h, got %v", d.key, d.value)
		}
	}
	if r.MaxInterval < r.InitialInterval {
		p.add("retry::max_interval: must be at least initial_interval (%v), got %v", r.InitialInterval, r.MaxInterval)
	}
}
