package sentinelexporter

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/sentinel/samplerconfig"
	"github.com/assayhq/assay/internal/sentinel/streamconfig"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Config of the sentinel exporter. README.md has the table of options.
type Config struct {
	// Key is the secret by which the traces are recognised. Without it, it is that of the sentinel extension.
	Key configopaque.String `mapstructure:"key"`
	// Extension is the sentinel extension that has the key; needed only where there are several.
	Extension *component.ID `mapstructure:"extension"`
	// Receivers are the sentinel receivers of this collector whose traces come here; none: all of them.
	Receivers []component.ID `mapstructure:"receivers"`
	// Instances are the names of the sentinels that may come here; none: any.
	Instances []string `mapstructure:"instances"`
	// Topology and Streams are those of generators in other collectors.
	Topology string              `mapstructure:"topology"`
	Streams  streamconfig.Config `mapstructure:"streams"`
	// LateAfter and LostAfter are those of the sentinel extension, or 30s and 120s, unless they are set.
	LateAfter *time.Duration `mapstructure:"late_after"`
	LostAfter *time.Duration `mapstructure:"lost_after"`
	// MaxTraces is how many traces are remembered.
	MaxTraces int `mapstructure:"max_traces"`
	// Partial says that other verifiers see the rest of the spans.
	Partial bool `mapstructure:"partial"`
	// AddedAttributes says that processors in between add attributes.
	AddedAttributes bool `mapstructure:"added_attributes"`
	// Sampler is what lies between the generator and here.
	Sampler samplerconfig.Config `mapstructure:"sampler"`
}

var _ confmap.Validator = (*Config)(nil)

func createDefaultConfig() component.Config {
	return &Config{
		Topology:  topology.Shop,
		Streams:   streamconfig.Default(),
		MaxTraces: verify.DefaultMaxTraces,
		Sampler:   samplerconfig.Default(),
	}
}
