package sentinelextension

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

func load(t *testing.T, settings map[string]any) *Config {
	t.Helper()
	c := createDefaultConfig().(*Config)
	require.NoError(t, confmap.NewFromStringMap(settings).Unmarshal(c))
	return c
}

// The defaults are a contract, and the default burst of the receiver fits into the default intervals.
func TestDefaultConfig(t *testing.T) {
	c := load(t, nil)
	require.NoError(t, c.Validate())
	assert.Equal(t, "auto", c.Instance)
	assert.Equal(t, SLOConfig{0.9999, 15 * time.Second, time.Hour, 30 * time.Second, 120 * time.Second}, c.SLO)
	assert.False(t, c.Prometheus.HasValue())
	assert.False(t, c.Alertmanager.HasValue())
	assert.False(t, c.Heartbeat.HasValue())

	c = load(t, map[string]any{
		"backends":     []any{map[string]any{"name": "jaeger", "type": "jaeger", "endpoint": "http://localhost:16686"}},
		"prometheus":   map[string]any{"endpoint": "http://localhost:9090", "numbers": nil},
		"alertmanager": map[string]any{"endpoint": "http://localhost:9093"},
		"heartbeat":    map[string]any{"endpoint": "https://switch.example/assay"},
	})
	require.NoError(t, c.Validate())
	assert.InDelta(t, 1, c.Backends[0].Share, 0)
	assert.Equal(t, defaultTimeout, c.Backends[0].Timeout)
	assert.Equal(t, "localhost:4081", c.Alertmanager.Get().Webhook.NetAddr.Endpoint)
	assert.Equal(t, 30*time.Second, c.Heartbeat.Get().Interval)
	intervals := c.intervals()
	require.NoError(t, intervals.Check(15*time.Minute, 5*time.Minute))
}

func TestValidateSaysAllThatIsWrong(t *testing.T) {
	c := load(t, map[string]any{
		"key": "short", "instance": "",
		"slo": map[string]any{"completeness": 1, "p99": "40s", "window": "1s", "lost_after": "30s"},
		"backends": []any{
			map[string]any{"name": "one", "type": "zipkin", "endpoint": "localhost:9411", "share": 0},
			map[string]any{"name": "one", "type": "tempo", "endpoint": "http://localhost:3200", "sampler": map[string]any{"tail": map[string]any{"wait": "-1s"}}},
			map[string]any{"name": "alerts", "type": "tempo", "endpoint": "http://localhost:3200", "sampler": map[string]any{"probabilistic": nil}},
		},
		"alertmanager": map[string]any{"endpoint": "", "webhook": map[string]any{"endpoint": "4081"}},
		"heartbeat":    map[string]any{"endpoint": "ftp://switch", "interval": "1ms"},
	})
	require.EqualError(t, c.Validate(), `key: must be a secret of at least 16 bytes, got 5; make one with: openssl rand -hex 16
instance: must be "auto", or a name that no other sentinel with this key has
slo::completeness: must be more than 0 and less than 1 (nothing is perfect), got 1
slo::window: must be between 1m and 744h, got 1s
slo::lost_after: must be at least a second more than late_after (30s) and at most 24h, got 30s
slo::p99: must be at most late_after (30s): what is late is not within it, got 40s
backends::0::type: must be one of [jaeger tempo], got "zipkin"
backends::0::endpoint: must be the address of an HTTP API, such as http://localhost:9090, got "localhost:9411"
backends::0::share: must be more than 0 and at most 1, got 0
backends::1::name: "one" is that of backends::0
backends::1::sampler::tail::wait: must be between 0s and 1h, got -1s
backends::2::name: "alerts" is the name of another vantage; choose another one
backends::2::sampler::probabilistic::sampling_percentage: must be more than 0 and at most 100, got 0
prometheus: must be set beside alertmanager: without it nobody can be asked why an alert did not come
alertmanager::endpoint: must be the address of an HTTP API, such as http://localhost:9090, got ""
alertmanager::webhook::endpoint: must be host:port, such as localhost:4081, got "4081"
heartbeat::endpoint: must be the address of an HTTP API, such as http://localhost:9090, got "ftp://switch"
heartbeat::interval: must be between 1s and 1h0m0s, got 1ms`)

	c = load(t, map[string]any{"prometheus": map[string]any{
		"endpoint": "http://localhost:9090", "scrape_interval": "0s", "numbers": map[string]any{"metric": "a{b}", "unit": "1m", "every": "0s", "edge": "0s"},
	}})
	require.EqualError(t, c.Validate(), `prometheus::scrape_interval: must be between 100ms and 1h0m0s, got 0s
prometheus::numbers::metric: must be the name of a histogram without _bucket, got "a{b}"
prometheus::numbers::unit: must be 1ms or 1s, the unit of the histogram's bounds, got 1m0s
prometheus::numbers::every: must be between 1s and 1h0m0s, got 0s
prometheus::numbers::edge: must be between 1s and 1h0m0s, got 0s`)
}
