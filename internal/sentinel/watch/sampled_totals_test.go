package watch

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// honest is a watch, with the default times, over a pipeline's end behind a sampler that keeps a share of the ordinary traces, and all
// others; losing: only their manifests come.
func honest(t *testing.T, share float64, losing *atomic.Bool) *pipeline {
	t.Helper()
	threshold, err := sampling.ProbabilityToThreshold(share)
	require.NoError(t, err)
	key, stream := testKey(t), testStream(t, nil)
	p := watching(t, func(c *Config) { c.LateAfter, c.LostAfter = verify.DefaultLateAfter, verify.DefaultLostAfter })
	p.place = vantage.Place{Config: verify.Config{Sampler: verify.Tail{}}}
	var plan traffic.Trace
	p.between = func(td ptrace.Traces, deliver func(ptrace.Traces)) {
		p.mu.Lock()
		defer p.mu.Unlock()
		kept := ptrace.NewTraces()
		td.CopyTo(kept)
		for _, rs := range kept.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				ss.Spans().RemoveIf(func(span ptrace.Span) bool {
					th := threshold
					id, _ := key.Open(span.TraceID())
					if traffic.IsManifest(id) {
						return false
					}
					if stream.Trace(id, &plan); plan.Failed || plan.Length > time.Second {
						th = sampling.AlwaysSampleThreshold
					}
					marked(span, th)
					return losing.Load() || !th.ShouldSample(sampling.TraceIDToRandomness(span.TraceID()))
				})
			}
		}
		if kept.SpanCount() > 0 {
			deliver(kept)
		}
	}
	return p.sending(stream)
}

// A trace that is kept is known of sooner than one that is not. The totals are right all the same, from the beginning.
func TestTotalsAreOfTracesOfOneAge(t *testing.T) {
	for _, share := range []float64{0.01, 0.2, 0.5} {
		synctest.Test(t, func(t *testing.T) {
			var losing atomic.Bool
			p := honest(t, share, &losing)
			p.until(OK, time.Minute)
			for range 6 * 60 {
				pass(time.Second)
				require.Equal(t, OK, p.State(), p.Report().Reasons)
			}
			p.end()
		})
	}
}

// Where all is lost but the manifests, that shows as soon as it cannot be chance, and for as long as it lasts.
func TestNothingButManifestsComesAnyMore(t *testing.T) {
	for _, test := range []struct {
		share        float64
		warm, within time.Duration
	}{{0.05, 10 * time.Minute, 100 * time.Second}, {0.5, 10 * time.Minute, 10 * time.Second}, {0.2, 40 * time.Second, verify.DefaultLostAfter}} {
		synctest.Test(t, func(t *testing.T) {
			var losing atomic.Bool
			p := honest(t, test.share, &losing)
			pass(test.warm)
			require.Equal(t, OK, p.State(), p.Report().Reasons)
			losing.Store(true)
			assert.LessOrEqual(t, p.until(Unknown, 5*time.Minute), verify.DefaultLateAfter+test.within)
			assert.Regexp(t, `^sentinel: of the last traces of stream ambient \(instance 7\) none has come; the sampler would usually have kept \d+$`, p.Report().Reasons[0])
			for range 5 * 60 {
				pass(time.Second)
				require.NotEqual(t, OK, p.State())
			}
			p.end()
		})
	}
}

// A share of the traces that is looked up, and an outage of the backend, say nothing of the sampler.
func TestWhatIsNotLookedUpIsNotDropped(t *testing.T) {
	rounds := 3
	if testing.Short() { // an outage is two minutes of the race detector's time
		rounds = 1
	}
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		half, err := sampling.ProbabilityToThreshold(0.5)
		require.NoError(t, err)
		key, stream := testKey(t), testStream(t, nil)
		var plan traffic.Trace
		s.sampler = func(span ptrace.Span) bool {
			th := half
			id, _ := key.Open(span.TraceID())
			if traffic.IsManifest(id) {
				return true
			}
			if stream.Trace(id, &plan); plan.Failed || plan.Length > time.Second {
				th = sampling.AlwaysSampleThreshold
			}
			marked(span, th)
			return th.ShouldSample(sampling.TraceIDToRandomness(span.TraceID()))
		}
		p := watching(t, func(c *Config) {
			c.Backends = []BackendConfig{{Name: "store", Backend: s, Share: 0.05, Sampler: verify.Tail{}}}
		})
		p.store = s
		p.sending(stream)
		pass(20 * time.Minute)
		for range rounds {
			for range 10 * 60 {
				pass(time.Second)
				require.Equal(t, OK, p.at("store").State, p.at("store").Reason)
			}
			s.setDown(true)
			pass(10 * time.Minute)
			s.setDown(false)
			pass(2 * time.Minute)
		}
		p.end()
	})
}
