package simulation

import (
	"testing"
	"time"

	"github.com/assayhq/assay/test/microservices"
)

func BenchmarkWindow(b *testing.B) {
	s := NewSystem(microservices.Options{Seed: 1, Services: 12, Endpoints: 12})
	b.ReportAllocs()
	spans := 0
	for b.Loop() {
		traces := s.Play(Window{Requests: 5000, Weather: Realistic(), Seed: 1})
		spans = int(s.Snapshot(traces, time.Unix(0, 0), Sampling{}).Coverage.Spans)
	}
	b.ReportMetric(float64(spans), "spans")
}
