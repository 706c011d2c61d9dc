package baseline

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestForms(t *testing.T) {
	const window = 10 * time.Minute
	for _, c := range []struct {
		value any // as in YAML
		text  string
		kind  Kind
		lag   time.Duration
		wrong string
	}{
		{"previous", "previous", Previous, window, ""},
		{"24h", "24h", Earlier, 24 * time.Hour, ""},
		{"1440m", "1440m", Earlier, 24 * time.Hour, ""},
		{map[string]any{"version": "previous"}, "version:previous", PreviousVersion, Unreached, ""},
		{map[string]any{"pin": "abc"}, "pin:abc", Pinned, Unreached, ""},
		{"-24h", "-24h", Earlier, -24 * time.Hour, "must be positive, got -24h"},
		{"7m", "7m", Earlier, 7 * time.Minute, "must be a multiple of the window (10m0s), or no window begins then, got 7m"},
		{"yesterday", "yesterday", Unknown, Unreached, `{pin: SNAPSHOT}, got "yesterday"`},
		{map[string]any{"version": "1.2"}, "version:1.2", Unknown, Unreached, `got "version:1.2"`},
		{map[string]any{"pin": ""}, "pin:", Unknown, Unreached, `got "pin:"`},
		{map[string]any{"colour": "red"}, "map[colour:red]", Unknown, Unreached, `got "map[colour:red]"`},
		{7, "7", Unknown, Unreached, `got "7"`},
		{"", "", Unknown, Unreached, `got ""`},
	} {
		b := From(c.value)
		assert.Equal(t, c.text, b.String())
		assert.Equal(t, c.kind, b.Kind(), c.text)
		assert.Equal(t, c.lag, b.Lag(window), c.text)
		assert.Equal(t, Parse(c.text), b, "both forms mean the same")
		if c.wrong == "" {
			require.NoError(t, b.Validate(window), c.text)
		} else {
			require.ErrorContains(t, b.Validate(window), c.wrong)
		}
		shown, err := json.Marshal(b.Value())
		require.NoError(t, err)
		var back any
		require.NoError(t, json.Unmarshal(shown, &back))
		assert.Equal(t, b, From(back), "what is shown can be written again")
	}
	require.NoError(t, Parse("7m").Validate(0), "a window of which the length is not known")
	id, ok := Parse("pin:abc").Snapshot()
	assert.True(t, ok)
	assert.Equal(t, "abc", id)
}

// The database holds the short form, as it was before there was this type.
func TestStoredForm(t *testing.T) {
	const stored = `["previous","24h","version:previous","pin:abc","of a newer version"]`
	var list []Baseline
	require.NoError(t, json.Unmarshal([]byte(stored), &list))
	assert.Equal(t, List("previous", "24h", "version:previous", "pin:abc", "of a newer version"), list)
	again, err := json.Marshal(list)
	require.NoError(t, err)
	assert.JSONEq(t, stored, string(again))
}
