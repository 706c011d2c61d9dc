package sentinelextension

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension/extensioncapabilities"
	"go.yaml.in/yaml/v3"

	"github.com/assayhq/assay/test/hosttest"
)

// configurationOf reads a collector's configuration, and the sentinel extension's part of it.
func configurationOf(t *testing.T, text string) (*confmap.Conf, *Config) {
	t.Helper()
	whole := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(text), &whole))
	conf := confmap.NewFromStringMap(whole)
	section, err := conf.Sub("extensions::sentinel")
	require.NoError(t, err)
	c := createDefaultConfig().(*Config)
	require.NoError(t, section.Unmarshal(c))
	return conf, c
}

// What README tells to begin with watches every way out, and so does the example.
func TestSmallestConfigurationWatchesAll(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	example, err := os.ReadFile("../../examples/sentinel.yaml")
	require.NoError(t, err)
	smallest := regexp.MustCompile("(?s)## Smallest configuration.*?```yaml\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, smallest)
	for _, text := range []string{string(smallest[1]), string(example)} {
		conf, c := configurationOf(t, text)
		require.NotEmpty(t, c.Backends)
		unwatched, err := c.unwatched(conf)
		require.NoError(t, err)
		assert.Empty(t, unwatched)
	}
}

// Of the configuration of `make run` README says that nobody watches the file.
func TestDefaultConfigurationSaysWhatNobodyWatches(t *testing.T) {
	text, err := os.ReadFile("../../config.yaml")
	require.NoError(t, err)
	conf, c := configurationOf(t, string(text))
	unwatched, err := c.unwatched(conf)
	require.NoError(t, err)
	require.Len(t, unwatched, 1)
	assert.Equal(t, "file", unwatched[0].Exporter)
}

// Without a backend the start warns of each exporter behind which nobody looks, and /status says so.
func TestUnwatchedExportersAreSaid(t *testing.T) {
	const pipelines = `
connectors: {forward: }
service:
  pipelines:
    traces: {receivers: [otlp, sentinel], exporters: [otlp, sentinel, debug, forward]}
    traces/archive: {receivers: [forward], exporters: [kafka]}
extensions:
  sentinel: {key: an entirely public secret}`
	conf, c := configurationOf(t, pipelines)
	e, logs := newTestExtension(t, c)
	require.NoError(t, e.NotifyConfigSnapshot(t.Context(), extensioncapabilities.NewConfigSnapshot(conf, nil)), "before Start")
	require.NoError(t, e.Start(t.Context(), &hosttest.Host{}))
	defer func() { require.NoError(t, e.Shutdown(t.Context())) }()
	require.NoError(t, e.NotifyConfigSnapshot(t.Context(), extensioncapabilities.NewConfigSnapshot(conf, nil)))
	var said []string
	for _, one := range logs.FilterMessageSnippet("Nobody watches what is lost behind an exporter").All() {
		said = append(said, one.ContextMap()["pipeline"].(string)+" "+one.ContextMap()["exporter"].(string))
	}
	assert.Equal(t, []string{"traces otlp", "traces/archive kafka"}, said)

	conf, c = configurationOf(t, strings.Replace(pipelines, "secret}", `secret, backends: [{name: b, type: jaeger, endpoint: "http://localhost:1", exporters: [zipkin]}]}`, 1))
	e.config = c
	require.ErrorContains(t, e.NotifyConfigSnapshot(t.Context(), extensioncapabilities.NewConfigSnapshot(conf, nil)), `backends::b::exporters: no pipeline of traces brings those of a sentinel to "zipkin"`)
}
