package window

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Everything at a time, in little memory: spans from several goroutines, steps, readers, queries that come and go. Run under the
// race detector; without it, that every span is counted in some window is what is checked.
func TestEverythingAtATime(t *testing.T) {
	var now atomic.Int64
	now.Store(epoch.UnixNano())
	var counted atomic.Int64
	e, err := New(Config{
		Queries: []Query{every(t, "all", `service != "x"`, "code")}, Wait: 2 * time.Second, Limits: Limits{MemoryBytes: minMemory, ValuesPerKey: 10},
		Clock: func() time.Time { return time.Unix(0, now.Load()) },
		Closed: func(w Window) {
			if c := &w.Coverage; w.QueryID == "all" {
				counted.Add(int64(c.Spans + c.Late + c.Dropped + c.Future + c.Duplicates))
			}
		},
	})
	require.NoError(t, err)
	var feeding, others sync.WaitGroup
	done := make(chan struct{})
	const feeders, each = 3, 1500
	for f := range feeders {
		feeding.Go(func() {
			for n := range each {
				spans := request(f*each+n+1, time.Unix(0, now.Load()).Sub(epoch))
				spans[1].attributes = map[string]any{"code": letters(n)}
				spans[2].name = "SELECT " + letters(n%50)
				if err := e.Consume(tracesOf(spans...)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	repeat := func(do func(n int)) {
		others.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
					do(n)
				}
			}
		})
	}
	repeat(func(int) {
		now.Add(int64(500 * time.Millisecond))
		e.Step()
	})
	repeat(func(int) {
		e.Open("all")
		e.Stats()
	})
	another := every(t, "another", `service = "cart"`, "tenant")
	repeat(func(int) {
		if err := e.AddQuery(another); err != nil {
			t.Error(err)
		}
		e.Queries()
		e.RemoveQuery("another")
	})
	feeding.Wait()
	close(done)
	others.Wait()
	require.NoError(t, e.Shutdown(context.Background()))
	now.Add(int64(3 * time.Minute))
	e.Step()
	require.EqualValues(t, feeders*each*3, counted.Load())
}
