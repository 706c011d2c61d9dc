package tracebuffer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/test/spanbatch"
)

// tiny dictionaries are full at once, so that generations turn and strings are refused in every run.
var dictionarySizes = []int{1, 64 << 10, DefaultDictionaryBytes}

// Any traces come out as they went in, whatever the dictionary holds; the second time, repeated strings are references.
func TestRoundTripProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.SampledFrom(dictionarySizes).Draw(r, "dictionary")
		roundTrip(r, anyTraces.Draw(r, "traces"), size)
	})
}

func roundTrip(t require.TestingT, td ptrace.Traces, dictionary int) {
	want := canon(t, td)
	b := New(Options{DictionaryBytes: dictionary})
	defer b.Close()
	for range 3 {
		s := &store{Buffer: b, traces: map[pcommon.TraceID]*Trace{}}
		s.add(copied(t, td))
		requireSame(t, want, canon(t, s.decoded()))
		for _, tr := range s.traces {
			b.Free(tr)
		}
	}
	require.Zero(t, b.arena.regions.inUse)
}

// FuzzRoundTrip feeds what a client may send: any OTLP that pdata reads.
func FuzzRoundTrip(f *testing.F) {
	// Small seeds only: from large ones the fuzzer makes a few inputs a second.
	seed := func(data []byte) {
		if len(data) < 8<<10 {
			f.Add(data)
		}
	}
	for n := range uint64(3) {
		seed([]byte(marshalled(f, spanbatch.New(n, 2, 3))))
	}
	for _, name := range []string{"hotrod", "mixed", "tgen"} {
		for i, td := range recorded(f, "../../testdata/traces/"+name+".jsonl.zst") {
			if i < 20 {
				seed([]byte(marshalled(f, td)))
			}
		}
	}
	for _, c := range cases() {
		seed([]byte(marshalled(f, c.build())))
	}
	seed(foreignTraces())
	f.Fuzz(func(t *testing.T, data []byte) {
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data)
		if err != nil || hasTwofoldKey(t, td) {
			return
		}
		for _, size := range dictionarySizes {
			roundTrip(t, td, size)
		}
	})
}

type namedTraces struct {
	name string
	span func(ptrace.Span)
	all  func(ptrace.ResourceSpans)
}

func (c namedTraces) build() ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	sp := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	sp.SetTraceID(pcommon.TraceID{1})
	if c.span != nil {
		c.span(sp)
	}
	if c.all != nil {
		c.all(rs)
	}
	return td
}

func cases() []namedTraces {
	long := strings.Repeat("0123456789abcdef", 1<<16)
	return []namedTraces{
		{name: "nothing set"},
		{name: "attribute of 1 MiB", span: func(s ptrace.Span) { s.Attributes().PutStr("long", long) }},
		{name: "bytes of 1 MiB", span: func(s ptrace.Span) { s.Attributes().PutEmptyBytes("long").FromRaw([]byte(long)) }},
		{name: "key of 1 MiB", span: func(s ptrace.Span) { s.Attributes().PutInt(long, 1) }},
		{name: "everything long", span: func(s ptrace.Span) {
			s.SetName(long)
			s.TraceState().FromRaw(long)
			s.Status().SetMessage(long)
			s.Events().AppendEmpty().SetName(long)
			s.Links().AppendEmpty().TraceState().FromRaw(long)
		}},
		{name: "resource of 1 MiB", all: func(rs ptrace.ResourceSpans) { rs.Resource().Attributes().PutStr("long", long) }},
		{name: "scope of 1 MiB", all: func(rs ptrace.ResourceSpans) { rs.ScopeSpans().At(0).Scope().SetName(long) }},
		{name: "10,000 attributes", span: func(s ptrace.Span) {
			for i := range 10000 {
				s.Attributes().PutStr(long[i:i+16]+long[i/16:i/16+20], long[i:i+9])
			}
		}},
		{name: "empty kinds of value", span: func(s ptrace.Span) {
			s.Attributes().PutEmpty("empty")
			s.Attributes().PutStr("string", "")
			s.Attributes().PutEmptyBytes("bytes")
			s.Attributes().PutEmptyMap("map")
			s.Attributes().PutEmptySlice("slice")
			s.Attributes().PutInt("zero", 0)
			s.Attributes().PutBool("false", false)
			s.Attributes().PutDouble("zero double", 0)
		}},
		{name: "empty event and link", span: func(s ptrace.Span) {
			s.Events().AppendEmpty()
			s.Links().AppendEmpty()
			s.SetStartTimestamp(5)
		}},
		{name: "empty key", span: func(s ptrace.Span) { s.Attributes().PutStr("", "value") }},
		{name: "invalid UTF-8", span: func(s ptrace.Span) {
			s.SetName("\xff\xfe")
			s.Attributes().PutStr("k\xc0", "\x80")
		}},
		{name: "unknown enums", span: func(s ptrace.Span) {
			s.SetKind(-1)
			s.Status().SetCode(1 << 30)
		}},
		{name: "kind and status at the edge of the first byte", span: func(s ptrace.Span) {
			s.SetKind(7)
			s.Status().SetCode(3)
		}},
		{name: "end before start", span: func(s ptrace.Span) {
			s.SetStartTimestamp(1<<64 - 1)
			s.SetEndTimestamp(0)
		}},
		{name: "all of time", span: func(s ptrace.Span) { s.SetEndTimestamp(1<<64 - 1) }},
	}
}

func TestRoundTripCases(t *testing.T) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range dictionarySizes {
				roundTrip(t, c.build(), size)
			}
		})
	}
}
