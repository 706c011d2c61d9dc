package workload

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Every trace comes whole, in pieces, in the order of their times, and nothing comes before it is due.
func TestLiveTracesComeWholeInPieces(t *testing.T) {
	const traces, step = 400, 5 * time.Millisecond
	l := NewLive(3)
	l.Open(traces, 0)
	told, came := map[pcommon.TraceID]int{}, map[pcommon.TraceID]int{}
	first, last := map[pcommon.TraceID]time.Duration{}, map[pcommon.TraceID]time.Duration{}
	for now := time.Duration(0); len(l.due) > 0; now += step {
		td := l.Take(now, func(id pcommon.TraceID, n int, lag time.Duration) {
			told[id] += n
			require.Less(t, lag, step)
			if _, ok := first[id]; !ok {
				first[id] = now
			}
			last[id] = now
		})
		eachSpan(td, func(sp ptrace.Span) { came[sp.TraceID()]++ })
		for _, p := range l.due {
			require.Greater(t, p.at, now)
		}
	}
	require.Len(t, came, traces)
	require.Equal(t, told, came)
	apart := 0
	for id, n := range came {
		require.Equal(t, SpansPerTrace, n)
		if last[id]-first[id] >= 20*time.Millisecond {
			apart++
		}
	}
	require.Greater(t, apart, traces*9/10)
}
