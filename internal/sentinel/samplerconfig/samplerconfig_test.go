package samplerconfig

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

func loaded(t *testing.T, section map[string]any) Config {
	t.Helper()
	c := Default()
	require.NoError(t, confmap.NewFromStringMap(section).Unmarshal(&c))
	return c
}

func TestWhatIsDeclared(t *testing.T) {
	quarter, err := verify.NewConsistent(25, 4)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		section map[string]any
		want    verify.Sampler
		wait    time.Duration
	}{
		"none":          {map[string]any{}, nil, 0},
		"probabilistic": {map[string]any{"probabilistic": map[string]any{"sampling_percentage": 25}}, quarter, 0},
		"tail": {
			map[string]any{"tail": nil},
			verify.Tail{Marks: []string{"assay.sampling.reason", "assay.sampling.path", "assay.sampling.probability"}},
			time.Minute,
		},
		"tail in its own words": {
			map[string]any{"tail": map[string]any{"wait": "5s", "attributes": []string{"why"}}}, verify.Tail{Marks: []string{"why"}}, 5 * time.Second,
		},
	} {
		c := loaded(t, test.section)
		got, err := c.Sampler()
		require.NoError(t, err, name)
		assert.Equal(t, test.want, got, name)
		assert.Equal(t, test.wait, c.Wait(), name)
	}
}

func TestErrorsNameTheKey(t *testing.T) {
	for want, section := range map[string]map[string]any{
		"sampler: only one can be declared, probabilistic or tail; behind both, declare tail": {
			"probabilistic": map[string]any{"sampling_percentage": 10}, "tail": nil,
		},
		"sampler::probabilistic::sampling_percentage: must be more than 0 and at most 100, got 0": {"probabilistic": map[string]any{}},
		"sampler::probabilistic::sampling_precision: must be between 1 and 14, got 15": {
			"probabilistic": map[string]any{"sampling_percentage": 10, "sampling_precision": 15},
		},
		"sampler::tail::wait: must be between 0s and 1h, got -1s":    {"tail": map[string]any{"wait": "-1s"}},
		"sampler::tail::wait: must be between 0s and 1h, got 1h0m1s": {"tail": map[string]any{"wait": "3601s"}},
	} {
		c := loaded(t, section)
		require.EqualError(t, c.Validate(time.Second, time.Minute), want)
	}
	c := loaded(t, map[string]any{"tail": map[string]any{"wait": "1h"}})
	require.EqualError(t, c.Validate(30*time.Second, 2*time.Minute),
		"sampler::tail::wait: must be at most 1h0m0s with late_after (30s) and at most 24h0m0s with lost_after (2m0s), got 1h0m0s")
	c = loaded(t, map[string]any{"tail": map[string]any{"wait": "10m"}})
	require.NoError(t, c.Validate(30*time.Second, 2*time.Minute))
	require.Error(t, c.Validate(30*time.Second, 24*time.Hour))
}
