package rehearsal

import (
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Fault is what the pipeline does with what it is given.
type Fault interface {
	// Sent is told of each trace when it begins to leave.
	Sent(w *World, t *traffic.Trace, at time.Duration)
	// Pass hands spans of one trace on, now or later, changed or not, or does not.
	Pass(w *World, td ptrace.Traces, deliver func(ptrace.Traces))
	// Verdict is what must be said of a trace, all of which the generator has sent.
	Verdict(id pcommon.TraceID) (verify.Verdict, verify.Fields)
}

// None does no harm.
type None struct{}

// Sent implements Fault.
func (None) Sent(*World, *traffic.Trace, time.Duration) {}

// Pass implements Fault.
func (None) Pass(_ *World, td ptrace.Traces, deliver func(ptrace.Traces)) { deliver(td) }

// Verdict implements Fault.
func (None) Verdict(pcommon.TraceID) (verify.Verdict, verify.Fields) { return verify.Delivered, 0 }

// Class is a sort of fault.
type Class string

// The classes.
const (
	Healthy     Class = "no fault"
	Loss        Class = "loss"
	BatchLoss   Class = "loss of batches"
	Incomplete  Class = "incompleteness"
	Delay       Class = "delay"
	Duplication Class = "duplication"
	Corruption  Class = "corruption"
	Reordering  Class = "reordering"
	BackendDown Class = "backend down"
	Source      Class = "generator: refused, skipped, retried, held, stopped"
)

// Classes lists them.
func Classes() []Class {
	return []Class{Healthy, Loss, BatchLoss, Incomplete, Delay, Duplication, Corruption, Reordering, BackendDown, Source}
}

// Injection does one sort of harm to a share of the traces of a while.
type Injection struct {
	Class    Class
	Share    float64
	From, To time.Duration // in which a trace begins to leave
	Late     time.Duration // delays are longer than this, by a second at least; those of Reordering shorter than a third of it
	Lost     time.Duration // and shorter than this, by two seconds at least
	Visible  verify.Fields // that can be corrupted so that the verifier can see it
	Once     bool          // the verifier sees a span once, however often it was delivered

	First time.Duration // when the first harm was done; 0: none

	harm   map[pcommon.TraceID]harm
	passed map[pcommon.TraceID]bool // of BatchLoss: traces of which some batch was passed on
}

// harm is what is done to a trace.
type harm struct {
	span  pcommon.SpanID // one of its spans
	field verify.Field
	delay time.Duration
}

// Sent implements Fault: here it is decided what becomes of a trace.
func (f *Injection) Sent(w *World, t *traffic.Trace, at time.Duration) {
	if f.harm == nil {
		f.harm = map[pcommon.TraceID]harm{}
	}
	if f.Class == BatchLoss || at < f.From || at >= f.To || w.Rand.Float64() >= f.Share || f.Class == Incomplete && len(t.Spans) < 2 {
		return
	}
	f.begin(at)
	h := harm{span: t.SpanID(w.Rand.IntN(len(t.Spans)))}
	h.delay = f.Late + time.Second + time.Duration(w.Rand.Int64N(int64(f.Lost-f.Late-3*time.Second)))
	var visible []verify.Field
	for _, field := range verify.AllFields() {
		if f.Visible.Has(field) {
			visible = append(visible, field)
		}
	}
	if len(visible) > 0 {
		h.field = visible[w.Rand.IntN(len(visible))]
	}
	f.harm[t.Sealed] = h
}

func (f *Injection) begin(at time.Duration) {
	if f.First == 0 {
		f.First = at
	}
}

// loseBatch drops batches by chance, whatever trace they are of.
func (f *Injection) loseBatch(w *World, td ptrace.Traces, deliver func(ptrace.Traces)) {
	if w.now < f.From || w.now >= f.To || w.Rand.Float64() >= f.Share {
		if f.passed == nil {
			f.passed = map[pcommon.TraceID]bool{}
		}
		f.passed[traceOf(td)] = true
		deliver(td)
		return
	}
	if !isManifest(td) {
		f.begin(w.now)
		f.harm[traceOf(td)] = harm{}
	}
}

// Pass implements Fault.
func (f *Injection) Pass(w *World, td ptrace.Traces, deliver func(ptrace.Traces)) {
	h, harmed := f.harm[traceOf(td)]
	switch {
	case f.Class == BatchLoss:
		f.loseBatch(w, td, deliver)
	case f.Class == Reordering && w.now >= f.From && w.now < f.To:
		f.scatter(w, td, deliver)
	case f.Class == Loss && isManifest(td) && w.now >= f.From && w.now < f.To && w.Rand.Float64() < f.Share:
	case !harmed:
		deliver(td)
	case f.Class == Loss:
	case f.Class == Incomplete:
		removeSpan(td, h.span)
		deliver(td)
	case f.Class == Delay:
		w.At(w.now+h.delay, func() { deliver(td) })
	case f.Class == Duplication:
		f.double(w, td, h, deliver)
	case f.Class == Corruption:
		eachSpan(td, func(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) {
			if span.SpanID() == h.span {
				Mutate(w.Rand, h.field, rs, ss, span)
			}
		})
		deliver(td)
	default:
		deliver(td)
	}
}

// double delivers one span a second time, soon.
func (f *Injection) double(w *World, td ptrace.Traces, h harm, deliver func(ptrace.Traces)) {
	again := ptrace.NewTraces()
	td.CopyTo(again)
	again.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		return rs.ScopeSpans().At(0).Spans().At(0).SpanID() != h.span
	})
	deliver(td)
	if again.SpanCount() > 0 {
		w.At(w.now+time.Duration(w.Rand.Int64N(int64(f.Late/3))), func() { deliver(again) })
	}
}

