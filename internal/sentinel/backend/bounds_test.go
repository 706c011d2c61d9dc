package backend

import (
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// nested puts a message into a field of another, over and over.
func nested(n int, tags ...byte) string {
	body := ""
	for i := range n {
		tag := tags[len(tags)-1-i%len(tags)]
		body = string(binary.AppendUvarint([]byte{tag}, uint64(len(body)))) + body
	}
	return body
}

// Bodies of up to 16 MiB that would take gigabytes, or the stack, when decoded take little more than themselves.
func TestHostileBodiesAreNotDecoded(t *testing.T) {
	const length = 12 << 20
	field := func(tag byte, content string) string {
		return string(binary.AppendUvarint([]byte{tag}, uint64(len(content)))) + content
	}
	list := func(one, begin, end string) string {
		return begin + strings.Repeat(one+",", length/(len(one)+1)-1) + one + end
	}
	pairs := strings.Repeat("\n\x00", length/2)
	for _, c := range []struct {
		name, path, kind, body string
		of                     Kind
	}{
		{"resource spans", jsonPath, asProtobuf, pairs, KindTempo},
		{"resource attributes", jsonPath, asProtobuf, field(0x0a, field(0x0a, pairs)), KindTempo},
		{"scope spans", jsonPath, asProtobuf, field(0x0a, strings.Repeat("\x12\x00", length/2)), KindTempo},
		{"spans", jsonPath, asProtobuf, field(0x0a, field(0x12, strings.Repeat("\x12\x00", length/2))), KindTempo},
		{"links", jsonPath, asProtobuf, field(0x0a, field(0x12, field(0x12, strings.Repeat("\x6a\x00", length/2)))), KindTempo},
		{"deep values", jsonPath, asProtobuf, field(0x0a, field(0x0a, field(0x0a, field(0x12, nested(20_000, 0x2a, 0x0a))))), KindTempo},
		{"resource spans", v3Path, asJSON, list("{}", `{"result":{"resourceSpans":[`, `]}}`), KindJaeger},
		{"spans", v3Path, asJSON, list("{}", `{"result":{"resourceSpans":[{"scopeSpans":[{"spans":[`, `]}]}]}}`), KindJaeger},
		{"parts", v3Path, asJSON, strings.Repeat(`{"result":{}}`, length/13), KindJaeger},
	} {
		t.Run(string(c.of)+" "+c.name, func(t *testing.T) {
			b, _ := serve(t, c.of, answers{c.path: {text(200, c.kind, c.body)}})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := b.Lookup(t.Context(), asked)
			runtime.ReadMemStats(&after)
			require.Error(t, err)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<20), "the body, as it grows")
		})
	}
	_, err := readCopies([]byte(list("{}", `{"data":[{"spans":[`, `]}]}`)))
	require.ErrorIs(t, err, errBounds)
}

// Honest traces pass, with as little in their spans as can be, or much, up to the largest that fits.
func TestLargeTracesAreDecoded(t *testing.T) {
	for name, c := range map[string]struct {
		spans, attributes int
		resources         bool // one for each span
	}{
		"bare":      {100_000, 0, false},
		"resources": {40_000, 1, true},
		"much":      {10_000, 30, false},
	} {
		td := ptrace.NewTraces()
		for i := range c.spans {
			if c.resources || i == 0 {
				rs := td.ResourceSpans().AppendEmpty()
				rs.Resource().Attributes().PutStr("service.name", "shop")
				rs.ScopeSpans().AppendEmpty()
			}
			s := td.ResourceSpans().At(td.ResourceSpans().Len() - 1).ScopeSpans().At(0).Spans().AppendEmpty()
			s.SetTraceID(traceID)
			s.SetSpanID(pcommon.SpanID{1, byte(i), byte(i >> 8), byte(i >> 16)})
			s.SetStartTimestamp(pcommon.NewTimestampFromTime(when))
			s.SetEndTimestamp(pcommon.NewTimestampFromTime(when))
			for k := range c.attributes {
				s.Attributes().PutInt("key."+string(rune('a'+k)), int64(k))
			}
		}
		require.NoError(t, boundProto([]byte(proto(t, td))), name)
		if text := v3(td); len(text) < 16<<20 {
			require.NoError(t, boundJSON([]byte(text)), name)
		}
	}
	require.NoError(t, boundProto([]byte(proto(t, spans()))))
}
