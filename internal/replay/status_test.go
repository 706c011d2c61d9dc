package replay

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A receiver slower than the recording is told apart from a recording that pauses.
func TestBehindScheduleAndLongWaits(t *testing.T) {
	path := writeFile(t, jsonLines(t, []ptrace.Traces{everySecond(1)[0], traces(spec{2, 2, 0, 0}), traces(spec{3, 3, 0, 600 * second})}))
	synctest.Test(t, func(t *testing.T) {
		cfg := config(path)
		var notes []string
		var most Status
		cfg.Note = func(s string) { notes = append(notes, s) }
		cfg.Progress = func(s Status) {
			if s.Wait > most.Wait {
				most = s
			}
		}
		sum, err := run(t.Context(), cfg, Target{}, &script{delay: 3 * second})
		require.NoError(t, err)
		assert.InDelta(t, 3, sum.BehindSeconds, 1e-9, "the second is due with the first and waits for its answer")
		require.Len(t, notes, 1)
		assert.Contains(t, notes[0], "the next batch is due in 57s")
		assert.InDelta(t, 57, most.Wait.Seconds(), 1)

		cfg.Speed = 600
		sum, err = run(t.Context(), cfg, Target{}, &script{delay: 3 * second})
		require.NoError(t, err)
		assert.InDelta(t, 5, sum.BehindSeconds, 0.01, "due after 1 s, sent when the two before it were answered")
	})
}

func TestProgress(t *testing.T) {
	path := writeFile(t, jsonLines(t, everySecond(51)))
	synctest.Test(t, func(t *testing.T) {
		cfg := config(path)
		cfg.Repeat = 2
		var all []Status
		cfg.Progress = func(s Status) { all = append(all, s) }
		_, err := run(t.Context(), cfg, Target{}, &script{})
		require.NoError(t, err)
		require.NotEmpty(t, all)
		assert.InDelta(t, 10*second/progressEvery, len(all), 2)
		for i := 1; i < len(all); i++ {
			assert.GreaterOrEqual(t, all[i].Accepted, all[i-1].Accepted)
			assert.GreaterOrEqual(t, all[i].Done, all[i-1].Done-0.51, "a file is read ahead of its sending")
		}
		last := all[len(all)-1]
		assert.True(t, last.Final)
		assert.InDelta(t, 1, last.Done, 1e-9)
		assert.Equal(t, int64(102), last.Accepted)
	})
}
