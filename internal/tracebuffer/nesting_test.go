package tracebuffer

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Values may be nested as deeply as pdata itself can read and write them. 10,000 levels of maps and lists in turn.
func TestDeepNesting(t *testing.T) {
	for _, depth := range []int{100, 10_000} {
		td := ptrace.NewTraces()
		rs := td.ResourceSpans().AppendEmpty()
		nest(rs.Resource().Attributes().PutEmpty("deep"), depth)
		sp := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		nest(sp.Attributes().PutEmpty("deep"), depth)
		nest(sp.Events().AppendEmpty().Attributes().PutEmpty("deep"), depth)
		roundTrip(t, td, DefaultDictionaryBytes)
	}
}

func nest(v pcommon.Value, depth int) {
	for i := range depth {
		if i%2 == 0 {
			v = v.SetEmptySlice().AppendEmpty()
		} else {
			v = v.SetEmptyMap().PutEmpty("inner")
		}
	}
	v.SetStr("innermost")
}
