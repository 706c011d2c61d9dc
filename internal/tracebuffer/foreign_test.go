package tracebuffer

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// field is a protobuf field of bytes.
func field(number int, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	out := binary.AppendUvarint(nil, uint64(number)<<3|2)
	return append(binary.AppendUvarint(out, uint64(len(body))), body...)
}

func number(field int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(field)<<3), v)
}

// foreignTraces is OTLP with keys and values that are indices into a table, in every place that has attributes. pdata reads
// and writes them, but has no accessor for them.
func foreignTraces() []byte {
	indexedValue := append(field(1, []byte("indexed value")), field(2, number(8, 7))...)
	indexedKey := append(field(2, number(3, 5)), number(3, 9)...)
	nested := append(field(1, []byte("nested")), field(2, field(6, field(1, indexedValue)))...)
	id := field(1, make([]byte, 16))
	plain := field(2, id, field(5, []byte("plain")))
	spans := plain
	for _, attribute := range [][]byte{indexedValue, indexedKey, nested} {
		spans = append(spans, field(2, id, field(5, []byte("span")), field(9, attribute))...)
		spans = append(spans, field(2, id, field(11, field(3, attribute)))...)
		spans = append(spans, field(2, id, field(13, field(4, attribute)))...)
	}
	scope := field(1, field(1, []byte("scope")), field(3, indexedValue))
	resource := field(1, field(1, indexedKey), field(1, indexedValue))
	return field(1, resource, field(2, scope, spans), field(3, []byte("schema")))
}

// What pdata carries but does not show is kept as well.
func TestForeignValues(t *testing.T) {
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(foreignTraces())
	require.NoError(t, err)
	for _, index := range [][]byte{number(8, 7), number(3, 9)} {
		n := bytes.Count(foreignTraces(), index)
		require.Greater(t, n, 3)
		require.Equal(t, n, strings.Count(marshalled(t, td), string(index)), "pdata must carry these for the test to say anything")
	}
	for _, size := range dictionarySizes {
		roundTrip(t, td, size)
	}
}

// A foreign span does not make its neighbours foreign: it is stored as protobuf, they are not.
func TestForeignSpansOnly(t *testing.T) {
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(foreignTraces())
	require.NoError(t, err)
	s := newStore(t, Options{})
	s.add(td)
	w := s.Headers(s.traces[pcommon.TraceID{}])
	var foreign []bool
	for w.Next() {
		foreign = append(foreign, w.control&foreignBody != 0)
	}
	require.Equal(t, []bool{false, true, true, true, true, true, true, true, true, true}, foreign)
}

// twofoldKey is a span with an attribute whose key is both text and an index.
func twofoldKey() []byte {
	attribute := append(field(1, []byte("key")), number(3, 9)...)
	return field(1, field(2, field(2, field(9, attribute))))
}

// The index beside a text is dropped, and nothing else.
func TestIndexBesideKeyIsDropped(t *testing.T) {
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(twofoldKey())
	require.NoError(t, err)
	require.True(t, hasTwofoldKey(t, td))
	s := newStore(t, Options{})
	s.add(td)
	want := ptrace.NewTraces()
	want.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().Attributes().PutEmpty("key")
	requireSame(t, canon(t, want), canon(t, s.decoded()))
}

// hasTwofoldKey looks for a key that is both text and an index, by way of JSON, which shows both.
func hasTwofoldKey(t require.TestingT, td ptrace.Traces) bool {
	text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	if !bytes.Contains(text, []byte("keyStrindex")) {
		return false
	}
	var message any
	require.NoError(t, json.Unmarshal(text, &message))
	return twofold(message)
}

func twofold(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, twofold)
	case map[string]any:
		if v["key"] != nil && v["keyStrindex"] != nil {
			return true
		}
		for _, inner := range v {
			if twofold(inner) {
				return true
			}
		}
	}
	return false
}
