package smarttailsampling

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/assayhq/assay/internal/tailsampling"
)

func ptr[T any](v T) *T { return &v }

// changed is the default configuration with a change.
func changed(change func(*Config)) *Config {
	c := DefaultConfig()
	if change != nil {
		change(c)
	}
	return c
}

// loaded reads a configuration of testdata/config.yaml over the defaults, as the collector does.
func loaded(t *testing.T, name string) *Config {
	t.Helper()
	all, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	id := component.NewIDWithName(component.MustNewType("smart_tail_sampling"), name)
	sub, err := all.Sub(id.String())
	require.NoError(t, err)
	c := DefaultConfig()
	require.NoError(t, sub.Unmarshal(c))
	return c
}

func TestConfigLoads(t *testing.T) {
	cases := map[string]func(*Config){
		"":                  nil,
		"empty_sections":    func(c *Config) { c.Rules = []RuleConfig{} },
		"traces_per_second": func(c *Config) { c.Budget.TracesPerSecond = ptr(0.5) },
		"bytes_per_second":  func(c *Config) { c.Budget.BytesPerSecond = ptr(1e6) },
		"percentage":        func(c *Config) { c.Budget.Percentage = ptr(100.0) },
		"zeros":             func(c *Config) { c.Baseline, c.Interest = 0, InterestConfig{} },
		"everything": func(c *Config) {
			*c = Config{
				Metrics:    c.Metrics,
				Journal:    configoptional.Some(JournalConfig{Directory: "/var/lib/otelcol-assay/journal", MaxMiB: 2048, Fsync: true}),
				Budget:     BudgetConfig{SpansPerSecond: ptr(2000.0)},
				Baseline:   0.3,
				Completion: CompletionConfig{Target: 0.99, InitialWait: 5 * time.Second, MinWait: 200 * time.Millisecond, MaxWait: 30 * time.Second},
				Paths:      PathsConfig{Max: 500, HalfLife: 5 * time.Minute, Attributes: []string{"http.route", "tenant"}},
				Interest:   InterestConfig{Latency: 0.2, Error: 0.5},
				Rules: []RuleConfig{
					{Name: "health", Action: "drop", Span: []string{`attributes["url.path"] == "/healthz"`}},
					{Name: "vip", Action: "keep", Resource: []string{`attributes["tenant"] == "acme"`}},
					{Name: "batch", Action: "weight", Weight: ptr(0.1), Span: []string{`name == "nightly"`}},
					{Name: "canary", Action: "probability", Probability: ptr(0.5), Span: []string{"true"}, Resource: []string{`attributes["version"] == "2"`}},
				},
				Memory:        MemoryConfig{LimitMiB: 256},
				DecisionCache: DecisionCacheConfig{Kept: 1000, Dropped: 5000},
				Randomness:    "hash",
				DryRun:        true,
				Attributes:    AttributesConfig{Reason: "sampled.because"},
			}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			c := loaded(t, name)
			assert.Equal(t, changed(change), c)
			assert.NoError(t, c.Validate())
		})
	}
}

// The defaults are a contract: they are what a configuration without a line means.
func TestDefaultConfig(t *testing.T) {
	c := changed(nil)
	assert.Equal(t, &Config{
		Baseline:      0.2,
		Completion:    CompletionConfig{Target: 0.999, InitialWait: 10 * time.Second, MinWait: 100 * time.Millisecond, MaxWait: time.Minute},
		Paths:         PathsConfig{Max: 10_000, HalfLife: 10 * time.Minute, NormalizeNames: true},
		Interest:      InterestConfig{Latency: 0.55, Error: 0.35, Rarity: 0.1},
		Memory:        MemoryConfig{LimitMiB: 1024},
		DecisionCache: DecisionCacheConfig{Kept: 200_000, Dropped: 2_000_000},
		Randomness:    "auto",
		Journal:       configoptional.Default(JournalConfig{MaxMiB: 4096}),
		Metrics: configoptional.Default(MetricsConfig{
			Interval: 15 * time.Second, Temporality: "cumulative", Expiration: 30 * time.Minute, Exemplars: 4, MaxBuckets: 160,
		}),
		Attributes: AttributesConfig{
			Reason: "assay.sampling.reason", Path: "assay.sampling.path", Probability: "assay.sampling.probability",
		},
	}, c)
	require.NoError(t, c.Validate())
	e, err := c.Engine(componenttest.NewNopTelemetrySettings(), nil)
	require.NoError(t, err)
	assert.Equal(t, tailsampling.Budget{Unit: tailsampling.SharePercent, Value: 10}, e.Budget)
	want := tailsampling.Defaults() // whose callers choose ids
	want.HashRandomness, want.TrustRandomFlag = true, true
	assert.Equal(t, want, e, "the defaults of the engine are those of the processor")
}

// Every key reaches the engine.
func TestConfigReachesTheEngine(t *testing.T) {
	e, err := loaded(t, "everything").Engine(componenttest.NewNopTelemetrySettings(), nil)
	require.NoError(t, err)
	assert.NotNil(t, e.Matcher)
	e.Matcher = nil
	assert.Equal(t, tailsampling.Config{
		Budget:   tailsampling.Budget{Unit: tailsampling.SpansPerSecond, Value: 2000},
		Baseline: 0.3,
		Completion: tailsampling.Completion{
			Target: 0.99, InitialWait: 5 * time.Second, MinWait: 200 * time.Millisecond, MaxWait: 30 * time.Second,
		},
		Paths:    tailsampling.Paths{Max: 500, HalfLife: 5 * time.Minute, Attributes: []string{"http.route", "tenant"}},
		Interest: tailsampling.Interest{Latency: 0.2, Error: 0.5},
		Rules: []tailsampling.Rule{
			{Name: "health", Action: tailsampling.Drop},
			{Name: "vip", Action: tailsampling.Keep},
			{Name: "batch", Action: tailsampling.Weight, Value: 0.1},
			{Name: "canary", Action: tailsampling.Probability, Value: 0.5},
		},
		MemoryLimit: 256 << 20, KeptCache: 1000, DroppedCache: 5000,
		HashRandomness: true, DryRun: true,
		Marks: tailsampling.Marks{Reason: "sampled.because"},
	}, e)
}
