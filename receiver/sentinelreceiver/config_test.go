package sentinelreceiver

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

	"github.com/assayhq/assay/internal/sentinel/streamconfig"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadata"
)

const secret = "an entirely public secret"

// changed is a configuration with a key and otherwise the defaults, with a change.
func changed(change func(*Config)) *Config {
	c := createDefaultConfig().(*Config)
	c.Key = secret
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
	sub, err := all.Sub(component.NewIDWithName(metadata.Type, name).String())
	require.NoError(t, err)
	c := createDefaultConfig().(*Config)
	require.NoError(t, sub.Unmarshal(c))
	require.NoError(t, c.Validate())
	return c
}

// The defaults are a contract.
func TestConfigLoads(t *testing.T) {
	require.NoError(t, componenttest.CheckConfigStruct(createDefaultConfig()))
	ambient := traffic.Config{Name: "ambient", Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01}
	burst := traffic.Config{Name: "burst", Number: 1, Rate: 5, Batches: 6, Reorder: 0.2, Every: 15 * time.Minute, For: 5 * time.Minute, ErrorShare: 0.5}
	c := loaded(t, "")
	assert.Equal(t, []traffic.Config{ambient}, c.Streams.Streams(nil))
	assert.Equal(t, RetryConfig{50 * time.Millisecond, 5 * time.Second, 30 * time.Second}, c.Retry)
	assert.Equal(t, 10*time.Second, c.MetricsInterval)
	assert.Equal(t, "auto", c.Instance)
	assert.Equal(t, "builtin:shop", c.Topology)
	assert.Equal(t, "[REDACTED]", c.Key.String())

	assert.Equal(t, []traffic.Config{ambient, burst}, loaded(t, "sections").Streams.Streams(nil))
	c = loaded(t, "burst")
	assert.Equal(t, []traffic.Config{burst}, c.Streams.Streams(nil))
	assert.Equal(t, "SentinelBurst", c.Streams.Alert("burst"))
	assert.Empty(t, c.Streams.Alert("ambient"))

	c = loaded(t, "everything")
	assert.Equal(t, []traffic.Config{
		{Name: "ambient", Number: 3, Rate: 0.5, Batches: 2},
		{Name: "burst", Number: 4, Rate: 2, Batches: 1, Reorder: 1, Long: 0.5, Every: time.Minute, For: 20 * time.Second, ErrorShare: 1},
	}, c.Streams.Streams(nil))
	assert.Equal(t, RetryConfig{10 * time.Millisecond, time.Second, 5 * time.Second}, c.Retry)
	assert.Equal(t, component.MustNewIDWithName("sentinel", "eu"), *loaded(t, "extension").Extension)
}

func TestValidateSaysWhatIsWrong(t *testing.T) {
	eu := component.MustNewIDWithName("sentinel", "eu")
	for name, test := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"secrets": {
			func(c *Config) { c.Key, c.Extension, c.Instance = "short", &eu, "" },
			`key: must be a secret of at least 16 bytes, got 5; make one with: openssl rand -hex 16
extension: has no meaning beside a key; keep one of them, got "sentinel/eu"
instance: must be "auto", or a name that no other sentinel with this key has`,
		},
		"instance of the extension": {
			func(c *Config) { c.Key, c.Instance = "", "node" },
			`instance: is that of the sentinel extension, unless the receiver has a key of its own; set it there, got "node"`,
		},
		"topology": {
			func(c *Config) { c.Topology = "builtin:bank" },
			`topology: there is no built-in topology "builtin:bank"; it is "builtin:shop", or the path of a YAML file`,
		},
		"rates of nothing and of everything": {
			func(c *Config) {
				c.Streams.Ambient = configoptional.Some(streamconfig.Ambient{Shape: streamconfig.Shape{Number: 1, Batches: 1}})
				c.Streams.Burst = configoptional.Some(streamconfig.Burst{Shape: streamconfig.Shape{Number: 1, Rate: 1e9}})
			},
			`streams::ambient::rate: must be traces a second, more than 0 and at most 1000000, got 0; to switch the stream off, leave it out
streams::burst::number: 1 is taken by ambient; traces of both would have the same ids
streams::burst::rate: must be traces a second, more than 0 and at most 1000000, got 1e+09; to switch the stream off, leave it out
streams::burst::batches: must be between 1 and 64, got 0
streams::burst::every: must be set: a burst starts and stops; for a stream that never pauses use ambient`,
		},
		"times": {
			func(c *Config) {
				c.Retry = RetryConfig{InitialInterval: time.Second, MaxInterval: time.Millisecond}
				c.MetricsInterval = 0
			},
			`retry::max_elapsed_time: must be between 1ms and 1h, got 0s
retry::max_interval: must be at least initial_interval (1s), got 1ms
metrics_interval: must be at least 1s, got 0s`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.EqualError(t, changed(test.change).Validate(), test.want)
		})
	}
}
