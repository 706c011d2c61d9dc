package sentinelreceiver

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/streamconfig"
	"github.com/assayhq/assay/internal/sentinel/topology"
)

// Config of the sentinel receiver. README.md has the table of options.
type Config struct {
	// Key is the secret by which verifiers recognise the traces. Without it, it is that of the sentinel extension.
	Key configopaque.String `mapstructure:"key"`
	// Extension is the sentinel extension that has the key; needed only where there are several.
	Extension *component.ID `mapstructure:"extension"`
	// Instance tells sentinels with the same key apart: a name, or "auto", the name of the node. Only with Key.
	Instance string `mapstructure:"instance"`
	// Topology is "builtin:shop" or the path of a YAML file.
	Topology string `mapstructure:"topology"`
	// Streams are what is sent; without any, ambient.
	Streams streamconfig.Config `mapstructure:"streams"`
	// Retry says how a batch is tried again.
	Retry RetryConfig `mapstructure:"retry"`
	// MetricsInterval is how often metrics of its own work are sent into pipelines of metrics.
	MetricsInterval time.Duration `mapstructure:"metrics_interval"`
}

// RetryConfig says how a batch is tried again that the pipeline may take later.
type RetryConfig struct {
	InitialInterval time.Duration `mapstructure:"initial_interval"`
	MaxInterval     time.Duration `mapstructure:"max_interval"`
	MaxElapsedTime  time.Duration `mapstructure:"max_elapsed_time"`
}

const autoInstance = "auto"

var _ confmap.Validator = (*Config)(nil)

func createDefaultConfig() component.Config {
	return &Config{
		Instance:        autoInstance,
		Topology:        topology.Shop,
		Streams:         streamconfig.Default(),
		Retry:           RetryConfig(generator.DefaultRetry()),
		MetricsInterval: 10 * time.Second,
	}
}
