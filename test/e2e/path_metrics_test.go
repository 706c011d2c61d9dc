package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.yaml.in/yaml/v3"
)

// roots counts the root spans of traces, and those that failed, by name. Traces without a root count under "".
type roots struct {
	traces, failed map[string]float64
}

// split deals whole traces out to gateways, and counts them.
func split(t *testing.T, lines [][]byte, gateways int) (parts [][][]byte, truth roots) {
	t.Helper()
	parts, truth = make([][][]byte, gateways), roots{map[string]float64{}, map[string]float64{}}
	rooted := map[string]bool{}
	for _, line := range lines {
		batch, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		to := make([]ptrace.Traces, gateways)
		for i := range to {
			to[i] = ptrace.NewTraces()
		}
		for _, rs := range batch.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					id := s.TraceID()
					appendSpan(to[int(id[15])%gateways], rs, ss, s)
					rooted[id.String()] = rooted[id.String()] || s.ParentSpanID().IsEmpty()
					if s.ParentSpanID().IsEmpty() {
						truth.traces[s.Name()]++
						if s.Status().Code() == ptrace.StatusCodeError {
							truth.failed[s.Name()]++
						}
					}
				}
			}
		}
		for i, td := range to {
			if td.SpanCount() > 0 {
				text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
				require.NoError(t, err)
				parts[i] = append(parts[i], text)
			}
		}
	}
	for _, has := range rooted {
		if !has {
			truth.traces[""]++
		}
	}
	return parts, truth
}

func sumOf(m map[string]float64) (sum float64) {
	for _, v := range m {
		sum += v
	}
	return sum
}

// ask has Prometheus evaluate an expression now; the values come by the label.
func ask(t *testing.T, prometheus, expression, label string) map[string]float64 {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+prometheus+"/api/v1/query?query="+url.QueryEscape(expression), nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
		Error string
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	require.Empty(t, answer.Error, expression)
	out := map[string]float64{}
	for _, r := range answer.Data.Result {
		v, err := strconv.ParseFloat(r.Value[1].(string), 64)
		require.NoError(t, err)
		out[r.Metric[label]] = v
	}
	return out
}

// TestPathMetrics runs the example of a gateway that samples and counts, twice, with each recording dealt out to the two, and asks a real
// Prometheus. What it says is the truth, though little is kept; and span_metrics before the sampler says the same.
func TestPathMetrics(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hotrod.jsonl.zst", "mixed.jsonl.zst", "tgen.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testPathMetrics(t, name)
		})
	}
}

func testPathMetrics(t *testing.T, name string) {
	lines, _ := recording(t, name)
	parts, truth := split(t, lines, 2)
	hurry, err := yaml.Marshal(section{
		"connectors": section{
			"smart_tail_sampling": section{
				"budget": section{"spans_per_second": nil, "percentage": 20}, "completion": section{"initial_wait": "5s", "max_wait": "20s"},
				"memory": section{"limit_mib": 128}, "metrics": section{"interval": "1s"},
			},
			"spanmetrics":      section{"metrics_flush_interval": "1s"},
			"spanmetrics/kept": section{"metrics_flush_interval": "1s", "namespace": "kept"},
		},
		"service": section{"pipelines": section{
			"traces":      section{"exporters": []string{"smart_tail_sampling", "spanmetrics"}},
			"traces/kept": section{"exporters": []string{"spanmetrics/kept"}},
			"metrics":     section{"receivers": []string{"smart_tail_sampling", "spanmetrics", "spanmetrics/kept"}},
		}},
	})
	require.NoError(t, err)
	file := filepath.Join(repository(t), "examples", "path-metrics.yaml")
	extra := filepath.Join(t.TempDir(), "hurry.yaml")
	require.NoError(t, os.WriteFile(extra, hurry, 0o600))

	var gateways []*collector
	var receivers, scraped []string // an address for each gateway; two for each
	for range parts {
		overlay, moved := relocate(t, file)
		gateways = append(gateways, start(t, nil, "--config", file, "--config", overlay, "--config", extra))
		receivers = append(receivers, moved["receivers/otlp/http"])
		scraped = append(scraped, "'"+moved["exporters/prometheus"]+"'", "'"+moved["telemetry"]+"'")
	}
	prometheus := freeAddress(t)
	config := filepath.Join(t.TempDir(), "prometheus.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil,
		"scrape_configs: [{job_name: gateways, scrape_interval: 1s, honor_labels: true, static_configs: [{targets: [%s]}]}]\n", strings.Join(scraped, ", ")), 0o600))
	server(t, "prometheus", prometheus, "--enable-feature=native-histograms", "--storage.tsdb.path="+t.TempDir(), "--config.file="+config)
	for i, part := range parts {
		post(t, receivers[i], part)
	}

	eventually(t, "all traces are counted", 60*time.Second, func() bool {
		return ask(t, prometheus, "sum(traces_path_requests_total)", "")[""] >= sumOf(truth.traces)
	})
	got := ask(t, prometheus, "sum by (span_name) (traces_path_requests_total)", "span_name")
	failed := ask(t, prometheus, "sum by (span_name) (traces_path_errors_total > 0)", "span_name")
	assert.InDelta(t, sumOf(truth.traces), sumOf(got), 0, "every trace is counted once")
	if truth.traces[""] == 0 {
		assert.Equal(t, truth.traces, got)
	}
	assert.InDelta(t, sumOf(truth.failed), sumOf(failed), 0)
	assert.InDelta(t, sumOf(truth.traces), ask(t, prometheus, "sum(histogram_count(traces_path_duration_seconds))", "")[""], 0)
	eventually(t, "span_metrics before the sampler say as much of root spans", 30*time.Second, func() bool {
		for span, n := range truth.traces {
			calls := ask(t, prometheus, fmt.Sprintf("sum(traces_span_metrics_calls_total{span_name=%q})", span), "")[""]
			if span != "" && calls < n {
				return false
			}
		}
		return true
	})

	// Behind the sampler they count each kept span as often as its threshold says: right on average, and about as far off as the sampler's own
	// metrics say.
	own := func(metric, labels string) (value float64, scraped bool) {
		got := ask(t, prometheus, fmt.Sprintf(`sum({__name__=~"otelcol_processor_smart_tail_sampling_%s(_total)?"%s})`, metric, labels), "")
		value, scraped = got[""]
		return value, scraped
	}
	if truth.traces[""] == 0 {
		traces, recovered, variance := sumOf(truth.traces), 0.0, 0.0
		eventually(t, "kept spans stand for all", 30*time.Second, func() bool {
			var scraped bool
			recovered = 0
			if variance, scraped = own("adjusted_traces_variance", ""); !scraped {
				return false
			}
			for span := range truth.traces {
				recovered += ask(t, prometheus, fmt.Sprintf("sum(kept_calls_total{span_name=%q})", span), "")[""]
			}
			return math.Abs(recovered-traces) < 5*math.Sqrt(variance)+0.2*traces
		})
		t.Logf("of %.0f traces, kept ones stand for %.0f, give or take %.0f", traces, recovered, 2*math.Sqrt(variance))
		decided := 0.0
		eventually(t, "both gateways' own metrics are scraped", 30*time.Second, func() bool {
			decided, _ = own("traces", "")
			return decided >= traces
		})
		assert.InDelta(t, traces, decided, 0, "one sampler has decided, not one for each output")
		kept, _ := own("traces", `,decision="kept"`)
		assert.Less(t, kept, 0.6*traces)
	}
	for _, g := range gateways {
		g.stop(t)
	}
}
