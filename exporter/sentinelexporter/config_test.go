package sentinelexporter

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

	"github.com/assayhq/assay/exporter/sentinelexporter/internal/metadata"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/samplerconfig"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

const secret = "an entirely public secret"

// loaded reads a configuration of testdata/config.yaml over the defaults, as the collector does.
func loaded(t *testing.T, name string) *Config {
	t.Helper()
	all, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	sub, err := all.Sub(component.NewIDWithName(metadata.Type, name).String())
	require.NoError(t, err)
	c := createDefaultConfig().(*Config)
	require.NoError(t, sub.Unmarshal(c))
	require.NoError(t, c.Validate())
	return c
}

func TestConfigBecomesAPlace(t *testing.T) {
	require.NoError(t, componenttest.CheckConfigStruct(createDefaultConfig()))
	key, err := identity.NewKey(secret)
	require.NoError(t, err)

	p, err := loaded(t, "").place(key)
	require.NoError(t, err)
	assert.Empty(t, p.Streams, "those of the receivers beside it")
	assert.Zero(t, p.LateAfter, "that of the extension")
	assert.Equal(t, verify.DefaultMaxTraces, p.MaxTraces)
	assert.Nil(t, p.Sampler)
	assert.False(t, p.Lens.AddsFields)

	p, err = loaded(t, "alone").place(key)
	require.NoError(t, err)
	require.Len(t, p.Streams, 1)
	assert.Equal(t, "ambient", p.Streams[0].Config().Name)

	c := loaded(t, "everything")
	assert.Equal(t, "[REDACTED]", c.Key.String())
	p, err = c.place(key)
	require.NoError(t, err)
	require.Len(t, p.Streams, 2)
	assert.InDelta(t, 2, p.Streams[0].Config().Rate, 0)
	assert.Equal(t, time.Minute, p.Streams[1].Config().Every)
	assert.Equal(t, map[uint16]string{identity.InstanceOf("node-1"): "node-1", identity.InstanceOf("node-2"): "node-2"}, p.Instances)
	assert.Equal(t, []any{5 * time.Second, 20 * time.Second, 10 * time.Second}, []any{p.LateAfter, p.LostAfter, p.Wait})
	assert.Equal(t, 1000, p.MaxTraces)
	assert.True(t, p.Partial && p.Lens.AddsFields)
	assert.Equal(t, verify.Tail{Marks: []string{"reason"}}, p.Sampler)

	p, err = loaded(t, "probabilistic").place(key)
	require.NoError(t, err)
	want, err := verify.NewConsistent(25, 4)
	require.NoError(t, err)
	assert.Equal(t, want, p.Sampler)
	assert.Equal(t, "eu", loaded(t, "extension").Extension.Name())
}

// What the extension fills in is not known yet; what an exporter of its own does not set is.
func TestTimesOfTheExtension(t *testing.T) {
	long, short := 4*time.Minute, 10*time.Second
	for name, change := range map[string]func(*Config){
		"late_after": func(c *Config) { c.LateAfter = &long },
		"lost_after": func(c *Config) { c.LostAfter = &short },
		"wait": func(c *Config) {
			c.LateAfter, c.Sampler.Tail = &long, configoptional.Some(samplerconfig.Tail{Wait: 55 * time.Minute})
		},
	} {
		c := createDefaultConfig().(*Config)
		change(c)
		require.NoError(t, c.Validate(), name)
	}
	c := createDefaultConfig().(*Config)
	c.Key, c.LateAfter = secret, &long
	require.EqualError(t, c.Validate(), "lost_after: must be at least a second more than late_after (4m0s) and at most 24h, got 2m0s")
	c.LateAfter, c.LostAfter = nil, &short
	require.EqualError(t, c.Validate(), "lost_after: must be at least a second more than late_after (30s) and at most 24h, got 10s")
	c.Key, c.LateAfter, c.LostAfter = "", &short, &short
	require.ErrorContains(t, c.Validate(), "lost_after: must be at least a second more than late_after (10s)")
	day := 25 * time.Hour
	c.LateAfter, c.LostAfter = &day, nil
	require.ErrorContains(t, c.Validate(), "late_after: must be between 1s and 1h, got 25h0m0s")
}

func TestValidateSaysWhatIsWrong(t *testing.T) {
	eu := component.MustNewIDWithName("sentinel", "eu")
	second, minute := time.Second, time.Minute
	for name, test := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"key": {
			func(c *Config) { c.Key, c.Extension, c.Instances = "short", &eu, []string{""} },
			`key: must be a secret of at least 16 bytes, got 5; make one with: openssl rand -hex 16
extension: has no meaning beside a key; keep one of them, got "sentinel/eu"
instances::0: must be the name that the generator has as its instance, got an empty string`,
		},
		"topology": {
			func(c *Config) { c.Topology = "builtin:bank" },
			`topology: there is no built-in topology "builtin:bank"; it is "builtin:shop", or the path of a YAML file`,
		},
		"times": {
			func(c *Config) { c.LateAfter, c.LostAfter, c.MaxTraces = &minute, &second, 0 },
			`lost_after: must be at least a second more than late_after (1m0s) and at most 24h, got 1s
max_traces: must be positive, got 0`,
		},
		"two samplers": {
			func(c *Config) {
				c.Sampler.Probabilistic = configoptional.Some(samplerconfig.Probabilistic{Percentage: 10, Precision: 4})
				c.Sampler.Tail = configoptional.Some(samplerconfig.Tail{})
			},
			"sampler: only one can be declared, probabilistic or tail; behind both, declare tail",
		},
		"probabilistic": {
			func(c *Config) {
				c.Sampler.Probabilistic = configoptional.Some(samplerconfig.Probabilistic{Precision: 4})
			},
			"sampler::probabilistic::sampling_percentage: must be more than 0 and at most 100, got 0",
		},
		"tail": {
			func(c *Config) { c.Sampler.Tail = configoptional.Some(samplerconfig.Tail{Wait: -1}) },
			"sampler::tail::wait: must be between 0s and 1h, got -1ns",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := createDefaultConfig().(*Config)
			test.change(c)
			require.EqualError(t, c.Validate(), test.want)
		})
	}
}
