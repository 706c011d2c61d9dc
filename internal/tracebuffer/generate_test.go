package tracebuffer

import (
	"math"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/xpdata"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"
	"pgregory.net/rapid"
)

// The generators below build any traces that pdata can hold through its interface: repeated and empty keys, invalid UTF-8,
// empty and absent values, strings around every limit of the encoding, unknown enum values, extreme numbers.

var anyString = rapid.OneOf(
	rapid.SampledFrom([]string{"", "a", "GET", "http.method", "service.name", "cart", "\xff\xfe", "\x00", "日本語"}),
	rapid.String(),
	rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }),
	rapid.Map(rapid.SampledFrom([]int{shortest, longest, longest + 1, tailBytes - 1, tailBytes, tailBytes + 1, 40000, 70000}),
		func(n int) string { return strings.Repeat("x", n) }),
)

var anyTime = rapid.OneOf(
	rapid.SampledFrom([]uint64{0, 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64}),
	rapid.Uint64Range(1_700_000_000_000_000_000, 1_700_000_100_000_000_000),
	rapid.Uint64(),
)

var anyCount = rapid.OneOf(rapid.Just(uint32(0)), rapid.Uint32(), rapid.Just(uint32(math.MaxUint32)))

func fillMap(t *rapid.T, m pcommon.Map, depth int) {
	var b xpdata.MapBuilder
	for range rapid.IntRange(0, 5).Draw(t, "pairs") {
		k := anyString.Draw(t, "key")
		fillValue(t, b.AppendEmpty(k), depth)
	}
	b.UnsafeIntoMap(m)
}

func fillValue(t *rapid.T, v pcommon.Value, depth int) {
	kinds := 6
	if depth > 0 {
		kinds = 8
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "type") {
	case 1:
		v.SetStr(anyString.Draw(t, "string"))
	case 2:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case 3:
		v.SetDouble(math.Float64frombits(rapid.Uint64().Draw(t, "double")))
	case 4:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case 5:
		v.SetEmptyBytes().FromRaw([]byte(anyString.Draw(t, "bytes")))
	case 6:
		fillMap(t, v.SetEmptyMap(), depth-1)
	case 7:
		s := v.SetEmptySlice()
		for range rapid.IntRange(0, 4).Draw(t, "values") {
			fillValue(t, s.AppendEmpty(), depth-1)
		}
	}
}

func fillSpan(t *rapid.T, sp ptrace.Span) {
	sp.SetTraceID(pcommon.TraceID{15: rapid.Uint8Range(0, 3).Draw(t, "trace")})
	sp.SetSpanID(anyID(t))
	sp.SetParentSpanID(anyID(t))
	sp.TraceState().FromRaw(anyString.Draw(t, "tracestate"))
	sp.SetFlags(anyCount.Draw(t, "flags"))
	sp.SetName(anyString.Draw(t, "name"))
	sp.SetKind(ptrace.SpanKind(rapid.Int32().Draw(t, "kind")))
	sp.SetStartTimestamp(pcommon.Timestamp(anyTime.Draw(t, "start")))
	sp.SetEndTimestamp(pcommon.Timestamp(anyTime.Draw(t, "end")))
	fillMap(t, sp.Attributes(), 3)
	sp.SetDroppedAttributesCount(anyCount.Draw(t, "dropped attributes"))
	for range rapid.IntRange(0, 3).Draw(t, "events") {
		ev := sp.Events().AppendEmpty()
		ev.SetName(anyString.Draw(t, "event"))
		ev.SetTimestamp(pcommon.Timestamp(anyTime.Draw(t, "event time")))
		fillMap(t, ev.Attributes(), 1)
		ev.SetDroppedAttributesCount(anyCount.Draw(t, "event dropped attributes"))
	}
	sp.SetDroppedEventsCount(anyCount.Draw(t, "dropped events"))
	for range rapid.IntRange(0, 3).Draw(t, "links") {
		l := sp.Links().AppendEmpty()
		l.SetTraceID(pcommon.TraceID{15: rapid.Uint8Range(0, 3).Draw(t, "link trace")})
		l.SetSpanID(anyID(t))
		l.TraceState().FromRaw(anyString.Draw(t, "link tracestate"))
		l.SetFlags(anyCount.Draw(t, "link flags"))
		fillMap(t, l.Attributes(), 1)
		l.SetDroppedAttributesCount(anyCount.Draw(t, "link dropped attributes"))
	}
	sp.SetDroppedLinksCount(anyCount.Draw(t, "dropped links"))
	sp.Status().SetCode(ptrace.StatusCode(rapid.Int32().Draw(t, "status")))
	sp.Status().SetMessage(anyString.Draw(t, "message"))
}

func anyID(t *rapid.T) (id pcommon.SpanID) {
	id[7] = rapid.Uint8Range(0, 9).Draw(t, "id")
	id[0] = id[7] &^ 1
	return id
}

func fillResource(t *rapid.T, rs ptrace.ResourceSpans) {
	fillMap(t, rs.Resource().Attributes(), 2)
	rs.Resource().SetDroppedAttributesCount(anyCount.Draw(t, "resource dropped attributes"))
	rs.SetSchemaUrl(anyString.Draw(t, "schema"))
	for range rapid.IntRange(0, 2).Draw(t, "entities") {
		e := entity.ResourceEntityRefs(rs.Resource()).AppendEmpty()
		e.SetSchemaUrl(anyString.Draw(t, "entity schema"))
		e.SetType(anyString.Draw(t, "entity type"))
		e.IdKeys().Append(rapid.SliceOfN(anyString, 0, 3).Draw(t, "id keys")...)
		e.DescriptionKeys().Append(rapid.SliceOfN(anyString, 0, 3).Draw(t, "description keys")...)
	}
}

func fillScope(t *rapid.T, ss ptrace.ScopeSpans) {
	ss.SetSchemaUrl(anyString.Draw(t, "scope schema"))
	ss.Scope().SetName(anyString.Draw(t, "scope"))
	ss.Scope().SetVersion(anyString.Draw(t, "version"))
	fillMap(t, ss.Scope().Attributes(), 1)
	ss.Scope().SetDroppedAttributesCount(anyCount.Draw(t, "scope dropped attributes"))
}

var anyTraces = rapid.Custom(func(t *rapid.T) ptrace.Traces {
	td := ptrace.NewTraces()
	for range rapid.IntRange(0, 3).Draw(t, "resources") {
		rs := td.ResourceSpans().AppendEmpty()
		fillResource(t, rs)
		for range rapid.IntRange(0, 2).Draw(t, "scopes") {
			ss := rs.ScopeSpans().AppendEmpty()
			fillScope(t, ss)
			for range rapid.IntRange(0, 3).Draw(t, "spans") {
				fillSpan(t, ss.Spans().AppendEmpty())
			}
		}
	}
	return td
})
