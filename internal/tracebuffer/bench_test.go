package tracebuffer

import (
	"testing"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/test/spanbatch"
)

// To repeat: go test ./internal/tracebuffer -run '^$' -bench . -benchmem

// batch is a prepared batch: what the sampler has at hand when it calls Append.
type batch struct {
	resources, scopes []Group
	spans             []batchSpan
	traces            []*Trace
}

type batchSpan struct {
	span   ptrace.Span
	header Header
	group  int
	trace  int
}

func prepare(td ptrace.Traces) *batch {
	b := &batch{}
	index := map[pcommon.TraceID]int{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			var r, s Group
			r.SetResource(rs)
			s.SetScope(ss)
			b.resources, b.scopes = append(b.resources, r), append(b.scopes, s)
			for _, sp := range ss.Spans().All() {
				at, ok := index[sp.TraceID()]
				if !ok {
					at = len(b.traces)
					index[sp.TraceID()] = at
					b.traces = append(b.traces, &Trace{})
				}
				b.spans = append(b.spans, batchSpan{sp, headerOf(sp), len(b.resources) - 1, at})
			}
		}
	}
	return b
}

func (b *batch) appendTo(buf *Buffer) {
	var r, s Ref
	for i := range b.spans {
		sp := &b.spans[i]
		if i == 0 || b.spans[i-1].group != sp.group {
			r, s = buf.Resource(&b.resources[sp.group]), buf.Scope(&b.scopes[sp.group])
		}
		buf.Append(b.traces[sp.trace], sp.header, r, s, sp.span)
	}
}

// filled is a Buffer that holds the batches.
func filled(batches []*batch) *Buffer {
	buf := New(Options{})
	for _, p := range batches {
		for _, t := range p.traces {
			*t = Trace{}
		}
		p.appendTo(buf)
	}
	return buf
}

func (b *batch) free(buf *Buffer) {
	for _, t := range b.traces {
		buf.Free(t)
	}
}

// inputs are prepared batches. The synthetic ones are few enough to stay in the CPU's cache, as a batch is that has just
// been received.
func inputs(b *testing.B) map[string][]*batch {
	in := map[string][]*batch{}
	for seed := range uint64(4) {
		in["synthetic"] = append(in["synthetic"], prepare(copied(b, spanbatch.New(seed, 50, 16))))
	}
	for _, name := range []string{"hotrod", "mixed", "tgen"} {
		for _, td := range recorded(b, "../../testdata/traces/"+name+".jsonl.zst") {
			in[name] = append(in[name], prepare(copied(b, td)))
		}
	}
	return in
}

// renew changes the values of many values in place, so that they come for the first time again. It takes about 10 ns a span.
func (b *batch) renew(from uint32) {
	for i := range b.spans {
		for _, key := range []string{"url.path", "client.address"} {
			v, ok := b.spans[i].span.Attributes().Get(key)
			if !ok {
				return
			}
			text := unsafe.Slice(unsafe.StringData(v.Str()), len(v.Str()))
			for at, n := len(text)-6, from+uint32(i); at < len(text); at++ {
				text[at] = 'a' + byte(n%16)
				n /= 16
			}
		}
	}
}

func spansOf(batches []*batch) (n int) {
	for _, p := range batches {
		n += len(p.spans)
	}
	return n
}

func BenchmarkAppend(b *testing.B) {
	for name, batches := range inputs(b) {
		b.Run(name, func(b *testing.B) {
			buf := filled(batches)
			defer buf.Close()
			spans, bytes := 0, int64(0)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p := batches[i%len(batches)]
				p.renew(uint32(spans))
				spans += len(p.spans)
				p.free(buf)
				p.appendTo(buf)
				for _, t := range p.traces {
					bytes += int64(t.Bytes())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(spans), "ns/span")
			b.ReportMetric(float64(bytes)/float64(spans), "B/span")
		})
	}
}

func BenchmarkHeaders(b *testing.B) {
	for name, batches := range inputs(b) {
		b.Run(name, func(b *testing.B) {
			buf := filled(batches)
			defer buf.Close()
			n := spansOf(batches)
			var sum uint64
			for b.Loop() {
				for _, p := range batches {
					for _, t := range p.traces {
						w := buf.Headers(t)
						for w.Next() {
							sum += w.Operation + uint64(w.Duration)
						}
					}
				}
			}
			if sum == 1 {
				b.Log(sum)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/span")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, batches := range inputs(b) {
		b.Run(name, func(b *testing.B) {
			buf := filled(batches)
			defer buf.Close()
			n := spansOf(batches)
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range batches {
					for _, t := range p.traces {
						buf.decodeAll(t, pcommon.TraceID{1}, ptrace.NewTraces().ResourceSpans(), nil)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/span")
		})
	}
}

// BenchmarkDecodeTo decodes the traces of a batch into one message, as the sampler sends them.
func BenchmarkDecodeTo(b *testing.B) {
	for name, batches := range inputs(b) {
		b.Run(name, func(b *testing.B) {
			buf := filled(batches)
			defer buf.Close()
			n := spansOf(batches)
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range batches {
					a := NewAssembly(ptrace.NewTraces().ResourceSpans())
					for _, t := range p.traces {
						var c Cursor
						buf.DecodeTo(a, &c, t, pcommon.TraceID{1}, t.Spans(), nil)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/span")
		})
	}
}

// BenchmarkUnmarshal is what pdata takes to read the same traces from protobuf, for comparison with BenchmarkDecode.
func BenchmarkUnmarshal(b *testing.B) {
	for name, batches := range inputs(b) {
		b.Run(name, func(b *testing.B) {
			buf := filled(batches)
			defer buf.Close()
			var raw [][]byte
			for _, p := range batches {
				for _, t := range p.traces {
					td := ptrace.NewTraces()
					buf.decodeAll(t, pcommon.TraceID{1}, td.ResourceSpans(), nil)
					m, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
					if err != nil {
						b.Fatal(err)
					}
					raw = append(raw, m)
				}
			}
			n := spansOf(batches)
			b.ReportAllocs()
			for b.Loop() {
				for _, m := range raw {
					if _, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(m); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/span")
		})
	}
}
