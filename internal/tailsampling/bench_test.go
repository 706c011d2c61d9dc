package tailsampling

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/journal"
	"github.com/assayhq/assay/test/spanbatch"
)

// discard is a next consumer that drops what it gets.
type discard struct{ spans int }

func (d *discard) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	d.spans += td.SpanCount()
	return nil
}

// rekeyBatch gives the traces of a batch new ids.
func rekeyBatch(td ptrace.Traces, x, y uint64) {
	for i := range td.ResourceSpans().Len() {
		spans := td.ResourceSpans().At(i).ScopeSpans().At(0).Spans()
		for j := range spans.Len() {
			id := spans.At(j).TraceID()
			binary.BigEndian.PutUint64(id[:], binary.BigEndian.Uint64(id[:])^x)
			binary.BigEndian.PutUint64(id[8:], binary.BigEndian.Uint64(id[8:])^y)
			spans.At(j).SetTraceID(id)
		}
	}
}

// BenchmarkEngine is the whole way of a span: intake, decision, and output of what is kept. One operation is one span.
func BenchmarkEngine(b *testing.B) {
	for _, percentage := range []float64{1, 5, 100} {
		b.Run(fmt.Sprintf("kept=%v%%", percentage), func(b *testing.B) {
			cfg := Defaults()
			cfg.Budget.Value = percentage
			now := time.Unix(1_700_000_000, 0)
			sink := &discard{}
			e := New(cfg, sink, NopObserver{}, func() time.Time { return now })
			r := rand.New(rand.NewPCG(1, 2))
			var batches []ptrace.Traces
			for range 8 {
				batches = append(batches, spanbatch.New(r.Uint64(), 50, 16))
			}
			ctx := context.Background()
			step := func(n int) {
				td := batches[n%len(batches)]
				rekeyBatch(td, r.Uint64(), r.Uint64())
				if err := e.Consume(ctx, td); err != nil {
					b.Fatal(err)
				}
				now = now.Add(10 * time.Millisecond)
				e.Step()
				e.Drain(ctx)
			}
			for n := range 2000 { // learn
				step(n)
			}
			sink.spans = 0
			b.ReportAllocs()
			b.ResetTimer()
			n := 0
			for done := 0; done < b.N; done += 800 {
				step(n)
				n++
			}
			b.ReportMetric(float64(sink.spans)/float64(n*800)*100, "%kept")
		})
	}
}

// BenchmarkRecovery takes in a journal of a million undecided spans. One operation is one span.
func BenchmarkRecovery(b *testing.B) {
	dir := b.TempDir()
	now := time.Unix(1_700_000_000, 0)
	opened := func() *Engine {
		j, err := journal.Open(journal.Options{Directory: dir, MaxBytes: 4 << 30})
		if err != nil {
			b.Fatal(err)
		}
		e := New(Defaults(), &discard{}, NopObserver{}, func() time.Time { return now })
		e.UseJournal(j, JournalObserver{})
		return e
	}
	const spans = 1_000_000
	e := opened()
	r := rand.New(rand.NewPCG(1, 2))
	td := spanbatch.New(r.Uint64(), 50, 16)
	for n := 0; n < spans; n += td.SpanCount() {
		rekeyBatch(td, r.Uint64(), r.Uint64())
		if err := e.Consume(context.Background(), td); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := e.assembly.ledger.journal.Close(); err != nil { // as if it were killed: all is pinned
			b.Fatal(err)
		}
		e = opened()
		began := time.Now()
		e.recover()
		b.ReportMetric(float64(time.Since(began).Nanoseconds())/spans, "ns/span")
		if n := e.Stats().Spans; n != spans {
			b.Fatalf("%d spans", n)
		}
	}
}
