//go:build unix

package tracebuffer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"golang.org/x/sys/unix"

	"github.com/assayhq/assay/test/spanbatch"
)

// cpu is the processor time of this process, which does not grow while others have the processor.
func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCopies is what a copy of a batch for a journal takes, beside encoding the batch for the buffer: as an excerpt of what was
// encoded, or as OTLP protobuf.
func BenchmarkCopies(b *testing.B) {
	batches := inputs(b)["synthetic"]
	per := func(b *testing.B, began time.Duration, spans, bytes int) {
		b.ReportMetric(float64((cpu(b)-began).Nanoseconds())/float64(spans), "cpu-ns/span")
		b.ReportMetric(float64(bytes)/float64(spans), "B/span")
	}
	for _, with := range []bool{false, true} {
		b.Run(map[bool]string{false: "buffer only", true: "buffer and excerpt"}[with], func(b *testing.B) {
			buf := filled(batches)
			defer buf.Close()
			var x Excerpt
			var excerpt []byte
			spans, bytes, began := 0, 0, cpu(b)
			for i := 0; b.Loop(); i++ {
				p := batches[i%len(batches)]
				p.renew(uint32(spans))
				p.free(buf)
				if with {
					buf.Excerpt(&x)
					p.pieces(buf)
					excerpt, _ = buf.EndExcerpt(excerpt[:0])
				} else {
					p.appendTo(buf)
				}
				spans, bytes = spans+len(p.spans), bytes+len(excerpt)
			}
			per(b, began, spans, bytes)
		})
	}
	b.Run("protobuf", func(b *testing.B) {
		td := spanbatch.New(1, 50, 16)
		spans, bytes, began := 0, 0, cpu(b)
		for b.Loop() {
			m, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
			require.NoError(b, err)
			spans, bytes = spans+td.SpanCount(), bytes+len(m)
		}
		per(b, began, spans, bytes)
	})
}

// pieces is appendTo with a piece for each run of spans of a trace.
func (b *batch) pieces(buf *Buffer) {
	var r, s Ref
	for i := range b.spans {
		sp := &b.spans[i]
		if i == 0 || b.spans[i-1].group != sp.group {
			r, s = buf.Resource(&b.resources[sp.group]), buf.Scope(&b.scopes[sp.group])
		}
		if i == 0 || b.spans[i-1].trace != sp.trace {
			buf.BeginPiece(b.traces[sp.trace], sp.span.TraceID(), 1)
		}
		buf.Append(b.traces[sp.trace], sp.header, r, s, sp.span)
	}
}
