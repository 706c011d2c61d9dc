package sentinelextension

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/internal/sentinel/watch"
	"github.com/assayhq/assay/test/hosttest"
)

// What is declared to lie before a backend reaches the verifier of its traces.
func TestBackends(t *testing.T) {
	backend := func(name, kind string, more map[string]any) map[string]any {
		more["name"], more["type"], more["endpoint"] = name, kind, "http://localhost:1"
		return more
	}
	c := load(t, map[string]any{"backends": []any{
		backend("all", "jaeger", map[string]any{}),
		backend("quarter", "tempo", map[string]any{"share": 0.5, "sampler": map[string]any{"probabilistic": map[string]any{"sampling_percentage": 25}}}),
		backend("tail", "tempo", map[string]any{"sampler": map[string]any{"tail": map[string]any{"wait": "10s", "attributes": []any{"why"}}}}),
	}})
	require.NoError(t, c.Validate())
	e, _ := newTestExtension(t, c)
	var got watch.Config
	require.NoError(t, e.outside(t.Context(), &hosttest.Host{}, &got))
	require.Len(t, got.Backends, 3)
	for i := range got.Backends {
		assert.NotNil(t, got.Backends[i].Backend)
		got.Backends[i].Backend = nil
	}
	quarter, err := verify.NewConsistent(25, verify.DefaultPrecision)
	require.NoError(t, err)
	assert.Equal(t, []watch.BackendConfig{
		{Name: "all", Share: 1},
		{Name: "quarter", Share: 0.5, Sampler: quarter},
		{Name: "tail", Share: 1, Sampler: verify.Tail{Marks: []string{"why"}}, Wait: 10 * time.Second},
	}, got.Backends)
	require.NoError(t, e.Shutdown(t.Context()))
}
