package simulate

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tailsampling"
)

// restart runs arrivals and, at a moment, puts another engine in the place of the first: with what that one had learned, or without.
func restart(t *testing.T, cfg tailsampling.Config, arrivals []Arrival, at time.Duration, remembers bool) []Outcome {
	t.Helper()
	s := newSimulation(Runner{Config: cfg}, arrivals)
	restarted := false
	for s.busy() {
		if !restarted && s.now >= at {
			restarted = true
			require.NoError(t, s.engine.Shutdown(context.Background()))
			state := s.engine.State()
			s.engine = s.newEngine()
			if remembers {
				require.NoError(t, s.engine.LoadState(state))
			}
		}
		require.NoError(t, s.step(context.Background()))
	}
	require.NoError(t, s.engine.Shutdown(context.Background()))
	return s.observed.Outcomes
}

// judge says of what arrived in a stretch: the median decision latency, and the mean probability of the slow traces and of the others.
func judge(outcomes []Outcome, slow time.Duration, from, to time.Duration) (wait time.Duration, ofSlow, ofOthers float64) {
	var waits []time.Duration
	var n [2]float64
	for i := range outcomes {
		o := &outcomes[i]
		if o.Arrival.At < from || o.Arrival.At >= to || !o.Decided {
			continue
		}
		waits = append(waits, o.Decision.Latency)
		if o.Decision.Duration >= slow {
			ofSlow += o.Decision.Probability
			n[0]++
		} else {
			ofOthers += o.Decision.Probability
			n[1]++
		}
	}
	slices.Sort(waits)
	return waits[len(waits)/2], ofSlow / n[0], ofOthers / n[1]
}

// In the first half minute after a restart decisions are as soon and as good as before it, on recorded traces; without a state they are neither.
func TestRestartOnRecordedTraces(t *testing.T) {
	names := []string{"tgen.jsonl.zst", "mixed.jsonl.zst", "hotrod.jsonl.zst"}
	if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			recording, err := Source{Files: []string{filepath.Join("..", "..", "testdata", "traces", name)}}.Load(t.Context())
			require.NoError(t, err)
			plan := Schedule{Rate: 30, Warm: true, Seed: 1}.Plan(recording.Traces)
			for len(plan.Arrivals) < 12_000 { // long enough to learn from
				more := Schedule{Rate: 30, Seed: uint64(len(plan.Arrivals))}.Plan(recording.Traces)
				last := plan.Arrivals[len(plan.Arrivals)-1].At
				for _, a := range more.Arrivals {
					a.At += last + time.Second/30
					plan.Arrivals = append(plan.Arrivals, a)
				}
			}
			at := plan.Arrivals[len(plan.Arrivals)*3/4].At
			cfg := tailsampling.Defaults()
			continuous := restart(t, cfg, plan.Arrivals, time.Hour, true)
			var durations []time.Duration
			for i := range continuous {
				durations = append(durations, continuous[i].Decision.Duration)
			}
			slices.Sort(durations)
			slow := durations[len(durations)*9/10]
			wait, good, others := judge(continuous, slow, at, at+30*time.Second)
			waitAfter, goodAfter, othersAfter := judge(restart(t, cfg, plan.Arrivals, at, true), slow, at, at+30*time.Second)
			waitFresh, goodFresh, _ := judge(restart(t, cfg, plan.Arrivals, at, false), slow, at, at+30*time.Second)
			t.Logf("median wait %v, after the restart %v, without a state %v; slowest tenth kept %.3f, %.3f, %.3f; others %.3f, %.3f",
				wait, waitAfter, waitFresh, good, goodAfter, goodFresh, others, othersAfter)
			assert.InDelta(t, wait.Seconds(), waitAfter.Seconds(), max(0.1*wait.Seconds(), 2*Tick.Seconds()), "a wait is a number of ticks")
			assert.InEpsilon(t, good, goodAfter, 0.1)
			assert.Greater(t, waitFresh, 2*wait)
		})
	}
}
