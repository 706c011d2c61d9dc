package samplerreport

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exposition writes metrics as the collector does.
func exposition(kept, dropped, ruled, adjusted, variance, buffered float64) string {
	const p = "otelcol_processor_smart_tail_sampling_"
	return fmt.Sprintf(`# TYPE %[1]straces counter
%[1]straces{decision="kept",reason="latency",otel_scope_name="x"} %[2]v
%[1]straces{decision="kept",reason="baseline",otel_scope_name="x"} 1
%[1]straces{decision="dropped",reason="baseline",otel_scope_name="x"} %[3]v
%[1]straces{decision="dropped",reason="drop:health",otel_scope_name="x"} %[4]v
# TYPE %[1]sspans counter
%[1]sspans{decision="kept",reason="latency"} 40
%[1]sspans{decision="dropped",reason="baseline"} 360
# TYPE %[1]sadjusted_traces counter
%[1]sadjusted_traces %[5]v
# TYPE %[1]sadjusted_traces_variance counter
%[1]sadjusted_traces_variance %[6]v
# TYPE %[1]sbuffered_traces gauge
%[1]sbuffered_traces{a="1"} %[7]v
`, p, kept, dropped, ruled, adjusted, variance, buffered)
}

func TestReportIsTheDifference(t *testing.T) {
	answers := []string{exposition(3, 10, 1, 14, 100, 0), exposition(9, 30, 5, 38, 200, 2), exposition(13, 90, 5, 104, 500, 0)}
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, answers[min(n, len(answers)-1)])
		n++
	}))
	defer s.Close()
	before, err := Scrape(context.Background(), s.Client(), s.URL)
	require.NoError(t, err)
	var waited []float64
	r, err := Await(context.Background(), s.Client(), s.URL, before, 0, func(u float64) { waited = append(waited, u) })
	require.NoError(t, err)
	assert.Equal(t, []float64{2}, waited, "waits until everything is decided")
	var b strings.Builder
	require.NoError(t, r.WriteText(&b))
	assert.Equal(t, `smart_tail_sampling kept 10 of 94 traces, 0 of 0 spans (0.0 %)
  latency                    10
the kept ones stand for 90 traces, give or take 40 (two standard errors); 90 came in
`, b.String())
}

// Somebody else sends, too: something is always held, and what came in before the wait is decided all the same.
func TestAwaitAmongOtherTraffic(t *testing.T) {
	answers := []string{exposition(3, 10, 1, 14, 0, 7), exposition(9, 30, 5, 38, 0, 12), exposition(12, 36, 5, 38, 0, 11), exposition(13, 40, 6, 38, 0, 9)}
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, answers[n])
		n++
	}))
	defer s.Close()
	before, err := Scrape(t.Context(), s.Client(), s.URL)
	require.NoError(t, err)
	var waited []float64
	r, err := Await(t.Context(), s.Client(), s.URL, before, 0, func(u float64) { waited = append(waited, u) })
	require.NoError(t, err)
	assert.Equal(t, []float64{12, 3}, waited)
	assert.Zero(t, r.Undecided)
}

func TestScrapeSaysWhatIsMissing(t *testing.T) {
	for body, want := range map[string]string{
		"<html>":                "does not answer with Prometheus metrics",
		"# TYPE up gauge\nup 1": "no metrics of smart_tail_sampling",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, body) }))
		_, err := Scrape(context.Background(), s.Client(), s.URL)
		require.ErrorContains(t, err, want)
		s.Close()
	}
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	_, err := Scrape(context.Background(), s.Client(), s.URL)
	require.ErrorContains(t, err, "404")
}
