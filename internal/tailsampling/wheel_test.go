package tailsampling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/traceassembly"
)

// Whatever is scheduled, moved and removed: a trace fires once, not before its deadline, and not later than a tick after
// time has passed it.
func TestWheel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := traceassembly.NewTable[trace]()
		opened := 0
		w := newWheel(&table)
		due := map[uint32]time.Duration{}
		now := time.Duration(0)
		fire := func(i uint32) {
			at, ok := due[i]
			require.True(t, ok, "fired without being scheduled")
			require.LessOrEqual(t, at, now)
			delete(due, i)
			table.Detach(i)
			table.Give(i)
		}
		t.Repeat(map[string]func(*rapid.T){
			"schedule": func(t *rapid.T) {
				opened++
				i, _ := table.Open(traceID(opened, 0), now)
				at := now + time.Duration(rapid.Int64Range(-1e9, 120e9).Draw(t, "in"))
				due[i] = max(at, now) // what is overdue already fires with the next tick
				w.schedule(i, at)
			},
			"remove": func(*rapid.T) {
				for i := range due {
					w.remove(i)
					w.remove(i)
					delete(due, i)
					table.Detach(i)
					table.Give(i)
					break
				}
			},
			"advance": func(t *rapid.T) {
				now += time.Duration(rapid.Int64Range(0, 90e9).Draw(t, "by"))
				w.advance(now, fire)
				for i, at := range due {
					require.Greater(t, at, now-2*tickInterval, "trace %d is overdue", i)
				}
			},
		})
	})
}
