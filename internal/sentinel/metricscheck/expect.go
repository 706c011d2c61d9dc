package metricscheck

import (
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Series names what one histogram is about.
type Series struct {
	Service string
	Span    string
	Kind    ptrace.SpanKind
	Failed  bool // the status is an error
}

// Histogram counts spans by duration. Buckets[i] is how many lasted at most the i-th bound, as Prometheus counts.
type Histogram struct {
	Buckets []float64
	Count   float64
}

// Counts are the histograms of all series.
type Counts map[Series]*Histogram

// Expect counts the spans of the traces that an instance's stream sends from one moment to another, by when a trace begins to
// leave. Bounds are ascending. Manifests are not counted: they are no function of the key.
func Expect(s *traffic.Stream, instance uint16, from, to time.Time, bounds []time.Duration) Counts {
	counts := Counts{}
	var plan traffic.Trace
	for slot := traffic.SlotOf(from); !traffic.SlotStart(slot).After(to); slot++ {
		if !s.Active(slot) {
			continue
		}
		for n := range s.Count(slot) {
			id := identity.TraceID{Instance: instance, Stream: s.Config().Number, Slot: slot, Sequence: n}
			if at := s.At(id); at.Before(from) || !at.Before(to) {
				continue
			}
			s.Trace(id, &plan)
			for i := range plan.Spans {
				span, resource := ptrace.NewSpan(), pcommon.NewResource()
				plan.FillSpan(i, span)
				plan.FillResource(i, resource)
				counts.add(span, resource, bounds)
			}
		}
	}
	return counts
}

func (c Counts) add(span ptrace.Span, resource pcommon.Resource, bounds []time.Duration) {
	key := Series{Span: span.Name(), Kind: span.Kind(), Failed: span.Status().Code() == ptrace.StatusCodeError}
	if v, ok := resource.Attributes().Get("service.name"); ok {
		key.Service = v.AsString()
	}
	h := c[key]
	if h == nil {
		h = &Histogram{Buckets: make([]float64, len(bounds))}
		c[key] = h
	}
	h.Count++
	lasted := span.EndTimestamp().AsTime().Sub(span.StartTimestamp().AsTime())
	first, _ := slices.BinarySearch(bounds, lasted) // a duration on a bound belongs below it
	for i := first; i < len(bounds); i++ {
		h.Buckets[i]++
	}
}
