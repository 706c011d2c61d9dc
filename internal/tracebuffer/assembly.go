package tracebuffer

import (
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Assembly gathers decoded spans, of any number of traces and Buffers, under one ResourceSpans per distinct resource and
// one ScopeSpans per distinct scope in it. Resources and scopes stand in the order in which they are first met.
type Assembly struct {
	dst       ptrace.ResourceSpansSlice
	resources map[string]int // encoded resource: index in resource
	scopes    map[scopeKey]ptrace.ScopeSpans
	resource  []ptrace.ResourceSpans
}

type scopeKey struct {
	resource int
	scope    string
}

// NewAssembly makes an Assembly that appends to dst, which may hold other ResourceSpans already.
func NewAssembly(dst ptrace.ResourceSpansSlice) *Assembly {
	a := &Assembly{}
	a.reset(dst)
	return a
}

func (a *Assembly) reset(dst ptrace.ResourceSpansSlice) {
	a.dst = dst
	if len(a.resource) > 1000 {
		*a = Assembly{dst: dst} // clearing would keep the room that only an unusual trace needs
	}
	if a.resources == nil {
		a.resources, a.scopes = map[string]int{}, map[scopeKey]ptrace.ScopeSpans{}
		return
	}
	clear(a.resources)
	clear(a.scopes)
	clear(a.resource)
	a.resource = a.resource[:0]
}

// spans is where spans of the encoded resource and scope go. d decodes them when they are met for the first time.
func (a *Assembly) spans(d *decoder, resource, scope string) ptrace.SpanSlice {
	at, ok := a.resources[resource]
	if !ok {
		at = len(a.resource)
		rs := a.dst.AppendEmpty()
		a.resource = append(a.resource, rs)
		a.resources[resource] = at
		part := decoder{s: resource, maps: d.maps}
		part.resource(rs)
		d.maps = part.maps
	}
	key := scopeKey{at, scope}
	ss, ok := a.scopes[key]
	if !ok {
		ss = a.resource[at].ScopeSpans().AppendEmpty()
		a.scopes[key] = ss
		part := decoder{s: scope, maps: d.maps}
		part.scope(ss)
		d.maps = part.maps
	}
	return ss.Spans()
}

// Cursor is a place in a trace that is decoded in pieces. The zero value is the start of any trace. It is valid until the
// trace is appended to or freed.
type Cursor struct {
	headers         Headers
	started         bool
	resource, scope string // of the span before
}

// DecodeTo appends at most maxSpans spans of t, from the cursor on and in the order of arrival, to an Assembly, where they join
// those of other calls, traces and Buffers. visit, where not nil, sees every span when it is complete. id is the id of the trace,
// which is not stored with it. DecodeTo reports whether the trace is done.
//
// The spans are the caller's to keep and change. Their strings share memory with each other and with chunks of the
// dictionary, which stay for as long as one of them does and are not counted by Bytes once their generation is gone.
func (b *Buffer) DecodeTo(to *Assembly, c *Cursor, t *Trace, id pcommon.TraceID, maxSpans int, visit func(ptrace.Span)) bool {
	if !c.started {
		c.started, c.headers = true, b.Headers(t)
	}
	w := &c.headers
	var spans ptrace.SpanSlice
	for grouped := false; maxSpans > 0 && w.Next(); maxSpans-- {
		d := &b.decoder
		d.s, d.at, d.tail = w.reader.take(w.body), 0, &w.reader
		d.generation = &b.generations.ring[w.control&slotMask].dictionary
		if w.control&sameGroups == 0 {
			c.resource, c.scope, grouped = d.str(), d.str(), false
		}
		if !grouped {
			spans, grouped = to.spans(d, c.resource, c.scope), true
		}
		span := spans.AppendEmpty()
		if w.control&foreignBody != 0 {
			d.foreignSpan(span)
			w.putTo(span, id)
		} else {
			w.putTo(span, id)
			d.span(span)
		}
		w.body, w.tail = 0, 0
		if visit != nil {
			visit(span)
		}
	}
	b.decoder.s, b.decoder.tail, b.decoder.generation = "", nil, nil
	return w.left == 0
}

// putTo sets the fields that the header holds.
func (h *Header) putTo(span ptrace.Span, id pcommon.TraceID) {
	var sid, parent pcommon.SpanID
	binary.BigEndian.PutUint64(sid[:], h.SpanID)
	binary.BigEndian.PutUint64(parent[:], h.ParentSpanID)
	span.SetTraceID(id)
	span.SetSpanID(sid)
	span.SetParentSpanID(parent)
	span.SetStartTimestamp(pcommon.Timestamp(h.Start))
	span.SetEndTimestamp(pcommon.Timestamp(h.Start + uint64(h.Duration)))
}
