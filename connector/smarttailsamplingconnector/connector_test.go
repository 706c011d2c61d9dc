package smarttailsamplingconnector

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/assayhq/assay/internal/tracemetrics"
)

var (
	tenth = map[string]any{"budget": map[string]any{"percentage": 10}}
	both  = outputs{traces: true, metrics: true}
)

// Whatever is kept, all traces are counted, once.
func TestAllAreCountedAndSomeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, tenth, both)
		for n := range 3000 {
			p.send(trace(n, []string{"GET /", "POST /order"}[n%2], n%100 == 0))
			wait(10 * time.Millisecond)
		}
		p.stop()
		assert.Equal(t, map[string]int64{"GET /": 1500, "POST /order": 1500}, p.requests())
		assert.Equal(t, map[string]int64{"GET /": 30, "POST /order": 0}, p.counted(tracemetrics.PathErrors))
		kept := p.traces.SpanCount() / 2
		assert.Positive(t, kept)
		assert.Less(t, kept, 600)
	})
}

// Spans are counted when they arrive: late ones of traces that were dropped, too.
func TestOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, map[string]any{
			"rules": []any{map[string]any{"name": "all", "action": "drop", "span": []any{"true"}}}, "metrics": map[string]any{"operations": true},
		}, both)
		p.send(trace(1, "GET /", true))
		wait(time.Minute)
		p.send(trace(1, "GET /late", false))
		wait(time.Minute)
		p.stop()
		assert.Zero(t, p.traces.SpanCount())
		assert.Equal(t, map[string]int64{"GET /": 1}, p.requests())
		assert.Equal(t, map[string]int64{"GET /": 1, "GET /late": 1, "SELECT": 2}, p.counted(tracemetrics.OperationRequests))
		assert.Equal(t, map[string]int64{"GET /": 1, "GET /late": 0, "SELECT": 0}, p.counted(tracemetrics.OperationErrors))
	})
}

func TestOnlyMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, tenth, outputs{metrics: true})
		for n := range 100 {
			p.send(trace(n, "GET /", false))
		}
		wait(time.Minute)
		assert.EqualValues(t, 100, p.requests()["GET /"])
		p.stop()
	})
}

func TestOnlyTraces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, map[string]any{"budget": map[string]any{"percentage": 100}, "metrics": map[string]any{"interval": "5s"}}, outputs{traces: true})
		p.send(trace(1, "GET /", false))
		wait(time.Minute)
		assert.Equal(t, 2, p.traces.SpanCount())
		p.stop()
	})
}

// What is decided at the end is counted, whichever node is stopped first.
func TestLastDecisionsAreCounted(t *testing.T) {
	for _, reversed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := started(t, map[string]any{"budget": map[string]any{"percentage": 100}}, both)
			if reversed {
				slices.Reverse(p.nodes)
			}
			p.send(trace(1, "GET /", false))
			p.stop()
			assert.EqualValues(t, 1, p.requests()["GET /"])
			assert.Equal(t, 2, p.traces.SpanCount())
			p.stop() // once more does nothing
		})
	}
}

// A collector that loads its configuration again makes new nodes after the old ones have stopped; another collector has a factory of its own.
func TestWhoSharesASampler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFactory()
		never := made(t, f, tenth, both) // validated only
		first := made(t, f, tenth, both)
		other := made(t, NewFactory(), tenth, both)
		first.start()
		other.start()
		first.send(trace(1, "GET /", false))
		first.stop()
		second := made(t, f, tenth, both)
		second.start()
		second.send(trace(2, "GET /", false))
		second.send(trace(3, "GET /", false))
		second.stop()
		other.stop()
		never.stop()
		assert.EqualValues(t, 1, first.requests()["GET /"])
		assert.EqualValues(t, 2, second.requests()["GET /"])
		assert.Empty(t, other.requests())
		assert.Empty(t, never.requests())
	})
}

func TestStopWithoutStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := made(t, NewFactory(), tenth, both)
		p.stop()
		p.stop()
	})
}

// reluctant refuses metrics for some time.
type reluctant struct {
	consumertest.MetricsSink
	err     error
	refuses atomic.Bool
}

func (r *reluctant) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	if r.refuses.Load() {
		return r.err
	}
	return r.MetricsSink.ConsumeMetrics(ctx, md)
}

// Deltas that are refused for now are sent later: they are nowhere else.
func TestRefusedDeltasWait(t *testing.T) {
	for name, one := range map[string]struct {
		err  error
		want int64
	}{
		"for now":  {errors.New("unavailable"), 30},
		"for good": {consumererror.NewPermanent(errors.New("too large")), 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				next := &reluctant{err: one.err}
				p := started(t, map[string]any{"metrics": map[string]any{"interval": "10s", "temporality": "delta"}},
					outputs{traces: true, metrics: true, toMetrics: next})
				for round := range 3 {
					next.refuses.Store(round == 1)
					for n := range 10 {
						p.send(trace(100*round+n, "GET /", false))
					}
					wait(30 * time.Second)
				}
				p.stop()
				for _, md := range next.AllMetrics() {
					require.NoError(t, p.metrics.ConsumeMetrics(t.Context(), md))
				}
				assert.Equal(t, one.want, p.requests()["GET /"])
			})
		})
	}
}

// Refused deltas are bounded.
func TestWaitingDeltasAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &reluctant{err: errors.New("unavailable")}
		next.refuses.Store(true)
		p := started(t, map[string]any{"metrics": map[string]any{"interval": "10s", "temporality": "delta"}},
			outputs{traces: true, metrics: true, toMetrics: next})
		wait(time.Second) // between two times of sending
		for n := range 3 * mostWaiting {
			p.send(trace(n, "GET /", false))
			wait(10 * time.Second)
		}
		next.refuses.Store(false)
		p.stop()
		assert.Len(t, next.AllMetrics(), mostWaiting+1)
	})
}

func TestConfigStruct(t *testing.T) {
	require.NoError(t, componenttest.CheckConfigStruct(NewFactory().CreateDefaultConfig()))
	assert.Equal(t, consumer.Capabilities{}, made(t, NewFactory(), nil, both).nodes[0].Capabilities())
}
