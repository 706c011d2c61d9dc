package tracesketch

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// benchTrace is a trace of n spans in the order of arrival that SDKs make: children end, and are exported, before their
// parents. With joined, every second call has one id for both of its sides.
func benchTrace(n int, joined bool) []Span {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	spans := make([]Span, 0, n)
	for i := range n {
		sp := Span{SpanID: r.Uint64(), Operation: uint64(10 + i%20), Start: uint64(1000 + 10*i), Duration: int64(10 * (n - i))}
		if i > 0 {
			sp.ParentSpanID = spans[r.IntN(i)].SpanID
		}
		if joined && i%4 == 2 {
			sp.SpanID, sp.ParentSpanID, sp.Flags = spans[i-1].SpanID, spans[i-1].ParentSpanID, FlagServer
		}
		spans = append(spans, sp)
	}
	for i, j := 0, n-1; i < j; i, j = i+1, j-1 {
		spans[i], spans[j] = spans[j], spans[i]
	}
	return spans
}

// BenchmarkAnalyze is the cost of a span, for traces of several sizes.
func BenchmarkAnalyze(b *testing.B) {
	for _, n := range []int{4, 16, 64, 512} {
		for _, joined := range []bool{false, true} {
			b.Run(fmt.Sprintf("spans=%d/joined=%v", n, joined), func(b *testing.B) {
				spans := benchTrace(n, joined)
				var a Analyzer
				a.Analyze(spans)
				b.ReportAllocs()
				for b.Loop() {
					a.Analyze(spans)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/span")
			})
		}
	}
}
