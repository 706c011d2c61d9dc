package tracebuffer

import (
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// pdata can receive fields that it has no accessors for: string values and keys given as an index into a table, which OTLP
// has for profiles only. It passes them on, and so must we. A value of this kind looks empty, a key of this kind is empty.
// Where one is met, the span, resource or scope that holds it is not encoded here but marshalled as OTLP protobuf.
//
// One thing cannot be seen and is dropped: an index beside a key that has text. OTLP forbids to send both, and asks whoever
// receives an index in traces to take it as absent.

// foreignValue tells whether a value of type empty is not really empty.
func (e *encoder) foreignValue(v pcommon.Value) bool {
	if e.probe == nil {
		rs := ptrace.NewTraces().ResourceSpans().AppendEmpty()
		e.probe = &probe{rs: rs, value: rs.Resource().Attributes().PutEmpty("")}
		e.probe.empty = (&ptrace.ProtoMarshaler{}).ResourceSpansSize(rs)
	}
	v.CopyTo(e.probe.value)
	return (&ptrace.ProtoMarshaler{}).ResourceSpansSize(e.probe.rs) != e.probe.empty
}

// probe is a resource with one attribute, to measure how much a value takes in protobuf.
type probe struct {
	rs    ptrace.ResourceSpans
	value pcommon.Value
	empty int // size with an empty value
}

func (e *encoder) foreignSpan(span ptrace.Span) {
	td := ptrace.NewTraces()
	span.CopyTo(td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	e.marshal(td)
}

func (d *decoder) foreignSpan(span ptrace.Span) {
	d.unmarshal().ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).MoveTo(span)
}

func (e *encoder) foreignResource(rs ptrace.ResourceSpans) {
	e.buf = append(e.buf, foreignGroup)
	td := ptrace.NewTraces()
	to := td.ResourceSpans().AppendEmpty()
	rs.Resource().CopyTo(to.Resource())
	to.SetSchemaUrl(rs.SchemaUrl())
	e.marshal(td)
}

func (d *decoder) foreignResource(rs ptrace.ResourceSpans) {
	d.unmarshal().ResourceSpans().At(0).MoveTo(rs)
}

func (e *encoder) foreignScope(ss ptrace.ScopeSpans) {
	e.buf = append(e.buf, foreignGroup)
	td := ptrace.NewTraces()
	to := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	ss.Scope().CopyTo(to.Scope())
	to.SetSchemaUrl(ss.SchemaUrl())
	e.marshal(td)
}

func (d *decoder) foreignScope(ss ptrace.ScopeSpans) {
	d.unmarshal().ResourceSpans().At(0).ScopeSpans().At(0).MoveTo(ss)
}

func (e *encoder) marshal(td ptrace.Traces) {
	b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		panic("tracebuffer: cannot marshal what pdata holds: " + err.Error()) // it has no error to return
	}
	e.buf = append(e.buf, b...)
}

func (d *decoder) unmarshal() ptrace.Traces {
	rest := d.s[d.at:]
	d.at = len(d.s)
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(unsafe.Slice(unsafe.StringData(rest), len(rest)))
	if err != nil {
		panic("tracebuffer: cannot read what was marshalled here: " + err.Error())
	}
	return td
}
