package sentinelextension

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/metricscheck"
	"github.com/assayhq/assay/internal/sentinel/samplerconfig"
	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Config of the sentinel extension. README.md has the table of options.
type Config struct {
	// Key is the secret by which verifiers recognise the traces. Without it one is generated, which nobody else knows.
	Key configopaque.String `mapstructure:"key"`
	// Instance tells sentinels with the same key apart: a name, or "auto", the name of the node.
	Instance string `mapstructure:"instance"`
	// SLO is what is promised.
	SLO SLOConfig `mapstructure:"slo"`
	// Backends are where stored traces are looked up again.
	Backends []BackendConfig `mapstructure:"backends"`
	// Prometheus evaluates the alerts of bursts, and keeps the numbers that are checked.
	Prometheus configoptional.Optional[PrometheusConfig] `mapstructure:"prometheus"`
	// Alertmanager tells of the alerts.
	Alertmanager configoptional.Optional[AlertmanagerConfig] `mapstructure:"alertmanager"`
	// Heartbeat is a dead man's switch.
	Heartbeat configoptional.Optional[HeartbeatConfig] `mapstructure:"heartbeat"`
	// Storage keeps the history, the counts and the budgets across restarts.
	Storage *component.ID `mapstructure:"storage"`
	// Console is the extension that serves the routes. Where there is only one it is found by itself.
	Console *component.ID `mapstructure:"console"`
}

// SLOConfig is what is promised, and when a trace counts as late or lost.
type SLOConfig struct {
	Completeness float64       `mapstructure:"completeness"`
	P99          time.Duration `mapstructure:"p99"`
	Window       time.Duration `mapstructure:"window"`
	LateAfter    time.Duration `mapstructure:"late_after"`
	LostAfter    time.Duration `mapstructure:"lost_after"`
}

// BackendConfig is where stored traces are looked up again.
type BackendConfig struct {
	Name                    string `mapstructure:"name"`
	Type                    string `mapstructure:"type"` // jaeger or tempo
	confighttp.ClientConfig `mapstructure:",squash"`
	Exporters               []component.ID       `mapstructure:"exporters"` // that lead there; none: the one of its name, or the only one
	Share                   float64              `mapstructure:"share"`     // of the traces that are looked up
	Sampler                 samplerconfig.Config `mapstructure:"sampler"`   // what lies between the generator and the backend
}

// PrometheusConfig is a Prometheus server and what it declares.
type PrometheusConfig struct {
	confighttp.ClientConfig `mapstructure:",squash"`
	ScrapeInterval          time.Duration                          `mapstructure:"scrape_interval"`
	EvaluationInterval      time.Duration                          `mapstructure:"evaluation_interval"` // or that of the rule's group
	Rule                    RuleConfig                             `mapstructure:"rule"`
	Numbers                 configoptional.Optional[NumbersConfig] `mapstructure:"numbers"`
}

// RuleConfig is what the rule of the burst's alert declares.
type RuleConfig struct {
	Range time.Duration `mapstructure:"range"` // in its expression
	For   time.Duration `mapstructure:"for"`
}

// NumbersConfig is a histogram of span durations that is compared with what was sent.
type NumbersConfig struct {
	Metric   string        `mapstructure:"metric"`   // without _bucket
	Matchers string        `mapstructure:"matchers"` // that choose the sentinel's series
	Unit     time.Duration `mapstructure:"unit"`     // of the bounds
	Every    time.Duration `mapstructure:"every"`    // between two readings
	Edge     time.Duration `mapstructure:"edge"`     // the longest way from a span that leaves to its number in Prometheus
}

// AlertmanagerConfig is an Alertmanager and what it declares for the route to the webhook.
type AlertmanagerConfig struct {
	confighttp.ClientConfig `mapstructure:",squash"`
	Webhook                 confighttp.ServerConfig `mapstructure:"webhook"`
	Receiver                string                  `mapstructure:"receiver"` // of Alertmanager, whose webhook it is; empty: any
	GroupWait               time.Duration           `mapstructure:"group_wait"`
	GroupInterval           time.Duration           `mapstructure:"group_interval"`
	Slack                   time.Duration           `mapstructure:"slack"` // for the network and busy machines
}

// HeartbeatConfig is a dead man's switch that is told while the verdict is ok.
type HeartbeatConfig struct {
	confighttp.ClientConfig `mapstructure:",squash"`
	Interval                time.Duration `mapstructure:"interval"`
}

const (
	autoInstance           = "auto"
	defaultTimeout         = 5 * time.Second
	defaultWebhookEndpoint = "localhost:4081"
	defaultWebhookBody     = 1 << 20
)

var (
	_ confmap.Validator   = (*Config)(nil)
	_ confmap.Unmarshaler = (*BackendConfig)(nil)
)

func createDefaultConfig() component.Config {
	o := slo.Default()
	source := metricscheck.DefaultSource()
	return &Config{
		Instance: autoInstance,
		SLO: SLOConfig{
			Completeness: o.Completeness, P99: o.P99, Window: o.Window, LateAfter: verify.DefaultLateAfter, LostAfter: verify.DefaultLostAfter,
		},
		Prometheus: configoptional.Default(PrometheusConfig{
			ClientConfig: defaultClient(), ScrapeInterval: 15 * time.Second, EvaluationInterval: 15 * time.Second, Rule: RuleConfig{Range: time.Minute},
			Numbers: configoptional.Default(NumbersConfig{
				Metric: source.Metric, Matchers: `service_namespace="assay-sentinel"`, Unit: source.Unit, Every: 5 * time.Minute, Edge: 90 * time.Second,
			}),
		}),
		Alertmanager: configoptional.Default(AlertmanagerConfig{
			ClientConfig: defaultClient(), Webhook: defaultWebhook(), GroupWait: 10 * time.Second, GroupInterval: time.Minute, Slack: 15 * time.Second,
		}),
		Heartbeat: configoptional.Default(HeartbeatConfig{ClientConfig: defaultClient(), Interval: 30 * time.Second}),
	}
}

func defaultClient() confighttp.ClientConfig {
	c := confighttp.NewDefaultClientConfig()
	c.Timeout = defaultTimeout
	return c
}

func defaultWebhook() confighttp.ServerConfig {
	s := confighttp.NewDefaultServerConfig()
	s.NetAddr.Endpoint = defaultWebhookEndpoint
	s.MaxRequestBodySize = defaultWebhookBody
	return s
}

// Unmarshal gives each backend its defaults.
func (c *BackendConfig) Unmarshal(conf *confmap.Conf) error {
	c.ClientConfig, c.Share, c.Sampler = defaultClient(), 1, samplerconfig.Default()
	return conf.Unmarshal(c)
}

// objectives is what is promised.
func (c *SLOConfig) objectives() slo.Config {
	return slo.Config{Completeness: c.Completeness, P99: c.P99, Window: c.Window}
}

// intervals is what the monitoring system declares.
func (c *Config) intervals() alertcycle.Intervals {
	p, a := c.Prometheus.Get(), c.Alertmanager.Get()
	return alertcycle.Intervals{
		Scrape: p.ScrapeInterval, Evaluation: p.EvaluationInterval, Range: p.Rule.Range, For: p.Rule.For,
		GroupWait: a.GroupWait, GroupInterval: a.GroupInterval, Slack: a.Slack,
	}
}
