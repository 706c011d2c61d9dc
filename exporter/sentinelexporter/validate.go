package sentinelexporter

import (
	"errors"
	"fmt"
	"time"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Validate reports all that is wrong at once, the topology's file included.
func (c *Config) Validate() error {
	var problems []error
	add := func(err error) { problems = append(problems, err) }
	if c.Key != "" {
		if _, err := identity.NewKey(string(c.Key)); err != nil {
			add(err)
		}
		if c.Extension != nil {
			add(fmt.Errorf("extension: has no meaning beside a key; keep one of them, got %q", c.Extension))
		}
		if c.Receivers != nil {
			add(fmt.Errorf("receivers: has no meaning beside a key, for nothing is known then of receivers in this collector; use streams, got %v", c.Receivers))
		}
	}
	for i, name := range c.Instances {
		if name == "" {
			add(fmt.Errorf("instances::%d: must be the name that the generator has as its instance, got an empty string", i))
		}
	}
	t, err := topology.Load(c.Topology)
	if err != nil {
		add(fmt.Errorf("topology: %w", err))
	}
	if err := c.Streams.Validate(t); err != nil {
		add(err)
	}
	times := c.times()
	if err := times.Validate(); err != nil {
		add(err)
	}
	if err := c.Sampler.Validate(times.LateAfter, times.LostAfter); err != nil {
		add(err)
	}
	return errors.Join(problems...)
}

// times are what can be checked before there is an extension. What that will fill in is here what goes with the rest; it is
// checked when the exporter attaches.
func (c *Config) times() verify.Config {
	times := verify.Config{LateAfter: verify.DefaultLateAfter, LostAfter: verify.DefaultLostAfter, MaxTraces: c.MaxTraces}
	if c.Key == "" {
		times.LateAfter = time.Second
	}
	if c.LateAfter != nil {
		times.LateAfter = *c.LateAfter
	}
	if c.Key == "" {
		times.LostAfter = times.LateAfter + time.Second
	}
	if c.LostAfter != nil {
		times.LostAfter = *c.LostAfter
	}
	return times
}

// place is the configuration for a verifier of a key. What is not set is left for the extension to fill in.
func (c *Config) place(key *identity.Key) (vantage.Place, error) {
	p := vantage.Place{Wait: c.Sampler.Wait(), Receivers: c.Receivers, Config: verify.Config{
		Key: key, MaxTraces: c.MaxTraces, Partial: c.Partial, Lens: backend.Lens{AddsFields: c.AddedAttributes, Resolution: time.Nanosecond},
	}}
	var err error
	if p.Sampler, err = c.Sampler.Sampler(); err != nil {
		return p, err
	}
	if c.LateAfter != nil {
		p.LateAfter = *c.LateAfter
	}
	if c.LostAfter != nil {
		p.LostAfter = *c.LostAfter
	}
	p.Instances = map[uint16]string{}
	for _, name := range c.Instances {
		p.Instances[identity.InstanceOf(name)] = name
	}
	if c.Key == "" && c.Streams.Empty() {
		return p, nil // those of the receivers in this collector
	}
	t, err := topology.Load(c.Topology)
	if err != nil {
		return p, fmt.Errorf("topology: %w", err)
	}
	for _, config := range c.Streams.Streams(t) {
		s, err := traffic.NewStream(key, config)
		if err != nil {
			return p, fmt.Errorf("streams::%s: %w", config.Name, err)
		}
		p.Streams = append(p.Streams, s)
	}
	return p, nil
}
