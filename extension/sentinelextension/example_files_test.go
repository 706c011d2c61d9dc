package sentinelextension

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	"github.com/assayhq/assay/internal/sentinel/streamconfig"
)

// readExample reads a file below examples.
func readExample(t *testing.T, to any, name ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "examples"}, name...)...))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, to))
}

// What the example declares of Prometheus and Alertmanager is what the files beside it do, and its burst fits.
func TestExampleDeclaresWhatIsTrue(t *testing.T) {
	var example struct {
		Receivers struct {
			Sentinel struct {
				Streams struct {
					Burst struct {
						Every, For time.Duration
						Alert      string
					}
				}
			}
		}
		Extensions map[string]any
	}
	readExample(t, &example, "sentinel.yaml")
	c := createDefaultConfig().(*Config)
	section, ok := example.Extensions["sentinel"].(map[string]any)
	require.True(t, ok)
	require.NoError(t, confmap.NewFromStringMap(section).Unmarshal(c))
	p, a := c.Prometheus.Get(), c.Alertmanager.Get()

	var prometheus struct {
		Global struct {
			Scrape     string `yaml:"scrape_interval"`
			Evaluation string `yaml:"evaluation_interval"`
		}
	}
	readExample(t, &prometheus, "sentinel", "prometheus.yaml")
	assert.Equal(t, duration(t, prometheus.Global.Scrape), p.ScrapeInterval)
	assert.Equal(t, duration(t, prometheus.Global.Evaluation), p.EvaluationInterval)

	var rules struct {
		Groups []struct {
			Interval string
			Rules    []struct {
				Alert, Expr, For string
			}
		}
	}
	readExample(t, &rules, "sentinel", "rules.yaml")
	require.Len(t, rules.Groups, 1)
	require.Len(t, rules.Groups[0].Rules, 1)
	rule := rules.Groups[0].Rules[0]
	burst := example.Receivers.Sentinel.Streams.Burst
	assert.Equal(t, burst.Alert, rule.Alert)
	assert.Equal(t, duration(t, rules.Groups[0].Interval), p.EvaluationInterval)
	assert.Equal(t, duration(t, regexp.MustCompile(`\[(\w+)\]`).FindStringSubmatch(rule.Expr)[1]), p.Rule.Range)
	assert.Empty(t, rule.For)
	assert.Zero(t, p.Rule.For)

	var alertmanager struct {
		Route struct {
			Routes []struct {
				Receiver string
				Matchers []string
				Wait     string `yaml:"group_wait"`
				Interval string `yaml:"group_interval"`
			}
		}
		Receivers []struct {
			Name     string
			Webhooks []struct{ URL string } `yaml:"webhook_configs"`
		}
	}
	readExample(t, &alertmanager, "sentinel", "alertmanager.yaml")
	require.Len(t, alertmanager.Route.Routes, 1)
	route := alertmanager.Route.Routes[0]
	assert.Equal(t, a.Receiver, route.Receiver)
	assert.Equal(t, []string{"alertname = " + burst.Alert}, route.Matchers)
	assert.Equal(t, duration(t, route.Wait), a.GroupWait)
	assert.Equal(t, duration(t, route.Interval), a.GroupInterval)
	for _, r := range alertmanager.Receivers {
		if r.Name == a.Receiver {
			require.Len(t, r.Webhooks, 1)
			assert.Equal(t, "http://"+a.Webhook.NetAddr.Endpoint+"/", r.Webhooks[0].URL)
		}
	}
	intervals := c.intervals()
	require.NoError(t, intervals.Check(burst.Every, burst.For))
}

// The receiver's default burst fits what the extension thinks of Prometheus and Alertmanager by default.
func TestDefaultBurstFits(t *testing.T) {
	streams := streamconfig.Default()
	require.NoError(t, confmap.NewFromStringMap(map[string]any{"burst": map[string]any{}}).Unmarshal(&streams))
	c := createDefaultConfig().(*Config)
	require.NoError(t, confmap.NewFromStringMap(map[string]any{
		"prometheus": map[string]any{"endpoint": "http://localhost:9090"}, "alertmanager": map[string]any{"endpoint": "http://localhost:9093"},
	}).Unmarshal(c))
	burst := streams.Burst.Get()
	intervals := c.intervals()
	assert.Positive(t, intervals.Scrape)
	assert.Positive(t, intervals.GroupInterval)
	require.NoError(t, intervals.Check(burst.Every, burst.For))
	require.ErrorContains(t, intervals.Check(burst.Every, time.Minute), "for: must be longer than")
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d
}
