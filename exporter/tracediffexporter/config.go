package tracediffexporter

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// Config of the trace_diff exporter. README.md has the table of options.
type Config struct {
	// Storage is where the history is kept.
	Storage StorageConfig `mapstructure:"storage"`
	// Console is the extension that serves the API. Where there is only one it is found by itself.
	Console *component.ID `mapstructure:"console"`
	// Limits bound what is held.
	Limits LimitsConfig `mapstructure:"limits"`
	// Assembly says when the spans of a trace are together.
	Assembly AssemblyConfig `mapstructure:"assembly"`
	// Defaults are for queries that are silent on something, such as those of the API.
	Defaults DefaultsConfig `mapstructure:"defaults"`
	// Queries are the traces to watch. More can be added over the API.
	Queries []QueryConfig `mapstructure:"queries"`
	// Alerts are the targets that queries name.
	Alerts map[string]AlertConfig `mapstructure:"alerts"`
}

// StorageConfig is where the history is kept.
type StorageConfig struct {
	Driver    string              `mapstructure:"driver"`    // sqlite or postgres
	DSN       configopaque.String `mapstructure:"dsn"`       // of sqlite: a path; of postgres: a URL or key=value pairs
	Retention time.Duration       `mapstructure:"retention"` // of snapshots and diffs
}

// LimitsConfig bounds what is held.
type LimitsConfig struct {
	GroupsPerSnapshot int   `mapstructure:"groups_per_snapshot"`
	ValuesPerKey      int   `mapstructure:"values_per_key"`
	MemoryMiB         int64 `mapstructure:"memory_mib"`
}

// AssemblyConfig says when the spans of a trace are together.
type AssemblyConfig struct {
	Wait time.Duration `mapstructure:"wait"` // after the last span
}

// DefaultsConfig is what a query means that is silent.
type DefaultsConfig struct {
	Window     time.Duration    `mapstructure:"window"`
	Lateness   time.Duration    `mapstructure:"lateness"`
	Baselines  []any            `mapstructure:"baselines"`
	Thresholds ThresholdsConfig `mapstructure:"thresholds"`
}

// QueryConfig is a set of traces, and how to watch them. What is not set is taken from the defaults.
type QueryConfig struct {
	Name       string           `mapstructure:"name"`
	Query      string           `mapstructure:"query"`
	Scope      string           `mapstructure:"scope"`
	GroupBy    []string         `mapstructure:"group_by"`
	Window     *time.Duration   `mapstructure:"window"`
	Lateness   *time.Duration   `mapstructure:"lateness"`
	Baselines  []any            `mapstructure:"baselines"` // "previous", a duration, {version: previous}, {pin: SNAPSHOT}
	Thresholds ThresholdsConfig `mapstructure:"thresholds"`
	Alerts     []string         `mapstructure:"alerts"` // names below alerts
}

// ThresholdsConfig says what a change is. What is not set is taken from the defaults.
type ThresholdsConfig struct {
	FDR             *float64 `mapstructure:"fdr"`
	MinLatencyRatio *float64 `mapstructure:"min_latency_ratio"`
	MinErrorDelta   *float64 `mapstructure:"min_error_delta"`
	MinCallRatio    *float64 `mapstructure:"min_call_ratio"`
	Persist         *int     `mapstructure:"persist"`
	// FalseAlertsPerWeek is how many alerts a query may raise in a week in which nothing changes, in the mean.
	FalseAlertsPerWeek *float64 `mapstructure:"false_alerts_per_week"`
	// NewNormalAfter is for how long a confirmed change is compared with what was before it. What lasts longer is the new normal.
	NewNormalAfter *time.Duration `mapstructure:"new_normal_after"`
}

// AlertConfig is a target of alerts.
type AlertConfig struct {
	Type                    string `mapstructure:"type"` // alertmanager or webhook
	confighttp.ClientConfig `mapstructure:",squash"`
	// Secret signs the requests of a webhook.
	Secret configopaque.String `mapstructure:"secret"`
}

// Values of StorageConfig.Driver and AlertConfig.Type.
const (
	driverSQLite   = "sqlite"
	driverPostgres = "postgres"

	typeAlertmanager = "alertmanager"
	typeWebhook      = "webhook"
)

var (
	_ confmap.Validator   = (*Config)(nil)
	_ confmap.Unmarshaler = (*AlertConfig)(nil)
)

func createDefaultConfig() component.Config {
	d, l := tracediff.StandardDefaults(), window.DefaultLimits()
	return &Config{
		Storage:  StorageConfig{Driver: driverSQLite, DSN: "./trace_diff.db", Retention: 720 * time.Hour},
		Limits:   LimitsConfig{GroupsPerSnapshot: l.GroupsPerSnapshot, ValuesPerKey: l.ValuesPerKey, MemoryMiB: l.MemoryBytes >> 20},
		Assembly: AssemblyConfig{Wait: window.DefaultWait},
		Defaults: DefaultsConfig{Window: d.Window, Lateness: d.Lateness, Baselines: []any{"previous"}},
	}
}

// Unmarshal gives each target the defaults of an HTTP client.
func (c *AlertConfig) Unmarshal(conf *confmap.Conf) error {
	c.ClientConfig = confighttp.NewDefaultClientConfig()
	c.Timeout = 10 * time.Second
	return conf.Unmarshal(c)
}
