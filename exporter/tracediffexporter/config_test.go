package tracediffexporter

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// loaded reads a configuration of testdata/config.yaml over the defaults, as the collector does.
func loaded(t *testing.T, name string) *Config {
	t.Helper()
	all, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	sub, err := all.Sub(component.NewIDWithName(component.MustNewType("trace_diff"), name).String())
	require.NoError(t, err)
	c := createDefaultConfig().(*Config)
	require.NoError(t, sub.Unmarshal(c))
	return c
}

// The defaults are a contract: they are what a configuration without a line means.
func TestDefaultConfig(t *testing.T) {
	c := loaded(t, "")
	require.NoError(t, c.Validate())
	assert.Equal(t, createDefaultConfig(), c)
	assert.Equal(t, StorageConfig{Driver: "sqlite", DSN: "./trace_diff.db", Retention: 720 * time.Hour}, c.Storage)
	assert.Equal(t, LimitsConfig{GroupsPerSnapshot: 20_000, ValuesPerKey: 1000, MemoryMiB: 256}, c.Limits)
	assert.Equal(t, 10*time.Second, c.Assembly.Wait)
	assert.Nil(t, c.Console)
	var p configerrors.List
	assert.Equal(t, tracediff.Defaults{
		Window: 10 * time.Minute, Lateness: 30 * time.Second, Baselines: baseline.List("previous"), Thresholds: compare.DefaultThresholds(),
	}, c.defaults(&p))
	assert.Empty(t, p)
	assert.Equal(t, []any{0.25, 24 * time.Hour}, []any{compare.DefaultThresholds().FalseAlerts, compare.DefaultThresholds().NewNormal})
}

// Every key reaches the service.
func TestConfigReachesTheService(t *testing.T) {
	c := loaded(t, "everything")
	require.NoError(t, c.Validate())
	assert.Equal(t, "console/inner", c.Console.String())
	var p configerrors.List
	d := c.defaults(&p)
	assert.Equal(t, tracediff.Defaults{
		Window: 5 * time.Minute, Lateness: 10 * time.Second, Baselines: baseline.List("previous", "24h"),
		Thresholds: compare.Thresholds{
			FDR: 0.01, MinLatencyRatio: 1.1, MinErrorDelta: 0.002, MinCallRatio: 1.2, Persist: 2, FalseAlerts: 1, NewNormal: 24 * time.Hour,
		},
	}, d)
	assert.Equal(t, []store.Query{
		{
			ID: tracediff.ConfigID("checkout"), Name: "checkout", Text: `service IN ("checkout")`, Scope: "trace",
			GroupBy: []string{"service", "operation", "http.response.status_code"}, Window: 10 * time.Minute, Lateness: 30 * time.Second,
			Baselines: baseline.List("previous", "24h", "168h", "version:previous", "pin:abc"),
			Thresholds: compare.Thresholds{
				FDR: 0.05, MinLatencyRatio: 1.1, MinErrorDelta: 0.002, MinCallRatio: 1.2, Persist: 2, FalseAlerts: 0.02, NewNormal: 48 * time.Hour,
			},
			Alerts: []string{"am", "hook"}, CreatedAt: time.Unix(0, 0).UTC(), Source: store.FromConfig,
		},
		{
			ID: tracediff.ConfigID("silent"), Name: "silent", Text: `ottl: resource.attributes["service.name"] == "cart"`, Scope: "trace",
			Window: 5 * time.Minute, Lateness: 0, Baselines: baseline.List("previous", "24h"),
			Thresholds: d.Thresholds, CreatedAt: time.Unix(0, 0).UTC(), Source: store.FromConfig,
		},
	}, c.queries(&p, &d), "zero is a value: what is set to it stays")
	assert.Empty(t, p)
	assert.Equal(t, 3*time.Second, c.Alerts["hook"].Timeout)
	assert.Equal(t, 10*time.Second, c.Alerts["am"].Timeout, "the default of a target")
	assert.Equal(t, "http://localhost:9093", c.Alerts["am"].Endpoint)
}

// All that is wrong is said at once, each with its path, the value and what would be right.
func TestValidateSaysWhatIsWrong(t *testing.T) {
	err := loaded(t, "wrong").Validate()
	require.Error(t, err)
	assert.Equal(t, []string{
		`storage::driver: must be sqlite or postgres, got "mongodb"`,
		`storage::retention: must be at least 1h0m0s, got 1m0s`,
		`limits::groups_per_snapshot: must be between 1 and 10000000, got 0`,
		`limits::values_per_key: must be between 1 and 10000000, got -1`,
		`limits::memory_mib: must be between 16 and 1048576, got 1`,
		`assembly::wait: must be between 10ms and 10m0s, got 0s`,
		`defaults::window: must be between 10s and 24h0m0s, got 1s`,
		`defaults::lateness: must be between 0s and 1h0m0s, got 2h0m0s`,
		`defaults::baselines: must name at least one, such as previous`,
		`defaults::thresholds::persist: must be between 1 and 100, got 0`,
		`defaults::thresholds::false_alerts_per_week: must be more than 0 and at most 100, got 0`,
		`defaults::thresholds::new_normal_after: must be at least the window (1s), got 0s`,
		`queries::0::name: must be set; snapshots and alerts are known by it`,
		`queries::0::query: column 16: expected a comma or a closing parenthesis, got the end of the query`,
		`queries::1::scope: must be "trace" or "span", got "all"`,
		`queries::1::group_by::1: "x" is listed twice`,
		`queries::1::group_by::2: must be "service", "operation" or the name of an attribute, got an empty string`,
		`queries::1::window: must be between 10s and 24h0m0s, got 0s`,
		`queries::1::lateness: must be between 0s and 1h0m0s, got -1s`,
		`queries::1::baselines::0: must be "previous", a duration such as 24h, {version: previous} or {pin: SNAPSHOT}, got "yesterday"`,
		`queries::1::baselines::1: must be "previous", a duration such as 24h, {version: previous} or {pin: SNAPSHOT}, got "map[colour:red]"`,
		`queries::1::thresholds::fdr: must be more than 0 and less than 0.5, got 2`,
		`queries::1::thresholds::false_alerts_per_week: must be more than 0 and at most 100, got 200`,
		`queries::1::thresholds::new_normal_after: must be at least the window (0s), got -1s`,
		`queries::1::alerts::0: "pager" is not one of the targets: am, two`,
		`queries::2::name: "a" is taken by queries::1`,
		`queries::2::query: must be set, such as service IN ("checkout"), or * for all traces`,
		`alerts::am::type: must be alertmanager or webhook, got "pager"`,
		`alerts::am::endpoint: must be a URL such as http://localhost:9093, got "localhost"`,
		`alerts::two::secret: has no meaning for type alertmanager; use auth`,
	}, strings.Split(err.Error(), "\n"))
}

// A password in a DSN shows nowhere.
func TestSecretsAreHidden(t *testing.T) {
	c := loaded(t, "everything")
	c.Storage.DSN = "postgres://assay:s3cret@db:port/assay"
	err := c.Validate()
	require.ErrorContains(t, err, "storage::dsn: must be a PostgreSQL URL or key=value pairs: ")
	assert.NotContains(t, err.Error(), "s3cret")
}
