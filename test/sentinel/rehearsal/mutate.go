package rehearsal

import (
	"fmt"
	"math/rand/v2"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Mutate changes one field of a span, or of the resource or scope above it, in one of several ways.
func Mutate(r *rand.Rand, f verify.Field, rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) {
	switch f {
	case verify.ResourceAttributes:
		mutateMap(r, rs.Resource().Attributes())
	case verify.ResourceDroppedAttributes:
		rs.Resource().SetDroppedAttributesCount(1 + r.Uint32N(9))
	case verify.ResourceSchemaURL:
		rs.SetSchemaUrl(mutateText(r, rs.SchemaUrl()))
	case verify.ScopeName:
		ss.Scope().SetName(mutateText(r, ss.Scope().Name()))
	case verify.ScopeVersion:
		ss.Scope().SetVersion(mutateText(r, ss.Scope().Version()))
	case verify.ScopeAttributes:
		mutateMap(r, ss.Scope().Attributes())
	case verify.ScopeDroppedAttributes:
		ss.Scope().SetDroppedAttributesCount(1 + r.Uint32N(9))
	case verify.ScopeSchemaURL:
		ss.SetSchemaUrl(mutateText(r, ss.SchemaUrl()))
	default:
		mutateSpan(r, f, span)
	}
}

func mutateSpan(r *rand.Rand, f verify.Field, span ptrace.Span) {
	switch f {
	case verify.SpanID:
		span.SetSpanID(flip(r, span.SpanID()))
	case verify.ParentSpanID:
		span.SetParentSpanID(flip(r, span.ParentSpanID()))
	case verify.TraceState:
		span.TraceState().FromRaw(mutateText(r, span.TraceState().AsRaw()))
	case verify.Flags:
		span.SetFlags(span.Flags() ^ 1<<r.IntN(32))
	case verify.Name:
		span.SetName(mutateText(r, span.Name()))
	case verify.Kind:
		span.SetKind((span.Kind() + 1 + ptrace.SpanKind(r.Int32N(5))) % 6)
	case verify.StartTime:
		span.SetStartTimestamp(shift(r, span.StartTimestamp()))
	case verify.EndTime:
		span.SetEndTimestamp(shift(r, span.EndTimestamp()))
	case verify.Attributes:
		mutateMap(r, span.Attributes())
	case verify.DroppedAttributes:
		span.SetDroppedAttributesCount(span.DroppedAttributesCount() + 1)
	case verify.Events:
		mutateEvents(r, span)
	case verify.DroppedEvents:
		span.SetDroppedEventsCount(span.DroppedEventsCount() + 1)
	case verify.Links:
		mutateLinks(r, span)
	case verify.DroppedLinks:
		span.SetDroppedLinksCount(span.DroppedLinksCount() + 1)
	case verify.StatusCode:
		span.Status().SetCode((span.Status().Code() + 1 + ptrace.StatusCode(r.Int32N(2))) % 3)
	case verify.StatusMessage:
		span.Status().SetMessage(mutateText(r, span.Status().Message()))
	default:
		panic(fmt.Sprintf("nothing changes %s", f))
	}
}

func flip(r *rand.Rand, id pcommon.SpanID) pcommon.SpanID {
	id[r.IntN(8)] ^= 1 << r.IntN(8)
	return id
}

// shift moves a time by 3 microseconds or more: less is below the resolution of some stores.
func shift(r *rand.Rand, t pcommon.Timestamp) pcommon.Timestamp {
	by := pcommon.Timestamp(3_000 + r.Int64N(int64(3_600_000_000_000)))
	if r.IntN(2) == 0 {
		return t - by
	}
	return t + by
}

func mutateText(r *rand.Rand, s string) string {
	switch {
	case s == "" || r.IntN(3) == 0:
		return s + "x"
	case r.IntN(2) == 0:
		return s[:len(s)-1]
	}
	b := []byte(s)
	b[r.IntN(len(b))] ^= 1 // stays ASCII where it was
	return string(b)
}

// mutateMap removes an attribute, adds one, or changes a value or its type.
func mutateMap(r *rand.Rand, m pcommon.Map) {
	if m.Len() == 0 {
		m.PutStr("added.by", "a fault")
		return
	}
	key := ""
	for at := r.IntN(m.Len()); key == ""; {
		for k := range m.All() {
			if at == 0 {
				key = k
				break
			}
			at--
		}
	}
	v, _ := m.Get(key)
	switch r.IntN(4) {
	case 0:
		m.Remove(key)
	case 1:
		m.PutStr("added.by", "a fault")
	case 2:
		if v.Type() == pcommon.ValueTypeStr {
			m.PutInt(key, 7)
			return
		}
		m.PutStr(key, v.AsString()+" as text")
	default:
		mutateValue(r, v)
	}
}

func mutateValue(r *rand.Rand, v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		v.SetStr(mutateText(r, v.Str()))
	case pcommon.ValueTypeInt:
		v.SetInt(v.Int() ^ 1<<r.IntN(63))
	case pcommon.ValueTypeDouble:
		v.SetDouble(v.Double()*1.0000001 + 1e-9)
	case pcommon.ValueTypeBool:
		v.SetBool(!v.Bool())
	case pcommon.ValueTypeSlice:
		v.Slice().AppendEmpty().SetStr("added")
	case pcommon.ValueTypeMap:
		v.Map().PutStr("added.by", "a fault")
	case pcommon.ValueTypeBytes:
		v.Bytes().Append(7)
	default:
		v.SetStr("no longer empty")
	}
}

func mutateEvents(r *rand.Rand, span ptrace.Span) {
	if span.Events().Len() == 0 || r.IntN(4) == 0 {
		span.Events().AppendEmpty().SetName("added by a fault")
		return
	}
	e := span.Events().At(r.IntN(span.Events().Len()))
	switch r.IntN(4) {
	case 0:
		span.Events().RemoveIf(func(one ptrace.SpanEvent) bool { return one == e })
	case 1:
		e.SetName(mutateText(r, e.Name()))
	case 2:
		e.SetTimestamp(shift(r, e.Timestamp()))
	default:
		mutateMap(r, e.Attributes())
	}
}

func mutateLinks(r *rand.Rand, span ptrace.Span) {
	if span.Links().Len() == 0 || r.IntN(4) == 0 {
		span.Links().AppendEmpty().SetSpanID(pcommon.SpanID{1})
		return
	}
	l := span.Links().At(r.IntN(span.Links().Len()))
	switch r.IntN(3) {
	case 0:
		span.Links().RemoveIf(func(one ptrace.SpanLink) bool { return one == l })
	case 1:
		l.SetSpanID(flip(r, l.SpanID()))
	default:
		id := l.TraceID()
		id[r.IntN(16)] ^= 1
		l.SetTraceID(id)
	}
}
