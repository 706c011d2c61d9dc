package generator

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
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

var errBusy = errors.New("busy")

// Over a minute, what arrives is exactly what any holder of the key expects, in time, and the manifests say so.
func TestSendsWhatIsExpected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := traffic.SlotOf(time.Now()) + 1
		var late []time.Duration
		b := started(t, func(b *bench, _ context.Context, td ptrace.Traces) error {
			eachSpan(td, func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
				id, _ := b.stream.Key().Open(span.TraceID())
				assert.False(t, time.Now().Before(b.stream.At(id)))
				if d := time.Since(b.stream.Complete(id)); d > 0 {
					late = append(late, d)
				}
			})
			return nil
		}, nil)
		wait(61*time.Second + 450*time.Millisecond)
		c := b.stop(t)
		assert.Equal(t, uint64(605), c.Attempted)
		assert.Equal(t, uint64(5), c.Skipped, "half of the slot in which it stopped")
		assert.Zero(t, c.Refused+c.Retries)
		assert.Equal(t, from+60, c.Settled)
		assert.Empty(t, late)
		assert.Len(t, b.arrived, 605)
		for id := range b.arrived {
			assert.Equal(t, uint16(7), id.Instance)
			assert.True(t, b.stream.Has(id))
			b.whole(t, id)
		}
		require.Len(t, b.manifests, 61)
		for i, m := range b.manifests {
			assert.Equal(t, from+uint32(i), m.Slot)
			assert.Equal(t, from, m.Since)
			assert.Equal(t, uint64(42), m.Run)
			assert.Equal(t, b.stream.Fingerprint(), m.Configuration)
		}
		tellings := map[uint32]int{}
		for _, m := range b.manifests {
			for _, r := range m.Slots {
				if r.Open == 0 {
					tellings[r.Slot]++
				}
			}
		}
		assert.Equal(t, repeats, tellings[from+20], "a settled slot is told again")
	})
}

// Batches come at their own times, not as one: spread over the steps that follow.
func TestATraceComesInSeveralBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, nil, func(_ *Config, c *traffic.Config) { c.Rate, c.Long = 1, 0 })
		wait(10 * time.Second)
		c := b.stop(t)
		assert.Greater(t, len(b.order), 2*int(c.Attempted))
		var apart int
		for i := 1; i < len(b.order); i++ {
			if d := b.order[i].Sub(b.order[i-1]); d >= traffic.BatchStep && d < time.Second/2 {
				apart++
			}
		}
		assert.Greater(t, apart, int(c.Attempted))
	})
}

// A batch that is answered with a retryable error comes again with the same content, though the consumer has spoilt the first.
// Nothing is sent twice otherwise, rates hold meanwhile, and the manifests name what was retried.
func TestRetriesTheSameBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		var healthy atomic.Bool
		b := started(t, func(_ *bench, _ context.Context, td ptrace.Traces) error {
			if n.Add(1)%3 != 0 && !healthy.Load() {
				spoil(td)
				return errBusy
			}
			return nil
		}, func(g *Config, _ *traffic.Config) { g.Retry.MaxElapsedTime = 10 * time.Minute })
		wait(31*time.Second + 20*time.Millisecond)
		assert.InDelta(t, 301, float64(b.Counts(0).Attempted), 1)
		healthy.Store(true)
		wait(5*time.Second + 30*time.Millisecond)
		c := b.stop(t)
		assert.Positive(t, c.Retries)
		assert.Zero(t, c.Refused)
		assert.Zero(t, b.doubled)
		assert.Len(t, b.arrived, int(c.Attempted))
		for id := range b.arrived {
			b.whole(t, id)
		}
		retried := map[identity.TraceID]bool{}
		for _, m := range b.told {
			for _, r := range m.Slots {
				for s := range b.stream.Count(r.Slot) {
					if state, known := r.State(s); known && state == traffic.Retried {
						retried[identity.TraceID{Slot: r.Slot, Sequence: s}] = true
					}
				}
			}
		}
		assert.Greater(t, len(retried), 250, "with two answers of three an error, few traces get through at once")
	})
}

// What is refused for good, or for as long as it is tried, is refused at the source: each trace is named.
func TestRefusedTracesAreNamed(t *testing.T) {
	for name, answer := range map[string]error{"permanent": consumererror.NewPermanent(errBusy), "until time is up": errBusy} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Traces with an odd sequence are refused, with all that shares a batch with them.
				b := started(t, func(b *bench, _ context.Context, td ptrace.Traces) (err error) {
					eachSpan(td, func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
						if id, _ := b.stream.Key().Open(span.TraceID()); id.Sequence%2 == 1 {
							err = answer
						}
					})
					return err
				}, func(g *Config, c *traffic.Config) { g.Retry.MaxElapsedTime, c.Rate, c.Long = 2*time.Second, 2, 0 })
				wait(60 * time.Second)
				c := b.stop(t)
				assert.Equal(t, c.Attempted/2, c.Refused)
				assert.Equal(t, c.Attempted-c.Refused, c.Accepted)
				last := b.told[len(b.told)-1].Slots
				require.NotEmpty(t, last)
				for _, r := range last[:len(last)-1] {
					state, known := r.State(1)
					assert.True(t, known)
					assert.Equal(t, traffic.Refused, state)
					state, _ = r.State(0)
					assert.Zero(t, state)
				}
				for id := range b.arrived {
					assert.Zero(t, id.Sequence)
				}
			})
		})
	}
}

