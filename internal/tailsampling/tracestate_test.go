package tailsampling

import (
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracestate"
)

func TestMarkOfATraceState(t *testing.T) {
	half := otMark{threshold: 1 << 55, randomness: 0x90_0000_0000_0000}
	rv := half
	rv.stated = true
	none := half
	none.none = true
	full := strings.Repeat("k=v,", 30)
	cases := []struct {
		name, raw string
		mark      otMark
		want      string
		fails     bool
	}{
		{name: "empty", mark: half, want: "ot=th:8"},
		{name: "all kept", mark: otMark{randomness: 5}, want: "ot=th:0"},
		{name: "other vendors stay, in order", raw: "b=2,a=1,c@d=e f", mark: half, want: "ot=th:8,b=2,a=1,c@d=e f"},
		{name: "ours moves to the front, other fields of ot stay", raw: "a=1,ot=x:y;th:4;z:w", mark: half, want: "ot=th:8;x:y;z:w,a=1"},
		{name: "blanks and empty members go", raw: " a=1 , ,b=2,", mark: half, want: "ot=th:8,a=1,b=2"},
		{name: "randomness made here", mark: rv, want: "ot=rv:90000000000000;th:8"},
		{name: "randomness that came stays", raw: "ot=rv:a0000000000000", mark: rv, want: "ot=rv:a0000000000000;th:8"},
		{name: "below the threshold", raw: "ot=rv:10000000000000;th:1", mark: half, want: "ot=rv:10000000000000"},
		{name: "below the threshold, nothing else", raw: "", mark: otMark{threshold: 1 << 55}, want: ""},
		{name: "no threshold would be true", raw: "ot=th:c,a=1", mark: none, want: "a=1"},
		{name: "not a tracestate", raw: "=", mark: half, fails: true},
		{name: "not a threshold", raw: "ot=th:zz", mark: half, fails: true},
		{name: "30 others", raw: full, mark: half, want: "ot=th:8," + strings.TrimSuffix(full, ",")},
		{name: "31 others", raw: full + "l=w", mark: half, fails: true},
		{name: "too long", raw: strings.Repeat("k", 250) + "=" + strings.Repeat("v", 256) + "," +
			strings.Repeat("l", 250) + "=" + strings.Repeat("w", 240), mark: half, fails: true},
		{name: "ot too long", raw: "ot=x:" + strings.Repeat("y", 250), mark: half, fails: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.mark.write(c.raw)
			if c.fails {
				require.Error(t, err)
				assert.Equal(t, c.raw, got)
				assert.True(t, readTraceState(c.raw).broken, "the trace is counted as unmarked")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

// Whatever a client sends: what is written can be read by the next sampler, says what it should, and loses nothing of others.
func FuzzTraceState(f *testing.F) {
	for _, raw := range []string{
		"", "ot=th:8", "ot=rv:ffffffffffffff;th:c", "a=1,ot=x:y;th:4,b=2", "ot=th:8,ot=rv:1", " a = 1 ", "=", "ot=;", "a=1,,,",
		strings.Repeat("k=v,", 31), "t@v=" + strings.Repeat("x", 256), "ot=x:" + strings.Repeat("y", 230), "\x00", "ot=th:00000000000000",
	} {
		f.Add(raw, uint64(1)<<55, uint64(1)<<55, true, false)
		f.Add(raw, uint64(0), uint64(0), false, false)
	}
	f.Fuzz(func(t *testing.T, raw string, threshold, randomness uint64, stated, none bool) {
		m := otMark{threshold: threshold % tracestate.RandomnessEnd, randomness: randomness % tracestate.RandomnessEnd, stated: stated, none: none}
		before := readTraceState(raw)
		out, err := m.write(raw)
		require.Equal(t, before.broken, err != nil)
		if err != nil {
			require.Equal(t, raw, out)
			return
		}
		after := readTraceState(out)
		require.False(t, after.broken, "cannot be read back: %q", out)
		r := m.randomness
		if before.HasRandomness {
			r = before.Randomness
			require.Equal(t, before.Randomness, after.Randomness)
		}
		require.Equal(t, before.HasRandomness || stated, after.HasRandomness)
		require.Equal(t, !none && r >= m.threshold, after.HasThreshold)
		if after.HasThreshold {
			require.Equal(t, m.threshold, after.Threshold)
		}
		was, err := sampling.NewW3CTraceState(raw)
		require.NoError(t, err)
		is, err := sampling.NewW3CTraceState(out)
		require.NoError(t, err)
		require.Equal(t, was.ExtraValues(), is.ExtraValues())
		require.Equal(t, was.OTelValue().ExtraValues(), is.OTelValue().ExtraValues())
		again, err := m.write(out)
		require.NoError(t, err)
		require.Equal(t, out, again)
	})
}
