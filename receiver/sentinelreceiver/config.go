package sentinelreceiver

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
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
	Streams StreamsConfig `mapstructure:"streams"`
	// Retry says how a batch is tried again.
	Retry RetryConfig `mapstructure:"retry"`
	// MetricsInterval is how often metrics of its own work are sent into pipelines of metrics.
	MetricsInterval time.Duration `mapstructure:"metrics_interval"`
}

// StreamsConfig holds the streams.
type StreamsConfig struct {
	Ambient configoptional.Optional[AmbientConfig] `mapstructure:"ambient"`
	Burst   configoptional.Optional[BurstConfig]   `mapstructure:"burst"`
}

// AmbientConfig is the stream of ordinary traces.
type AmbientConfig struct {
	Shape `mapstructure:",squash"`
}

// BurstConfig is the stream of errors that starts and stops.
type BurstConfig struct {
	Shape      `mapstructure:",squash"`
	Every      time.Duration `mapstructure:"every"`
	For        time.Duration `mapstructure:"for"`
	ErrorShare float64       `mapstructure:"error_share"`
	// Alert is the rule that the errors trip; the extension follows it.
	Alert string `mapstructure:"alert"`
}

// Shape is what all streams have.
type Shape struct {
	// Number is part of every trace id: streams of one key and instance need different ones.
	Number  uint8   `mapstructure:"number"`
	Rate    float64 `mapstructure:"rate"` // traces a second
	Batches int     `mapstructure:"batches"`
	Reorder float64 `mapstructure:"reorder"`
	Long    float64 `mapstructure:"long"`
}

// RetryConfig says how a batch is tried again that the pipeline may take later.
type RetryConfig struct {
	InitialInterval time.Duration `mapstructure:"initial_interval"`
	MaxInterval     time.Duration `mapstructure:"max_interval"`
	MaxElapsedTime  time.Duration `mapstructure:"max_elapsed_time"`
}

const (
	autoInstance  = "auto"
	ambientStream = "ambient"
	burstStream   = "burst"
)

var _ confmap.Validator = (*Config)(nil)

func createDefaultConfig() component.Config {
	return &Config{
		Instance: autoInstance,
		Topology: topology.Shop,
		Streams: StreamsConfig{
			Ambient: configoptional.Default(defaultAmbient()),
			Burst: configoptional.Default(BurstConfig{
				Shape: Shape{Number: 1, Rate: 5, Batches: 6, Reorder: 0.2}, Every: 15 * time.Minute, For: 5 * time.Minute, ErrorShare: 0.5,
			}),
		},
		Retry:           RetryConfig(generator.DefaultRetry()),
		MetricsInterval: 10 * time.Second,
	}
}

func defaultAmbient() AmbientConfig {
	return AmbientConfig{Shape{Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01}}
}

// configs returns the streams for a topology, which may be nil as long as only validation follows.
func (c *Config) configs(t *topology.Topology) []traffic.Config {
	var out []traffic.Config
	ambient, burst := c.Streams.Ambient.Get(), c.Streams.Burst.Get()
	if ambient == nil && burst == nil {
		usual := defaultAmbient()
		ambient = &usual
	}
	if ambient != nil {
		out = append(out, ambient.config(ambientStream, t))
	}
	if burst != nil {
		s := burst.config(burstStream, t)
		s.Every, s.For, s.ErrorShare = burst.Every, burst.For, burst.ErrorShare
		out = append(out, s)
	}
	return out
}

func (s *Shape) config(name string, t *topology.Topology) traffic.Config {
	return traffic.Config{Number: s.Number, Name: name, Topology: t, Rate: s.Rate, Batches: s.Batches, Reorder: s.Reorder, Long: s.Long}
}

// alert is the rule that a stream trips.
func (c *Config) alert(stream string) string {
	if burst := c.Streams.Burst.Get(); burst != nil && stream == burstStream {
		return burst.Alert
	}
	return ""
}
