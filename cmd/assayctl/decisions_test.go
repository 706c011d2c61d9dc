package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsLocal(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"localhost:4317": true, "127.0.0.1:4317": true, "http://localhost:4318": true, "http://127.0.0.1:4318/v1/traces": true,
		"[::1]:4317": true, "otlp.example.com:4317": false, "https://localhost.example.com:4318": false, "unix:///run/otlp.sock": false,
	} {
		assert.Equal(t, want, isLocal(endpoint), endpoint)
	}
}

// metricsServer answers like a collector whose sampler decides one trace between two readings, or none.
func metricsServer(t *testing.T, decides bool) string {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		const p = "otelcol_processor_smart_tail_sampling_"
		traces := 0
		if decides {
			traces = asked
		}
		asked++
		_, _ = fmt.Fprintf(w, "%[1]sbuffered_traces 0\n%[1]straces{decision=\"kept\",reason=\"error\"} %[2]d\n%[1]sadjusted_traces %[2]d\n", p, traces)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestDecisionsAreReported(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name           string
		decides, asked bool
		want           string
	}{
		{"a sampler that decides", true, false, "kept 1 of 1 traces"},
		{"an unrelated one", false, false, ""},
		{"one that was asked for", false, true, "kept 0 of 0 traces"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := watchDecisions(ctx, metricsServer(t, c.decides), "localhost:4317", c.asked)
			require.NoError(t, err)
			var out bytes.Buffer
			require.NoError(t, d.write(ctx, 0, streams{out: &out, err: &out}))
			if c.want == "" {
				assert.Empty(t, out.String())
			} else {
				assert.Contains(t, out.String(), c.want)
			}
		})
	}
}

func TestDecisionsNobodyAskedForAreNoError(t *testing.T) {
	ctx := context.Background()
	const closed = "http://127.0.0.1:1/metrics"
	d, err := watchDecisions(ctx, closed, "localhost:4317", false)
	require.NoError(t, err)
	assert.Nil(t, d)
	require.NoError(t, d.write(ctx, 0, streams{}))
	_, err = watchDecisions(ctx, closed, "localhost:4317", true)
	require.ErrorContains(t, err, "--decisions")
	d, err = watchDecisions(ctx, metricsServer(t, true), "otlp.example.com:4317", false)
	require.NoError(t, err)
	assert.Nil(t, d)
}
