package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestStateSurvivesARestart stops a collector whose sampler has learned, starts another one on the same directory, and sends it the
// same traces: it decides them without the wait for kinds of traces that it does not know.
func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir, otlp, telemetry := t.TempDir(), freeAddress(t), freeAddress(t)
	config, err := yaml.Marshal(section{
		"receivers":  section{"otlp": section{"protocols": section{"grpc": section{"endpoint": otlp}}}},
		"extensions": section{"file_storage": section{"directory": filepath.Join(dir, "state"), "create_directory": true}},
		"processors": section{"smart_tail_sampling": section{"storage": "file_storage", "completion": section{"initial_wait": "4s"}, "memory": section{"limit_mib": 128}}},
		"exporters":  section{"nop": nil},
		"service": section{
			"extensions": []string{"file_storage"},
			"telemetry":  section{"metrics": section{"readers": ownMetrics(t, telemetry)}},
			"pipelines":  section{"traces": section{"receivers": []string{"otlp"}, "processors": []string{"smart_tail_sampling"}, "exporters": []string{"nop"}}},
		},
	})
	require.NoError(t, err)
	file := filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	require.Zero(t, run(t, nil, "validate", "--config", file).code)

	// decide sends everything under fresh ids and tells how long the decisions take. Under the same ids they would be late spans, which teach long waits.
	decide := func() time.Duration {
		began := time.Now()
		replay(t.Context(), t, otlp, filepath.Join(repository(t), "testdata", "traces", "tgen.jsonl.zst"), "--new-ids")
		eventually(t, "all traces are decided", time.Minute, func() bool {
			n, ok := gauge(t, telemetry, "otelcol_processor_smart_tail_sampling_buffered_traces")
			return ok && n == 0
		})
		return time.Since(began)
	}
	c := start(t, nil, "--config", file)
	first := decide()
	assert.Greater(t, first, 4*time.Second, "nothing is known yet")
	for range 3 { // what follows is known
		decide()
	}
	c.stop(t)
	assert.Contains(t, c.log.String(), "No state is stored")

	c = start(t, nil, "--config", file)
	again := decide()
	c.stop(t)
	assert.Contains(t, c.log.String(), "Sampling goes on with what was learned before")
	assert.Less(t, again, first-time.Second, "known from before")
	t.Logf("all decided after %v at first, %v after the restart", first.Round(time.Millisecond), again.Round(time.Millisecond))
}

// gauge reads a number of a collector's own metrics.
func gauge(t *testing.T, address, name string) (value float64, ok bool) {
	t.Helper()
	if values := metricValues(t, address, name); len(values) > 0 {
		return values[0], true
	}
	return 0, false
}

// gaugeSum adds a metric up over its attributes; 0 where there is none.
func gaugeSum(t *testing.T, address, name string) (sum float64) {
	t.Helper()
	for _, value := range metricValues(t, address, name) {
		sum += value
	}
	return sum
}

// metricValues reads a metric of a collector, once for each of its attribute sets. The names of counters may end in _total.
func metricValues(t *testing.T, address, name string) (values []float64) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	for line := range strings.Lines(string(text)) {
		rest, found := strings.CutPrefix(line, name)
		rest = strings.TrimPrefix(rest, "_total")
		if found && (rest[0] == ' ' || rest[0] == '{') {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndexByte(rest, ' '):]), 64)
			require.NoError(t, err)
			values = append(values, value)
		}
	}
	return values
}
