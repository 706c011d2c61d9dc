package otlpfile

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"
)

// anyTraces draws a batch whose strings are made of what delimits records: quotes, brackets, line ends, backslashes.
func anyTraces(t *rapid.T) ptrace.Traces {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab\"\\{}[]\n\r\t \u2028é")), 0, 12, -1)
	td := ptrace.NewTraces()
	for range rapid.IntRange(0, 3).Draw(t, "resources") {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr(text.Draw(t, "key"), text.Draw(t, "value"))
		for range rapid.IntRange(0, 4).Draw(t, "spans") {
			s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			s.SetName(text.Draw(t, "name"))
			s.SetTraceID(pcommon.TraceID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "trace id")))
			s.SetSpanID(pcommon.SpanID(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "span id")))
			s.SetEndTimestamp(pcommon.Timestamp(rapid.Uint64().Draw(t, "end")))
			s.Events().AppendEmpty().SetName(text.Draw(t, "event"))
		}
	}
	return td
}

// Records come out one by one, in order and equal, whatever their strings hold.
func TestEveryRecordComesOutOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		batches := rapid.SliceOfN(rapid.Custom(anyTraces), 1, 6).Draw(rt, "batches")
		var jsonLines, messages [][]byte
		for _, td := range batches {
			jsonLines = append(jsonLines, jsonOf(t, td))
			messages = append(messages, protoOf(t, td))
		}
		end := rapid.SampledFrom([]string{"\n", "\r\n", "\n\n", ""}).Draw(rt, "line end")
		content := rapid.SampledFrom([][]byte{
			append(bytes.Join(jsonLines, []byte(end)), end...),
			framed(jsonLines...), framed(messages...),
		}).Draw(rt, "content")
		r, err := Open(Stdin, WithStdin(&dribble{content, rapid.IntRange(1, 700).Draw(rt, "read size")}))
		require.NoError(rt, err)
		got, broken := readAll(t, r)
		require.Empty(rt, broken)
		require.Len(rt, got, len(batches))
		for i := range got {
			require.Equal(rt, string(messages[i]), string(protoOf(t, got[i])))
		}
		require.NoError(rt, r.Close())
	})
}

// dribble gives its content in small pieces, as a pipe does.
type dribble struct {
	rest []byte
	size int
}

func (d *dribble) Read(p []byte) (int, error) {
	if len(d.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, d.rest[:min(d.size, len(d.rest))])
	d.rest = d.rest[n:]
	return n, nil
}

// The parser recurses into attribute values: a nest of arrays must not overflow the stack, which nothing can recover.
func TestDeepProtobufIsRefused(t *testing.T) {
	value := protowire.AppendVarint(protowire.AppendTag(nil, 3, protowire.VarintType), 1)
	const depth = 300_000
	// Written from the inside out into the end of a buffer, as the lengths are known only there.
	buf := make([]byte, 32<<20)
	at := len(buf) - copy(buf[len(buf)-len(value):], value)
	wrap := func(field protowire.Number) {
		head := protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.BytesType), uint64(len(buf)-at))
		at -= copy(buf[at-len(head):], head)
	}
	for range depth {
		wrap(1) // ArrayValue.values
		wrap(5) // AnyValue.array_value
	}
	for _, field := range []protowire.Number{2, 9, 2, 2, 1} { // value, attributes, spans, scope_spans, resource_spans
		wrap(field)
	}
	_, broken := readAll(t, openBytes(t, framed(buf[at:], protoOf(t, batch("a")))))
	require.Len(t, broken, 1)
	require.ErrorIs(t, broken[0], errTooDeep)
}

// Two bytes of an empty span become a struct of hundreds: a record may not ask for more than its size allows.
func TestSwarmOfEmptySpansIsRefused(t *testing.T) {
	const limit = 8 << 20
	spans := bytes.Repeat([]byte{0x12, 0}, limit/4)
	scope := append(protowire.AppendVarint([]byte{0x12}, uint64(len(spans))), spans...)
	content := append(protowire.AppendVarint([]byte{0x0a}, uint64(len(scope))), scope...)
	_, broken := readAll(t, openBytes(t, framed(content), WithMaxRecordBytes(limit)))
	require.Len(t, broken, 1)
	require.ErrorContains(t, broken[0], "more than 838860 messages in 4194314 bytes")

	text := append([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{}`), bytes.Repeat([]byte(",{}"), limit/4)...)
	text = append(text, "]}]}]}"...)
	for _, content := range [][]byte{lines(text), framed(text)} {
		_, broken = readAll(t, openBytes(t, content, WithMaxRecordBytes(limit)))
		require.Len(t, broken, 1)
		require.ErrorContains(t, broken[0], "2097156 JSON objects in 6291507 bytes, the limit is 524288")
	}
}

// A protobuf message whose first ResourceSpans takes 123 bytes begins like a line feed and a brace.
func TestMessageThatLooksLikeText(t *testing.T) {
	td := batch("a")
	name := ""
	for len(protoOf(t, td)) < 125 {
		name += "n"
		td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetName(name)
	}
	message := protoOf(t, td)
	require.Equal(t, "\n{", string(message[:2]))
	for _, content := range [][]byte{message, framed(message), append(bytes.Clone(message), message...)} {
		got, broken := readAll(t, openBytes(t, content))
		require.Empty(t, broken)
		require.Contains(t, names(got), name)
	}
}
