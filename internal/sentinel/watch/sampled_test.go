package watch

import (
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// sampledStore is a watch over a store behind a sampler, beside a pipeline's end that gets everything.
func sampledStore(t *testing.T, declared verify.Sampler, wait time.Duration, sampler func(ptrace.Span) bool) (*pipeline, *store) {
	t.Helper()
	s := newStore()
	s.sampler = sampler
	p := watching(t, func(c *Config) {
		c.Backends = []BackendConfig{{Name: "store", Backend: s, Share: 1, Sampler: declared, Wait: wait}}
	})
	p.store = s
	return p.sending(testStream(t, func(c *traffic.Config) { c.ErrorShare = 0.1 })), s
}

// at is the store's part of the report.
func (p *pipeline) at(name string) *Vantage {
	p.t.Helper()
	for i := range p.Report().Vantages {
		if v := &p.Report().Vantages[i]; v.Name == name {
			return v
		}
	}
	p.t.Fatalf("there is no vantage %s", name)
	return nil
}

// marked writes a threshold into the trace state, as samplers do.
func marked(span ptrace.Span, th sampling.Threshold) {
	state, err := sampling.NewW3CTraceState(span.TraceState().AsRaw())
	if err == nil {
		err = state.OTelValue().UpdateTValueWithSampling(th)
	}
	if err != nil {
		panic(err)
	}
	var out stringWriter
	if err := state.Serialize(&out); err != nil {
		panic(err)
	}
	span.TraceState().FromRaw(string(out))
}

type stringWriter []byte

func (w *stringWriter) WriteString(s string) (int, error) {
	*w = append(*w, s...)
	return len(s), nil
}

// In a store behind a sampler of fixed probability, what is not there has been sampled out, or is lost: which, is known.
func TestStoreBehindAProbabilisticSampler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		declared, err := verify.NewConsistent(25, verify.DefaultPrecision)
		require.NoError(t, err)
		th, err := sampling.ProbabilityToThreshold(0.25)
		require.NoError(t, err)
		p, s := sampledStore(t, declared, 0, func(span ptrace.Span) bool {
			if !th.ShouldSample(sampling.TraceIDToRandomness(span.TraceID())) {
				return false
			}
			marked(span, th)
			return true
		})
		p.until(OK, 2*lateAfter)
		pass(3 * time.Minute)
		require.Equal(t, OK, p.State(), p.Report().Reasons)
		verdicts := p.at("store").Verdicts
		assert.Len(t, verdicts, 2, verdicts)
		assert.InDelta(t, 1800*3/4, verdicts["sampled_out"], 150)
		assert.InDelta(t, 1800/4, verdicts["delivered"], 150)
		s.behind(func(ptrace.Span) bool { return false })
		p.until(Degraded, time.Minute)
		pass(lostAfter)
		assert.Positive(t, p.at("store").Verdicts["missing"])
		assert.Zero(t, p.at("sentinel").Verdicts["missing"])
		p.end()
	})
}

// In a store behind a sampler that decides by content, what is not there says nothing. What is there must be whole, and marked
// as the sampler marks it; it is not looked for before the sampler need have decided.
func TestStoreBehindATailSampler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		half, err := sampling.ProbabilityToThreshold(0.5)
		require.NoError(t, err)
		key, stream := testKey(t), testStream(t, func(c *traffic.Config) { c.ErrorShare = 0.1 })
		var trace traffic.Trace
		sampler := func(span ptrace.Span) bool {
			th := half
			id, _ := key.Open(span.TraceID())
			if traffic.IsManifest(id) {
				return true
			}
			if stream.Trace(id, &trace); trace.Failed || trace.Length > time.Second {
				th = sampling.AlwaysSampleThreshold
			}
			if !th.ShouldSample(sampling.TraceIDToRandomness(span.TraceID())) {
				return false
			}
			marked(span, th)
			span.Attributes().PutStr("why", "kept")
			return true
		}
		p, s := sampledStore(t, verify.Tail{Marks: []string{"why"}}, 20*time.Second, sampler)
		pass(20 * time.Second)
		assert.Zero(t, p.at("store").Verdicts["delivered"], "before late_after and wait are over")
		p.until(OK, 2*lateAfter)
		pass(3 * time.Minute)
		require.Equal(t, OK, p.State(), p.Report().Reasons)
		verdicts := p.at("store").Verdicts
		assert.Len(t, verdicts, 2, verdicts)
		assert.InDelta(t, 1800*0.55, verdicts["delivered"], 200)
		assert.Positive(t, verdicts["unknown"])
		s.behind(func(span ptrace.Span) bool {
			span.Attributes().PutStr("by", "somebody else")
			return sampler(span)
		})
		p.until(Degraded, time.Minute)
		assert.Positive(t, p.at("store").Verdicts["corrupt"])
		p.end()
	})
}

// keptPlace is a watch over a pipeline's end behind a tail sampler that keeps what is told, after it has waited.
func keptPlace(t *testing.T, wait time.Duration, keep func(identity.TraceID) bool) *pipeline {
	t.Helper()
	p, key := watching(t, nil), testKey(t)
	p.place = vantage.Place{Config: verify.Config{Sampler: verify.Tail{}}, Wait: wait}
	var running sync.WaitGroup
	t.Cleanup(func() {
		p.end()
		running.Wait()
	})
	p.between = func(td ptrace.Traces, deliver func(ptrace.Traces)) {
		kept := ptrace.NewTraces()
		td.CopyTo(kept)
		for _, rs := range kept.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				ss.Spans().RemoveIf(func(span ptrace.Span) bool {
					id, _ := key.Open(span.TraceID())
					marked(span, sampling.AlwaysSampleThreshold)
					return !keep(id)
				})
			}
		}
		if kept.SpanCount() > 0 {
			running.Go(func() {
				pass(wait)
				deliver(kept)
			})
		}
	}
	return p.sending(testStream(t, nil))
}

