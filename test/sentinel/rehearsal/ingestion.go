package rehearsal

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Ingestion is a fault that is none: a backend shows each trace only after a time of its own.
type Ingestion struct {
	None
	Took func(r *rand.Rand) time.Duration

	after map[pcommon.TraceID]time.Duration
	due   map[pcommon.TraceID]time.Duration // when it should have left as a whole
	whole map[pcommon.TraceID]time.Duration // when the last of it could be found
}

// Sent implements Fault.
func (f *Ingestion) Sent(w *World, t *traffic.Trace, _ time.Duration) {
	f.after[t.Sealed], f.due[t.Sealed] = f.Took(w.Rand), w.at(w.Stream.Complete(t.ID))
}

// Pass implements Fault.
func (f *Ingestion) Pass(w *World, td ptrace.Traces, deliver func(ptrace.Traces)) {
	id := traceOf(td)
	w.At(w.now+f.after[id], func() {
		f.whole[id] = w.now
		deliver(td)
	})
}

// Timed is what a while of such a backend has shown.
type Timed struct {
	Traces         int
	Observed       uint64
	P50, P99       float64       // in truth, in seconds
	Measured50     float64       // the same as it was measured
	Measured99     float64       //
	Slow           time.Duration // when the latency first used its budget up too fast, from the beginning; negative: never
	Early, Lookups int           // questions, the early ones and all
	Unexpected     int           // verdicts other than delivered and late
}

// Ingest lets traces run into a backend that takes a time to show them, and compares what is measured with what was. objectives are those of
// the latency.
func (s *Setting) Ingest(took func(r *rand.Rand) time.Duration, objectives slo.Config, length time.Duration, seed uint64) (Timed, error) {
	out := Timed{Slow: -1}
	b, err := backend.New(backend.KindJaeger, "http://127.0.0.1:1", http.DefaultClient)
	if err != nil {
		return out, err
	}
	w := NewWorld(s.Stream, time.Unix(1_763_726_400, 0), seed)
	fault := &Ingestion{Took: took, after: map[pcommon.TraceID]time.Duration{}, due: map[pcommon.TraceID]time.Duration{}, whole: map[pcommon.TraceID]time.Duration{}}
	w.Fault, w.source.sent = fault, func(t *traffic.Trace, at time.Duration) { fault.Sent(w, t, at) }
	w.Store = NewStore(backend.KindJaeger, b.Lens())
	tracker, delays := slo.NewTracker(objectives), slo.NewDelays(objectives.Window)
	w.Verifier, err = verify.New(verify.Config{
		Key: s.Stream.Key(), Streams: []*traffic.Stream{s.Stream}, LateAfter: s.LateAfter, LostAfter: s.LostAfter, MaxTraces: verify.DefaultMaxTraces,
		Lookup: 1, Lens: b.Lens(), Report: func(j verify.Judgement) {
			tracker.Add(w.now, &j)
			delays.Add(w.now, &j)
			if j.Verdict != verify.Delivered && j.Verdict != verify.Late {
				out.Unexpected++
			}
		},
	}, w.Now())
	if err != nil {
		return out, err
	}
	w.onTick = func() {
		if out.Slow < 0 && tracker.Report(w.now, 0).Latency.ShortBurn > 1 {
			out.Slow = w.now
		}
		w.Store.forget(20_000)
	}
	w.Run(length)
	var truth []float64
	for id, at := range fault.whole {
		if due, ok := fault.due[id]; ok {
			truth = append(truth, max(0, at-due).Seconds())
		}
	}
	slices.Sort(truth)
	out.Traces, out.Lookups, out.Early = len(truth), w.lookups, w.early
	if observed := delays.Report(w.now); observed != nil && len(truth) > 0 {
		out.P50, out.P99 = truth[len(truth)/2], truth[len(truth)*99/100]
		out.Observed, out.Measured50, out.Measured99 = observed.Traces, observed.P50, observed.P99
	}
	return out, nil
}
