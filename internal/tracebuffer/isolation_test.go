package tracebuffer

import (
	"reflect"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/xpdata/pref"

	"github.com/assayhq/assay/test/spanbatch"
)

// scrawl overwrites the bytes of every string and byte slice in td, which must be on the heap and td's own.
func scrawl(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		scrawlString(rs.SchemaUrl())
		scrawlMap(rs.Resource().Attributes())
		for _, ss := range rs.ScopeSpans().All() {
			scrawlString(ss.SchemaUrl())
			scrawlString(ss.Scope().Name())
			scrawlString(ss.Scope().Version())
			scrawlMap(ss.Scope().Attributes())
			for _, sp := range ss.Spans().All() {
				scrawlString(sp.Name())
				scrawlString(sp.TraceState().AsRaw())
				scrawlString(sp.Status().Message())
				scrawlMap(sp.Attributes())
				for _, ev := range sp.Events().All() {
					scrawlString(ev.Name())
					scrawlMap(ev.Attributes())
				}
				for _, l := range sp.Links().All() {
					scrawlString(l.TraceState().AsRaw())
					scrawlMap(l.Attributes())
				}
			}
		}
	}
}

func scrawlString(s string) {
	if len(s) < 2 {
		return // strings of one byte are the runtime's
	}
	for i := range len(s) {
		unsafe.Slice(unsafe.StringData(s), len(s))[i] = '#'
	}
}

func scrawlMap(m pcommon.Map) {
	for k, v := range m.All() {
		scrawlString(k)
		scrawlValue(v)
	}
}

func scrawlValue(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		scrawlString(v.Str())
	case pcommon.ValueTypeMap:
		scrawlMap(v.Map())
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			scrawlValue(e)
		}
	case pcommon.ValueTypeBytes:
		for i := range v.Bytes().Len() {
			v.Bytes().SetAt(i, '#')
		}
	}
}

// Nothing of the pdata is kept: neither a string nor bytes, in records, dictionary or tail.
func TestKeepsNothingOfThePdata(t *testing.T) {
	s := newStore(t, Options{})
	all := ptrace.NewTraces()
	for _, name := range []string{"hotrod", "mixed", "tgen"} {
		for _, td := range recorded(t, "../../testdata/traces/"+name+".jsonl.zst") {
			td.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
		}
	}
	for _, c := range cases() {
		c.build().ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
	}
	want := canon(t, all)
	td := copied(t, all)
	s.add(td)
	scrawl(td)
	requireSame(t, want, canon(t, s.decoded()))
}

// Decoded spans are the caller's: they outlive the trace, the generation and the Buffer, and may be changed.
func TestDecodedSpansStandAlone(t *testing.T) {
	b := New(Options{})
	want := spanbatch.New(1, 5, 20)
	s := &store{Buffer: b, traces: map[pcommon.TraceID]*Trace{}}
	s.add(want)
	s.add(want)
	got := s.decoded()
	for _, tr := range s.traces {
		b.Free(tr)
	}
	other := &store{Buffer: b, traces: map[pcommon.TraceID]*Trace{}}
	other.add(spanbatch.New(2, 50, 20)) // over the same blocks
	b.Close()
	runtime.GC()
	twice := ptrace.NewTraces()
	for range 2 {
		for _, rs := range want.ResourceSpans().All() {
			rs.CopyTo(twice.ResourceSpans().AppendEmpty())
		}
	}
	requireSame(t, canon(t, twice), canon(t, got))
}

// With the collector's pooling of pdata, a message is used again as soon as its pipeline is done with it.
func TestPooledPdata(t *testing.T) {
	const gate = "pdata.useProtoPooling"
	require.NoError(t, featuregate.GlobalRegistry().Set(gate, true))
	defer func() { require.NoError(t, featuregate.GlobalRegistry().Set(gate, false)) }()
	s := newStore(t, Options{})
	var want []string
	for seed := range uint64(20) {
		raw := []byte(marshalled(t, spanbatch.New(seed, 5, 10)))
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(raw)
		require.NoError(t, err)
		pref.MarkPipelineOwnedTraces(td)
		s.add(td)
		pref.UnrefTraces(td)
		own, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(raw)
		require.NoError(t, err)
		want = append(want, canon(t, own)...)
	}
	all := canon(t, s.decoded())
	require.ElementsMatch(t, want, all)
}

// A handle holds no pointers, so a table of them is not scanned by the garbage collector.
func TestTraceHoldsNoPointers(t *testing.T) {
	var pointers func(reflect.Type) bool
	pointers = func(k reflect.Type) bool {
		switch k.Kind() {
		case reflect.Struct:
			for i := range k.NumField() {
				if pointers(k.Field(i).Type) {
					return true
				}
			}
			return false
		case reflect.Array:
			return pointers(k.Elem())
		case reflect.Pointer, reflect.Slice, reflect.String, reflect.Map, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
			return true
		}
		return false
	}
	require.False(t, pointers(reflect.TypeFor[Trace]()))
	require.False(t, pointers(reflect.TypeFor[Header]()))
	require.False(t, pointers(reflect.TypeFor[entry]()))
	require.False(t, pointers(reflect.TypeFor[slot]()))
	require.LessOrEqual(t, unsafe.Sizeof(Trace{}), uintptr(48))
}

// Appending and freeing take nothing from the Go heap once tables have grown.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	b := New(Options{})
	defer b.Close()
	p := prepare(copied(t, spanbatch.New(1, 50, 16)))
	run := func() {
		p.appendTo(b)
		p.free(b)
	}
	for range 3 {
		run()
	}
	require.Zero(t, testing.AllocsPerRun(20, run))
}
