package subject

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/bench/workload"
)

// flood sends requests of whole traces.
func flood(t *testing.T, s *Subject, requests int) {
	made, err := workload.NewRequests(1, requests)
	require.NoError(t, err)
	for i, q := range made {
		q.Refresh(uint64(i) << 40)
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(q.Body)
		require.NoError(t, err)
		require.NoError(t, s.ConsumeTraces(context.Background(), td))
	}
}

// Everything that comes in leaves again where all is kept, by each processor in its own way; nothing counts as a loss.
func TestEverySubjectHandsOnWhatItKeeps(t *testing.T) {
	for _, name := range []Name{Input, Smart, Tail} {
		t.Run(string(name), func(t *testing.T) {
			ctx := context.Background()
			var sink Sink
			s, err := Start(ctx, name, Options{Kept: 100, Hold: time.Minute, TracesPerSecond: 100}, &sink)
			require.NoError(t, err)
			flood(t, s, 3)
			require.NoError(t, s.CheckLosses(ctx))
			require.NoError(t, s.Shutdown(ctx)) // decides what is held
			require.EqualValues(t, 3*workload.SpansPerRequest, sink.Spans())
		})
	}
}

// A processor that runs out of room is found out. Were the name of a counter wrong, it would not be.
func TestLossesAreFound(t *testing.T) {
	for name, text := range map[Name]string{
		Smart: "memory: {limit_mib: 16}\ncompletion: {min_wait: 1m, initial_wait: 1m, max_wait: 1m}\n",
		Tail:  "decision_wait: 1s\nnum_traces: 10\npolicies: [{name: all, type: always_sample}]\n",
	} {
		t.Run(string(name), func(t *testing.T) {
			ctx := context.Background()
			var sink Sink
			s, err := start(ctx, name, text, &sink)
			require.NoError(t, err)
			flood(t, s, 300)
			require.Eventually(t, func() bool { return s.CheckLosses(ctx) != nil }, 10*time.Second, 50*time.Millisecond)
			require.ErrorContains(t, s.CheckLosses(ctx), string(name)+" could not hold the load")
			require.NoError(t, s.Shutdown(ctx))
		})
	}
}

func TestConfigurationsAreValid(t *testing.T) {
	for _, name := range []Name{Smart, Tail} {
		for _, kept := range []float64{1, 5, 100} {
			for _, hold := range []time.Duration{0, time.Second} {
				text, err := Options{Kept: kept, Hold: hold, TracesPerSecond: 10}.YAML(name)
				require.NoError(t, err)
				factory, err := factoryOf(name)
				require.NoError(t, err)
				_, err = parse(factory, text)
				require.NoError(t, err, text)
			}
		}
	}
	_, err := Options{Kept: 0.1}.YAML(Tail)
	require.ErrorContains(t, err, "got 0.1")
	_, err = Start(context.Background(), "head_sampling", Options{}, &Sink{})
	require.ErrorContains(t, err, `"head_sampling"`)
}