// A pipeline that takes nothing and does not answer is not filled without bound: what cannot be sent is skipped, and told so; the
// clock of other streams goes on. Afterwards the rate is the old one.
func TestBlockedPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var blocked atomic.Bool
		var mu sync.Mutex
		under, most := 0, 0
		b := started(t, func(_ *bench, ctx context.Context, td ptrace.Traces) error {
			if !blocked.Load() {
				return nil
			}
			mu.Lock()
			under += td.SpanCount()
			most = max(most, under)
			mu.Unlock()
			<-ctx.Done()
			mu.Lock()
			under -= td.SpanCount()
			mu.Unlock()
			return ctx.Err()
		}, func(g *Config, c *traffic.Config) { g.Retry.MaxElapsedTime, c.Rate, c.Long = 10*time.Second, 500, 0 })
		wait(3 * time.Second)
		assert.Zero(t, b.Counts(0).Skipped)
		blocked.Store(true)
		wait(9 * time.Second)
		assert.Positive(t, b.Counts(0).Skipped)
		mu.Lock()
		assert.LessOrEqual(t, most, maxSpansUnderWay+6*maxBatchSpans)
		assert.Greater(t, most, maxSpansUnderWay/2)
		mu.Unlock()
		blocked.Store(false)
		wait(10 * time.Second)
		free := b.Counts(0)
		wait(4 * time.Second)
		assert.InDelta(t, 2000, float64(b.Counts(0).Attempted-free.Attempted), 1)
		assert.Equal(t, free.Skipped, b.Counts(0).Skipped)
		c := b.stop(t)
		assert.Positive(t, c.Refused)
		skipped := 0
		for _, m := range b.told {
			for _, r := range m.Slots {
				for _, e := range r.Exceptions {
					if e.State == traffic.Skipped {
						skipped++
					}
				}
			}
		}
		assert.Positive(t, skipped)
	})
}

// Between bursts there is nothing but manifests, which say that nothing was to be sent.
func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, nil, func(_ *Config, c *traffic.Config) {
			c.Name, c.Number, c.Every, c.For, c.Rate, c.ErrorShare = "burst", 1, time.Minute, 20*time.Second, 5, 0.5
		})
		wait(3*time.Minute + 500*time.Millisecond)
		c := b.stop(t)
		assert.InDelta(t, 300, float64(c.Attempted), 10)
		for id := range b.arrived {
			assert.Less(t, id.Slot%60, uint32(20))
			assert.Equal(t, uint8(1), id.Stream)
		}
		assert.InDelta(t, 180, len(b.manifests), 2)
	})
}

func TestShutdownInAnyOrder(t *testing.T) {
	g := New(Config{})
	require.NoError(t, g.Shutdown(t.Context()), "before start")
	assert.Zero(t, g.Counts(0))
	synctest.Test(t, func(t *testing.T) {
		b := started(t, nil, nil)
		wait(100 * time.Millisecond)
		require.NoError(t, b.Shutdown(t.Context()))
		require.NoError(t, b.Shutdown(t.Context()), "twice")
		assert.Empty(t, b.told, "the first slot has not come")
	})
}

// A pipeline that does not answer cannot hold up the shutdown beyond its time, and what was under way counts as refused.
func TestShutdownHasItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, func(_ *bench, ctx context.Context, _ ptrace.Traces) error { <-ctx.Done(); return ctx.Err() }, nil)
		wait(5 * time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		before := time.Now()
		require.ErrorContains(t, b.Shutdown(ctx), "spans were under way")
		assert.LessOrEqual(t, time.Since(before), time.Second)
		c := b.Counts(0)
		assert.Equal(t, c.Attempted, c.Refused)
		assert.Positive(t, c.Refused)
		assert.Empty(t, b.arrived)
	})
}

// Two streams in one generator do not share ids, rates or accounts.
func TestStreamsAreIndependent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := newStream(t, nil)
		two := newStream(t, func(c *traffic.Config) { c.Name, c.Number, c.Rate = "burst", 1, 3 })
		var mu sync.Mutex
		seen := map[identity.TraceID]bool{}
		g := New(Config{Streams: []*traffic.Stream{one, two}, Retry: DefaultRetry(), Send: func(_ context.Context, td ptrace.Traces) error {
			mu.Lock()
			defer mu.Unlock()
			eachSpan(td, func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
				id, _ := one.Key().Open(span.TraceID())
				seen[id] = true
			})
			return nil
		}})
		g.Start()
		wait(11 * time.Second)
		require.NoError(t, g.Shutdown(t.Context()))
		assert.InDelta(t, 100, float64(g.Counts(0).Accepted), 10)
		assert.InDelta(t, 30, float64(g.Counts(1).Accepted), 3)
		assert.Zero(t, g.Counts(2))
		assert.Greater(t, len(seen), 130)
	})
}
