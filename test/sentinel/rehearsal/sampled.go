package rehearsal

import (
	"math/rand/v2"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/oracle"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/sentinel/samplers"
)

// Sampling is a tail sampler, behind which some of what it keeps is lost from a time on, whatever is in it.
type Sampling struct {
	None
	Model samplers.Model // of the sampler
	Share float64        // that is lost
	From  time.Duration
	rand  *rand.Rand

	weights map[pcommon.TraceID]float64
	lost    map[pcommon.TraceID]bool
}

// Sent implements Fault: here it is decided what becomes of a trace.
func (f *Sampling) Sent(_ *World, t *traffic.Trace, at time.Duration) {
	f.weights[t.Sealed] = f.Model(f.rand, t)
	f.lost[t.Sealed] = at >= f.From && f.rand.Float64() < f.Share
}

// Pass implements Fault. A rule keeps the manifests.
func (f *Sampling) Pass(w *World, td ptrace.Traces, deliver func(ptrace.Traces)) {
	id := traceOf(td)
	weight, lost := f.weights[id], f.lost[id]
	if isManifest(td) {
		weight, lost = 1, w.now >= f.From && f.rand.Float64() < f.Share
	}
	if weight == 0 || lost {
		return
	}
	th, err := sampling.ProbabilityToThreshold(1 / weight)
	if err != nil {
		panic(err)
	}
	eachSpan(td, func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		rest := span.TraceState().AsRaw()
		span.TraceState().FromRaw("ot=th:" + th.TValue())
		if rest != "" {
			span.TraceState().FromRaw("ot=th:" + th.TValue() + "," + rest)
		}
	})
	deliver(td)
}

// SampledLoss lets a sampler work for a while, and then a share of what it keeps be lost. It returns how long after that began the manifests, and
// the oracle, first said so; negative: they did not, within most. Before, nothing may be said: early is whether it was.
func (s *Setting) SampledLoss(model samplers.Model, share float64, warm, most time.Duration, seed uint64) (manifests, totals time.Duration, early bool, err error) {
	w := NewWorld(s.Stream, time.Unix(1_763_726_400, 0), seed)
	w.Direct = true
	r := rand.New(rand.NewPCG(seed, 7))
	from := warm + time.Duration(r.Int64N(int64(time.Second)))
	fault := &Sampling{Model: model, Share: share, From: from, rand: r, weights: map[pcommon.TraceID]float64{}, lost: map[pcommon.TraceID]bool{}}
	w.Fault, w.source.sent = fault, func(t *traffic.Trace, at time.Duration) { fault.Sent(w, t, at) }
	o := oracle.New()
	o.Join(s.Stream)
	w.Verifier, err = verify.New(verify.Config{
		Key: s.Stream.Key(), Streams: []*traffic.Stream{s.Stream}, LateAfter: s.LateAfter, LostAfter: s.LostAfter, MaxTraces: verify.DefaultMaxTraces,
		Sampler: verify.Tail{}, Settled: func(j verify.Judgement) { o.Add(&j) },
	}, w.Now())
	manifests, totals = -1, -1
	if err != nil {
		return manifests, totals, false, err
	}
	w.onTick = func() {
		sources := w.Verifier.State().Sources
		lost, off := len(sources) > 0 && sources[0].Manifests.Lost(), len(o.Findings()) > 0
		if w.now < from {
			early = early || lost || off
			return
		}
		if lost && manifests < 0 {
			manifests = w.now - from
		}
		if off && totals < 0 {
			totals = w.now - from
		}
	}
	for at := time.Duration(0); at < from+most && (manifests < 0 || totals < 0); at += 10 * time.Second {
		w.Run(at)
	}
	return manifests, totals, early, nil
}
