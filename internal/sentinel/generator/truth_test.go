package generator

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// moody is a pipeline that takes, refuses, puts off and holds up batches at random, in spells.
type moody struct {
	mu    sync.Mutex
	r     *rand.Rand
	mood  int
	until time.Time
}

func (m *moody) answer(ctx context.Context, td ptrace.Traces) error {
	m.mu.Lock()
	if time.Now().After(m.until) {
		m.mood, m.until = m.r.IntN(6), time.Now().Add(time.Duration(m.r.IntN(8000))*time.Millisecond)
	}
	mood, delay := m.mood, time.Duration(m.r.IntN(3000))*time.Millisecond
	coin := m.r.IntN(3) == 0
	m.mu.Unlock()
	switch {
	case mood == 0 && coin:
		return consumererror.NewPermanent(errBusy)
	case mood == 1 && coin:
		spoil(td)
		return errBusy
	case mood == 2:
		return errBusy
	case mood == 3:
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Whatever the pipeline and the clock do: a trace that the manifests call accepted has arrived whole, once, field for field; one that
// was skipped has not arrived in part; every trace of a slot that is told has a fate, and no slot is told that was slept through.
func TestManifestsTellTheTruth(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 1))
				var c clock
				m := &moody{r: rand.New(rand.NewPCG(seed, 2))}
				b := started(t, func(_ *bench, ctx context.Context, td ptrace.Traces) error { return m.answer(ctx, td) }, func(g *Config, s *traffic.Config) {
					g.Clock, g.Retry.MaxElapsedTime = c.now, 4*time.Second
					s.Rate, s.Batches = 0.5+20*r.Float64(), 1+r.IntN(8)
				})
				for range 6 {
					wait(time.Duration(2000+r.IntN(10_000)) * time.Millisecond)
					if r.IntN(3) == 0 {
						c.set(time.Duration(r.IntN(20_000)-8000) * time.Millisecond)
					}
				}
				counts := b.stop(t)
				b.judge(t, counts)
			})
		})
	}
}

// judge compares what was told with what has arrived.
func (b *bench) judge(t *testing.T, counts Counts) {
	t.Helper()
	final := map[uint32]traffic.SlotReport{}
	for _, m := range b.told {
		for _, r := range m.Slots {
			final[r.Slot] = r
		}
	}
	fates := map[traffic.State]int{}
	for slot, r := range final {
		require.False(t, r.Truncated)
		for sequence := range b.stream.Count(slot) {
			id := identity.TraceID{Instance: 7, Slot: slot, Sequence: sequence}
			state, known := r.State(sequence)
			require.True(t, known)
			fates[state]++
			switch state {
			case traffic.Skipped:
				require.Empty(t, b.arrived[id])
			case traffic.InFlight:
				require.Fail(t, "nothing is under way after the end")
			case traffic.Refused:
			default:
				b.whole(t, id)
			}
		}
	}
	for id := range b.arrived {
		require.Contains(t, final, id.Slot)
	}
	assert.Zero(t, b.doubled, "this pipeline takes nothing that it answers with an error")
	assert.Equal(t, int(counts.Refused), fates[traffic.Refused])
	assert.Equal(t, int(counts.Skipped), fates[traffic.Skipped])
	assert.Equal(t, int(counts.Accepted), fates[0]+fates[traffic.Retried]+fates[traffic.Held])
	t.Logf("%v: %+v", fates, counts)
}
