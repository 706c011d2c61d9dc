package tailsampling

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// next lets a test answer in place of the next consumer.
type nextFunc func(ctx context.Context, td ptrace.Traces) error

func (f nextFunc) ConsumeTraces(ctx context.Context, td ptrace.Traces) error { return f(ctx, td) }

// newBefore is a started harness with something between it and the engine.
func newBefore(t tester, change func(*Config), between func(h *harness) nextFunc) *harness {
	h := newIdle(t)
	h.engine = New(configured(change), between(h), h, time.Now)
	h.engine.Start()
	return h
}

// wait lets the bubble's time go by. (Outside of a bubble it would be a sleep.)
func wait(d time.Duration) { <-time.After(d) }

var errUnavailable = errors.New("unavailable")

// fill offers traces until the engine takes no more, and returns its answer.
func (h *harness) fill(t *testing.T) error {
	for n := range 1_000_000 {
		if err := h.offer(t.Context(), simple(traceID(1000+n, 0.5), time.Millisecond)); err != nil {
			return err
		}
	}
	require.Fail(t, "took a million traces")
	return nil
}

func smallMemory(c *Config) { all(c); c.MemoryLimit = 16 << 20 }

// A next consumer that is away for ten minutes costs nothing: what does not fit is refused with an error that says try
// again, and everything that was taken in arrives.
func TestOutageOfTheNextConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newStarted(t, smallMemory)
		h.setFail(errUnavailable)
		err := h.fill(t)
		require.ErrorIs(t, err, ErrFull)
		assert.False(t, consumererror.IsPermanent(err))
		for range 10 {
			wait(time.Minute)
			require.ErrorIs(t, h.offer(t.Context(), simple(traceID(1, 0.5), 1)), ErrFull)
			require.LessOrEqual(t, h.engine.Stats().Bytes, h.engine.assembly.cfg.MemoryLimit*11/10)
		}
		h.setFail(nil)
		wait(time.Minute)
		require.NoError(t, h.offer(t.Context(), simple(traceID(2, 0.5), 1)), "there is room again")
		h.finish()
		assert.Empty(t, h.lost)
		h.requireAllKept()
	})
}

func (h *harness) setFail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fail = err
}

// A slow next consumer does not stall intake while there is memory.
func TestSlowNextConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBefore(t, all, func(h *harness) nextFunc {
			return func(ctx context.Context, td ptrace.Traces) error {
				wait(20 * time.Second)
				return h.ConsumeTraces(ctx, td)
			}
		})
		for n := range 600 {
			start := time.Now()
			require.NoError(t, h.offer(t.Context(), simple(traceID(n, 0.5), 1)))
			require.Zero(t, time.Since(start), "intake waits")
			wait(100 * time.Millisecond)
		}
		h.finish()
		assert.Empty(t, h.lost)
		assert.Equal(t, 1200, h.sent)
	})
}

// A caller that waits for room is answered as soon as its context ends, and in any case after a moment.
func TestWaitingForRoomEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBefore(t, smallMemory, func(*harness) nextFunc {
			return func(ctx context.Context, _ ptrace.Traces) error {
				<-ctx.Done()
				return ctx.Err()
			}
		})
		require.ErrorIs(t, h.fill(t), ErrFull)

		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, h.offer(ctx, simple(traceID(1, 0.5), 1)), context.DeadlineExceeded)
		assert.Equal(t, 70*time.Millisecond, time.Since(start))

		start = time.Now()
		require.ErrorIs(t, h.offer(t.Context(), simple(traceID(1, 0.5), 1)), ErrFull)
		assert.Equal(t, patience, time.Since(start))

		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		start = time.Now()
		require.NoError(t, h.engine.Shutdown(ctx))
		assert.Less(t, time.Since(start), 3*time.Second)
		h.requireAccounted()
		assert.Positive(t, h.lost[LostShutdown])
		assert.Zero(t, h.sent)
	})
}

// Callers that wait for room are woken as soon as there is some.
func TestWaitingForRoomEndsWithRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newStarted(t, func(c *Config) { smallMemory(c); c.Budget.Value = 0.1 })
		start := time.Now()
		for n := range 80_000 { // nearly all of it is dropped when memory is short
			require.NoError(t, h.offer(t.Context(), simple(traceID(n, float64(n%1000)/1000), time.Millisecond)))
		}
		assert.Less(t, time.Since(start), 10*time.Second)
		h.finish()
	})
}

// The next consumer owns what it was given, even if it fails: a processor may have changed it by then. What is tried again
// is what was kept, not what became of it.
func TestRetriesSendWhatWasKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		h := newBefore(t, all, func(h *harness) nextFunc {
			return func(ctx context.Context, td ptrace.Traces) error {
				if tries++; tries%3 != 0 {
					for _, rs := range td.ResourceSpans().All() {
						rs.Resource().Attributes().PutStr("hashed", "again")
						rs.ScopeSpans().RemoveIf(func(ptrace.ScopeSpans) bool { return tries%3 == 2 })
					}
					return errUnavailable
				}
				return h.ConsumeTraces(ctx, td)
			}
		})
		var in []ptrace.Traces
		for n := range 30 {
			td := simple(traceID(n, 0.5), time.Second)
			in = append(in, copyOf(td))
			h.send(td)
			wait(time.Second)
		}
		wait(time.Minute)
		h.finish()
		assert.Equal(t, canonical(t, in, false), canonical(t, h.received, true))
	})
}

// A next consumer may take a part of a batch and hand back the rest. Each span arrives once.
func TestPartOfABatchIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBefore(t, all, func(h *harness) nextFunc {
			return func(ctx context.Context, td ptrace.Traces) error {
				rest, took := ptrace.NewTraces(), ptrace.NewTraces()
				for n, rs := range td.ResourceSpans().All() {
					if n == 0 { // the first resource only
						rs.CopyTo(took.ResourceSpans().AppendEmpty())
					} else {
						rs.CopyTo(rest.ResourceSpans().AppendEmpty())
					}
				}
				if err := h.ConsumeTraces(ctx, took); err != nil {
					return err
				}
				td.ResourceSpans().RemoveIf(func(ptrace.ResourceSpans) bool { return true })
				if rest.SpanCount() == 0 {
					return nil
				}
				return consumererror.NewTraces(errUnavailable, rest)
			}
		})
		var in []ptrace.Traces
		for n := range 30 {
			td := simple(traceID(n, 0.5), time.Second) // of two resources
			in = append(in, copyOf(td))
			h.send(td)
			wait(100 * time.Millisecond)
		}
		wait(time.Minute)
		h.finish()
		assert.Equal(t, canonical(t, in, false), canonical(t, h.received, true))
	})
}
