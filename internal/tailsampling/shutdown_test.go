package tailsampling

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func TestShutdownBeforeStart(t *testing.T) {
	h := newHarness(t, all)
	require.NoError(t, h.engine.Shutdown(t.Context()))
	require.ErrorIs(t, h.offer(t.Context(), simple(traceID(1, 0.5), 1)), ErrShutdown)
	h.finish()
}

func TestShutdownOfAnIdleEngineIsImmediate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newStarted(t, all)
		wait(time.Hour)
		start := time.Now()
		h.finish()
		assert.Zero(t, time.Since(start))
	})
}

// While many goroutines send, several shut down at once: each span is taken in and decided, or refused.
func TestShutdownDuringLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newStarted(t, func(c *Config) { c.Budget.Value = 50 })
		var senders, stoppers sync.WaitGroup
		for g := range 8 {
			senders.Go(func() {
				for n := 0; ; n++ {
					err := h.offer(t.Context(), simple(traceID(g<<20+n, float64(n%100)/100), time.Millisecond))
					if err != nil {
						assert.ErrorIs(t, err, ErrShutdown)
						return
					}
					wait(time.Millisecond)
				}
			})
		}
		wait(15 * time.Second)
		for range 3 {
			stoppers.Go(func() { assert.NoError(t, h.engine.Shutdown(t.Context())) })
		}
		stoppers.Wait()
		senders.Wait()
		h.finish()
		assert.Empty(t, h.lost)
		assert.Positive(t, h.sent)
		h.requireThresholds(nil)
	})
}

// A shutdown without a deadline of its own ends all the same where the next consumer never recovers, and counts what it lost.
func TestShutdownIsBounded(t *testing.T) {
	cases := map[string]nextFunc{
		"fails for ever": func(context.Context, ptrace.Traces) error { return errors.New("unavailable") },
		"blocks until its context ends": func(ctx context.Context, _ ptrace.Traces) error {
			<-ctx.Done()
			return ctx.Err()
		},
	}
	for name, next := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newBefore(t, all, func(*harness) nextFunc { return next })
				for n := range 20_000 {
					h.send(simple(traceID(n, 0.5), time.Millisecond))
				}
				wait(20 * time.Second)
				start := time.Now()
				h.finish()
				assert.LessOrEqual(t, time.Since(start), longestShutdown+10*time.Second)
				assert.Equal(t, map[LossReason]int{LostShutdown: 40_000}, h.lost)
			})
		})
	}
}

// Callers that wait for room when the shutdown begins are answered, and are not left waiting for it.
func TestShutdownAnswersThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newStarted(t, smallMemory)
		h.setFail(errUnavailable)
		require.ErrorIs(t, h.fill(t), ErrFull)
		var waiting sync.WaitGroup
		for n := range 10 {
			waiting.Go(func() { assert.Error(t, h.offer(t.Context(), simple(traceID(n, 0.5), 1))) })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.NoError(t, h.engine.Shutdown(ctx))
		waiting.Wait()
		h.requireAccounted()
	})
}