// Behind a tail sampler nothing is known of single traces that are lost. But the manifests, which a rule keeps, come every second:
// when they do not, all may be lost, whatever the generator tells directly.
func TestTotalLossBehindATailSamplerIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const wait = 5 * time.Second
		var from, to atomic.Uint32 // slots whose traces are lost as a whole, so that none is incomplete
		p := keptPlace(t, wait, func(id identity.TraceID) bool { return id.Slot < from.Load() || id.Slot >= to.Load() })
		p.until(OK, 2*(lateAfter+wait))
		pass(time.Minute)
		require.Equal(t, OK, p.State(), p.Report().Reasons)
		to.Store(math.MaxUint32)
		from.Store(traffic.SlotOf(time.Now()) + 1)
		assert.LessOrEqual(t, p.until(Unknown, 2*time.Minute), lateAfter+wait+grace+2*time.Second, "though what the sampler holds still comes")
		assert.Regexp(t, `^sentinel: the last 2 manifests of stream ambient \(instance 7\) are not there; `, p.Report().Reasons[0])
		pass(2 * time.Second)
		assert.Regexp(t, `^sentinel has lost all traces of stream ambient \(instance 7\) since \S+ UTC, by the manifests`, p.Report().Summary)
		to.Store(traffic.SlotOf(time.Now()) + 1)
		pass(time.Minute + wait)
		assert.Regexp(t, `^sentinel lost .* of stream ambient \(instance 7\) from \S+ UTC to \S+ UTC, by the manifests .*; of the \d+ since all were\.$`, p.Report().Summary)
		p.until(OK, 5*time.Minute)
		p.end()
		assert.Equal(t, []State{OK, Unknown, Degraded, OK}, p.witness.changes)
	})
}

// Where no rule keeps the manifests, that is said, though kept traces come.
func TestManifestsMustBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := keptPlace(t, time.Second, func(id identity.TraceID) bool { return !traffic.IsManifest(id) })
		pass(time.Minute)
		assert.Equal(t, Unknown, p.State())
		assert.Contains(t, p.Report().Reasons[0], "does a rule of the sampler keep them")
		p.end()
	})
}

// A place that all manifests reach and nothing else does not know whether anything would.
func TestNothingButManifestsIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := keptPlace(t, time.Second, traffic.IsManifest)
		pass(5 * time.Minute)
		assert.Equal(t, Unknown, p.State())
		assert.Equal(t, []string{"sentinel: of no trace anything is known, and none has come"}, p.Report().Reasons)
		assert.NotContains(t, p.witness.changes, OK)
		p.end()
	})
}

// So does a backend that has never shown anything.
func TestBackendBehindATailSamplerThatShowsNothingIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := sampledStore(t, verify.Tail{}, 0, func(ptrace.Span) bool { return false })
		pass(2 * time.Minute)
		assert.Equal(t, Unknown, p.at("store").State)
		assert.Equal(t, OK, p.at("sentinel").State, p.at("sentinel").Reason)
		p.end()
	})
}

// A backend behind a tail sampler that gets nothing any more lacks the manifests, too, which says so long before the totals do.
func TestBackendBehindATailSamplerThatGetsNothingIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const wait = 5 * time.Second
		p, s := hundredthStore(t, wait)
		p.until(OK, 2*(lateAfter+wait))
		pass(time.Minute)
		require.Equal(t, OK, p.State(), p.Report().Reasons)
		before := s.sampler
		s.behind(func(ptrace.Span) bool { return false })
		assert.LessOrEqual(t, p.until(Unknown, time.Minute), lateAfter+wait+3*time.Second)
		assert.Regexp(t, `^store: the last 2 manifests of stream ambient \(instance 7\) are not there; `, p.Report().Reasons[0])
		s.behind(before)
		p.until(OK, 2*time.Minute)
		p.end()
	})
}

// A pipeline that takes nothing for a while and then all of it keeps some manifests from being sent. Nothing is lost.
func TestStallBeforeATailSamplerIsNoLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stalled atomic.Bool
		p, _ := hundredthStore(t, 20*time.Second)
		p.put(func(td ptrace.Traces, deliver func(ptrace.Traces)) {
			for stalled.Load() {
				pass(100 * time.Millisecond)
			}
			deliver(td)
		})
		pass(2 * time.Minute)
		defer stalled.Store(false)
		watched := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); pass(beat) {
				require.Equal(t, OK, p.at("store").State, p.at("store").Reason)
			}
		}
		for range 10 {
			stalled.Store(true)
			watched(8 * time.Second)
			stalled.Store(false)
			watched(52 * time.Second)
		}
		p.end()
	})
}

// hundredthStore is a watch over a store behind a tail sampler that keeps all manifests and a hundredth of the traces.
func hundredthStore(t *testing.T, wait time.Duration) (*pipeline, *store) {
	t.Helper()
	hundredth, err := sampling.ProbabilityToThreshold(0.01)
	require.NoError(t, err)
	key := testKey(t)
	return sampledStore(t, verify.Tail{}, wait, func(span ptrace.Span) bool {
		th := hundredth
		if id, ours := key.Open(span.TraceID()); ours && traffic.IsManifest(id) {
			th = sampling.AlwaysSampleThreshold
		}
		if !th.ShouldSample(sampling.TraceIDToRandomness(span.TraceID())) {
			return false
		}
		marked(span, th)
		return true
	})
}