// scatter delivers every span by itself, in an order of chance.
func (f *Injection) scatter(w *World, td ptrace.Traces, deliver func(ptrace.Traces)) {
	for _, rs := range td.ResourceSpans().All() {
		one := ptrace.NewTraces()
		rs.CopyTo(one.ResourceSpans().AppendEmpty())
		w.At(w.now+time.Duration(w.Rand.Int64N(int64(f.Late/3))), func() { deliver(one) })
	}
}

// Verdict implements Fault.
func (f *Injection) Verdict(id pcommon.TraceID) (verify.Verdict, verify.Fields) {
	h, harmed := f.harm[id]
	if !harmed {
		return verify.Delivered, 0
	}
	switch f.Class {
	case Loss:
		return verify.Missing, 0
	case BatchLoss:
		if !f.passed[id] {
			return verify.Missing, 0
		}
		return verify.Incomplete, 0
	case Incomplete:
		return verify.Incomplete, 0
	case Delay:
		return verify.Late, 0
	case Duplication:
		if !f.Once {
			return verify.Duplicate, 0
		}
	case Corruption:
		return verify.Corrupt, 1 << h.field
	}
	return verify.Delivered, 0
}

// Harmed is how many traces harm was done to.
func (f *Injection) Harmed() int { return len(f.harm) }

func traceOf(td ptrace.Traces) pcommon.TraceID {
	return td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).TraceID()
}

func isManifest(td ptrace.Traces) bool {
	return td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Name() == traffic.ManifestName
}

func removeSpan(td ptrace.Traces, id pcommon.SpanID) {
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		return slices.ContainsFunc(slices.Collect(spansOf(rs)), func(s ptrace.Span) bool { return s.SpanID() == id })
	})
}

func spansOf(rs ptrace.ResourceSpans) func(func(ptrace.Span) bool) {
	return func(yield func(ptrace.Span) bool) {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if !yield(span) {
					return
				}
			}
		}
	}
}

func eachSpan(td ptrace.Traces, do func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span)) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				do(rs, ss, span)
			}
		}
	}
}
