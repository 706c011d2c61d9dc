package streamconfig

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

func loaded(t *testing.T, section map[string]any) Config {
	t.Helper()
	c := Default()
	require.NoError(t, confmap.NewFromStringMap(section).Unmarshal(&c))
	return c
}

// Changing a default changes what every verifier expects: do it on purpose.
func TestDefaults(t *testing.T) {
	want := []traffic.Config{
		{Name: "ambient", Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01},
		{Name: "burst", Number: 1, Rate: 5, Batches: 6, Reorder: 0.2, Every: 15 * time.Minute, For: 5 * time.Minute, ErrorShare: 0.5},
	}
	c := loaded(t, map[string]any{})
	assert.Equal(t, want[:1], c.Streams(nil))
	assert.True(t, c.Empty())
	c = loaded(t, map[string]any{"ambient": map[string]any{}, "burst": map[string]any{"alert": "SentinelBurst"}})
	assert.Equal(t, want, c.Streams(nil))
	c = loaded(t, map[string]any{"burst": map[string]any{"rate": 2}})
	want[1].Rate = 2
	assert.Equal(t, want[1:], c.Streams(nil))
	require.NoError(t, c.Validate(nil))
}

func TestValidateNamesTheKeys(t *testing.T) {
	c := Config{Ambient: configoptional.Some(Ambient{Shape{Number: 1, Rate: 1, Batches: 1}}), Burst: configoptional.Some(Burst{Shape: Shape{Number: 1, Rate: 1e9, Batches: 1}})}
	require.EqualError(t, c.Validate(nil), `streams::burst::number: 1 is taken by ambient; traces of both would have the same ids
streams::burst::rate: must be traces a second, more than 0 and at most 1000000, got 1e+09; to switch the stream off, leave it out
streams::burst::every: must be set: a burst starts and stops; for a stream that never pauses use ambient`)
}

// A number that does not fit is not another one.
func TestNumberOfAByte(t *testing.T) {
	c := loaded(t, map[string]any{"ambient": map[string]any{"number": 256}, "burst": map[string]any{"number": -1}})
	require.EqualError(t, c.Validate(nil), "streams::ambient::number: must be between 0 and 255, got 256\nstreams::burst::number: must be between 0 and 255, got -1")
	c = loaded(t, map[string]any{"ambient": map[string]any{"number": 255}})
	require.NoError(t, c.Validate(nil))
	assert.Equal(t, uint8(255), c.Streams(nil)[0].Number)
}
