package traffic

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
)

// Trace is the plan of a trace. Its memory is used again by the next call of Stream.Trace with it.
type Trace struct {
	ID     identity.TraceID
	Sealed pcommon.TraceID
	Begin  time.Time     // of the span that begins first, the root
	Length time.Duration // until the end of the span that ends last
	Spans  []Span        // a parent stands before its children; the first is the root
	Failed bool          // the root fails
	Long   bool          // it begins at a long entry

	stream *Stream
	ids    []pcommon.SpanID  // of the spans
	order  [MaxBatches]uint8 // in which a trace's groups of spans leave
}

// Span is the plan of a span. Its index in Trace.Spans is the one in its span id.
type Span struct {
	Operation  *topology.Operation
	Caller     bool // it is the client or producer span of one who calls Operation
	Service    *topology.Service
	Instance   int           // of the service
	Parent     int32         // index, or -1
	Link       int32         // index of a span that it links to, or -1
	Start, End time.Duration // since Trace.Begin
	Failed     bool          // its status is an error
	Origin     bool          // the failure began here: it has an exception event
	Batch      uint8         // in which it leaves, below Config.Batches

	seed uint64
}

// Reference names whose span it is and of which operation, as service/operation, or service/call of service/operation.
func (s *Span) Reference() string {
	if s.Caller {
		return s.Service.Name + "/call of " + s.Operation.Reference()
	}
	return s.Operation.Reference()
}

// Trace plans the trace of an id; whether the stream sends it is asked with Has.
func (s *Stream) Trace(id identity.TraceID, t *Trace) {
	*t = Trace{ID: id, Sealed: s.key.Seal(id), Spans: t.Spans[:0], stream: s, ids: t.ids[:0]}
	seed := s.key.Seed(id)
	w := weaver{stream: s, trace: t, draws: draws(seed), instances: seed}
	w.weave()
	t.ids = s.key.SealSpans(id, len(t.Spans), t.ids)
}

// SpanID is the id of span i.
func (t *Trace) SpanID(i int) pcommon.SpanID { return t.ids[i] }

// weaver lays out the spans of a trace.
type weaver struct {
	stream    *Stream
	trace     *Trace
	draws     draws
	instances uint64
}

func (w *weaver) weave() {
	s, t := w.stream, w.trace
	t.Long = len(s.long.operations) > 0 && w.draws.chance(s.longShare)
	entry := &s.entries
	if t.Long {
		entry = &s.long
	}
	doomed := w.draws.chance(s.errorShare)
	for i := range s.config.Batches {
		t.order[i] = uint8(i)
	}
	if w.draws.chance(s.reorder) {
		for i := s.config.Batches - 1; i > 0; i-- {
			j := w.draws.below(uint64(i + 1))
			t.order[i], t.order[j] = t.order[j], t.order[i]
		}
	}
	w.operation(entry.draw(&w.draws), -1, 0, doomed)
	for i := range t.Spans {
		t.Length = max(t.Length, t.Spans[i].End)
	}
	t.Failed = t.Spans[0].Failed
	t.Begin = s.At(t.ID).Add(-t.Length)
}

// span appends a span and returns its index.
func (w *weaver) span(o *topology.Operation, service *topology.Service, parent int32, at time.Duration) int32 {
	const cut = 256 // spans of a long trace that leave together
	i := len(w.trace.Spans)
	group := (service.Ordinal + i/cut) % w.stream.config.Batches
	instance := 0
	if service.Instances > 1 {
		instance = int(mix(w.instances+uint64(service.Ordinal)*golden) % uint64(service.Instances))
	}
	w.trace.Spans = append(w.trace.Spans, Span{
		Operation: o, Service: service, Instance: instance, Parent: parent, Link: -1, Start: at, Batch: w.trace.order[group],
		seed: w.draws.next(),
	})
	return int32(i)
}

// operation lays out an operation with all that it calls. A doomed one fails, at the end of the chain of calls that are made
// in any case. It returns when the operation ends and whether it failed.
func (w *weaver) operation(o *topology.Operation, parent int32, at time.Duration, doomed bool) (time.Duration, bool) {
	i := w.span(o, o.Service, parent, at)
	own := o.Latency.Draw(w.draws.next())
	failed := w.draws.chance(w.stream.operations[o.Ordinal].errors)
	heir := -1
	if doomed {
		heir = inevitable(o)
		failed = failed || heir < 0
	}
	origin := failed
	now, fork := at+own/2, time.Duration(-1)
calls:
	for n := range o.Calls {
		c := &o.Calls[n]
		if !c.Parallel {
			fork = -1
		} else if fork < 0 {
			fork = now
		}
		if c.Share < 1 && !w.draws.chance(newShare(c.Share)) {
			continue
		}
		for k := range c.Least + int(w.draws.below(uint64(c.Most-c.Least+1))) {
			begin := now
			if c.Parallel {
				begin = fork
			}
			end, lost := w.call(c, i, begin, n == heir && k == 0)
			now = max(now, end)
			if lost && !c.Optional {
				failed = true
				break calls
			}
		}
	}
	end := at + w.onBound(now-at+own-own/2)
	span := &w.trace.Spans[i]
	span.End, span.Failed, span.Origin = end, failed, origin
	return end, failed
}

// inevitable returns the first call that is made, waited for and not survived in any case, or -1.
func inevitable(o *topology.Operation) int {
	for n := range o.Calls {
		if c := &o.Calls[n]; c.Share >= 1 && c.Least > 0 && !c.Optional && !asynchronous(c, o) {
			return n
		}
	}
	return -1
}

// call lays out what one call becomes. It returns when the caller goes on, and whether the call failed.
func (w *weaver) call(c *topology.Call, parent int32, at time.Duration, doomed bool) (time.Duration, bool) {
	o := c.Operation
	from := w.trace.Spans[parent].Operation
	if !c.Remote(from) {
		return w.operation(o, parent, at, doomed)
	}
	i := w.span(o, from.Service, parent, at)
	w.trace.Spans[i].Caller = true
	there, back := w.hop(), w.hop()
	if asynchronous(c, from) {
		sent := at + there
		w.trace.Spans[i].End = sent
		received := int32(len(w.trace.Spans))
		w.operation(o, i, sent+w.queue(), false)
		w.trace.Spans[received].Link = i
		return sent, false
	}
	end, failed := w.operation(o, i, at+there, doomed)
	span := &w.trace.Spans[i]
	span.End, span.Failed = end+back, failed
	return span.End, failed
}

// hop is how long a message takes to another service, queue how long it waits for a consumer.
func (w *weaver) hop() time.Duration { return time.Duration(50+w.draws.below(450)) * time.Microsecond }

func (w *weaver) queue() time.Duration { return time.Duration(1+w.draws.below(100)) * time.Millisecond }

// onBound lengthens a share of the durations to a histogram bound, a nanosecond less or one more, unless that is more than
// twice as long.
func (w *weaver) onBound(d time.Duration) time.Duration {
	if !w.draws.chance(w.stream.onBounds) {
		return d
	}
	beside := time.Duration(w.draws.below(3)) - 1
	for _, bound := range w.stream.config.Topology.Bounds {
		if bound+beside >= d {
			if bound <= 2*d {
				return bound + beside
			}
			break
		}
	}
	return d
}
