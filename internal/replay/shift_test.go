package replay

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// At the speed of the recording the first batch ends now, and everything else keeps its distance to it: durations, order, gaps.
func TestRebase(t *testing.T) {
	path := writeFile(t, jsonLines(t, everySecond(3)))
	untimed := writeFile(t, []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}`))
	for _, rebase := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(untimed, path)
			cfg.Rebase, cfg.Speed = rebase, 1
			first := recordingStart
			if rebase {
				first = time.Now()
			}
			c := &script{}
			_, err := run(t.Context(), cfg, Target{}, c)
			require.NoError(t, err)
			require.Len(t, c.sent, 4)
			assert.Zero(t, spansOf(decode(t, c.sent[0].body))[0].StartTimestamp(), "what has no time gets none")
			for i, s := range c.sent[1:] {
				span := spansOf(decode(t, s.body))[0]
				end := first.Add(time.Duration(i) * second)
				assert.Equal(t, end.UnixNano(), span.EndTimestamp().AsTime().UnixNano())
				assert.Equal(t, end.Add(-10*time.Millisecond).UnixNano(), span.StartTimestamp().AsTime().UnixNano())
			}
		})
	}
}

// At any other speed a trace ends when it is sent, and none is in the future; spans of one trace keep their distance.
func TestRebaseFast(t *testing.T) {
	path := writeFile(t, jsonLines(t, append(everySecond(3), everySecond(3)...)))
	for speed, want := range map[float64]time.Duration{10: 200 * time.Millisecond, Max: 0} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(path)
			cfg.Speed = speed
			start := time.Now()
			c := &script{}
			_, err := run(t.Context(), cfg, Target{}, c)
			require.NoError(t, err)
			require.Len(t, c.sent, 6)
			ends := map[pcommon.TraceID]time.Time{}
			for _, s := range c.sent {
				span := spansOf(decode(t, s.body))[0]
				end := span.EndTimestamp().AsTime()
				if first, seen := ends[span.TraceID()]; seen {
					assert.Equal(t, first, end, "the second part of the trace was recorded at the same time")
				}
				ends[span.TraceID()] = end
				assert.False(t, end.After(time.Now()), "in the future")
				assert.Equal(t, 10*time.Millisecond, end.Sub(span.StartTimestamp().AsTime()))
			}
			last := slices.MaxFunc(slices.Collect(maps.Values(ends)), time.Time.Compare)
			assert.Equal(t, want, last.Sub(start))
		})
	}
}
