package generator

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// batch is spans of some traces, by resource and scope. It knows which spans it has, so that it can be built again.
type batch struct {
	traces ptrace.Traces
	parts  []part
	spans  int

	resources map[resource]ptrace.ResourceSpans
	scopes    map[scope]ptrace.SpanSlice
}

// part is the spans of a trace that one batch has.
type part struct {
	id    identity.TraceID
	batch uint8 // Span.Batch
}

type resource struct {
	service  *topology.Service
	instance int
}

type scope struct {
	resource
	number int
}

func newBatch() *batch {
	return &batch{traces: ptrace.NewTraces(), resources: map[resource]ptrace.ResourceSpans{}, scopes: map[scope]ptrace.SpanSlice{}}
}

// add appends span i of a trace.
func (b *batch) add(t *traffic.Trace, i int) {
	if p := (part{t.ID, t.Spans[i].Batch}); len(b.parts) == 0 || b.parts[len(b.parts)-1] != p {
		b.parts = append(b.parts, p)
	}
	t.FillSpan(i, b.slice(t, i).AppendEmpty())
	b.spans++
}

// slice returns the place of span i, made where it is the first one of its resource or scope.
func (b *batch) slice(t *traffic.Trace, i int) ptrace.SpanSlice {
	at := resource{t.Spans[i].Service, t.Spans[i].Instance}
	key := scope{at, t.Scope(i)}
	if spans, ok := b.scopes[key]; ok {
		return spans
	}
	rs, ok := b.resources[at]
	if !ok {
		rs = b.traces.ResourceSpans().AppendEmpty()
		rs.SetSchemaUrl(traffic.SchemaURL)
		t.FillResource(i, rs.Resource())
		b.resources[at] = rs
	}
	ss := rs.ScopeSpans().AppendEmpty()
	ss.SetSchemaUrl(traffic.SchemaURL)
	t.FillScope(i, ss.Scope())
	spans := ss.Spans()
	spans.EnsureCapacity(16)
	b.scopes[key] = spans
	return spans
}

// rebuild plans the traces again and returns the same content. (What was sent may have been changed by whom it was sent to.)
func (b *batch) rebuild(stream *traffic.Stream) ptrace.Traces {
	again := newBatch()
	var t traffic.Trace
	for _, p := range b.parts {
		stream.Trace(p.id, &t)
		for i := range t.Spans {
			if t.Spans[i].Batch == p.batch {
				again.add(&t, i)
			}
		}
	}
	return again.traces
}
