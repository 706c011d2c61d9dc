package tailsampling

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// flaky fails every third batch, and changes what it was given.
type flaky struct {
	counts
	calls atomic.Int64
}

func (f *flaky) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	if f.calls.Add(1)%3 == 0 {
		td.ResourceSpans().RemoveIf(func(ptrace.ResourceSpans) bool { return true })
		return errors.New("unavailable")
	}
	return f.counts.ConsumeTraces(ctx, td)
}

// Everything that may happen at once does: intake from many goroutines, early decisions, sending with errors, reading of
// the state, late spans, shutdown. Under the race detector this is what finds unguarded state.
func TestEverythingAtOnce(t *testing.T) {
	var next flaky
	cfg := configured(func(c *Config) {
		c.MemoryLimit, c.Shards, c.Budget.Value = 16<<20, 4, 30
		c.Completion = Completion{Target: 0.99, MinWait: 10 * time.Millisecond, InitialWait: 20 * time.Millisecond, MaxWait: 100 * time.Millisecond}
		rules := byTag{{Name: "vip", Action: Keep}, {Name: "noise", Action: Drop}}
		c.Matcher, c.Rules = rules, rules
	})
	e := New(cfg, &next, &next, time.Now)
	e.Start()
	stop := make(chan struct{})
	var senders, readers sync.WaitGroup
	tags := []string{"", "", "vip", "noise"}
	for g := range 8 {
		senders.Go(func() {
			for n := range 400 {
				id := traceID(g<<20+n, float64(n%100)/100)
				td := simple(id, time.Millisecond)
				for i := range 30 { // spans of earlier traces, most of them decided by now
					late := makeBatch(traceID(g<<20+n-i*7, 0.5), spec{id: byte(i), name: "late", attribute: tags[n%4], state: "ot=th:1"})
					late.ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
				}
				if err := next.offer(t.Context(), e, td); err != nil {
					assert.True(t, errors.Is(err, ErrFull) || errors.Is(err, ErrShutdown), "%v", err)
				}
			}
		})
	}
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				st := e.Stats()
				assert.GreaterOrEqual(t, st.Bytes, int64(0))
				_, _ = e.OperationName(5)
			}
		}
	})
	senders.Wait()
	// However fast the senders were, some trace is decided soon, and then a span of it is late.
	require.Eventually(t, func() bool {
		_ = next.offer(t.Context(), e, makeBatch(traceID(0, 0), spec{id: 99, name: "late"}))
		return next.lateKept.Load()+next.lateDropped.Load() > 0
	}, 30*time.Second, 10*time.Millisecond)
	readers.Go(func() { assert.NoError(t, e.Shutdown(t.Context())) })
	require.NoError(t, e.Shutdown(t.Context()))
	close(stop)
	readers.Wait()
	next.requireBalanced(t)
	assert.Zero(t, next.lost.Load())
}
