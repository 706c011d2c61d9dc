package tracemetrics

import (
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
)

func BenchmarkDecided(b *testing.B) {
	w := watch(Defaults())
	d := decided(1, func(d *tailsampling.Decision) { d.Kept = true })
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		d.Path, d.Duration = tracesketch.Path(n%1000), time.Duration(n%10_000)*time.Microsecond
		w.Decided(d)
	}
}

func BenchmarkCount(b *testing.B) {
	cfg := Defaults()
	cfg.Operations = true
	r := New(cfg, named, time.Now)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for n := 0; pb.Next(); n++ {
			r.Count(tracesketch.Operation(n%1000), false, time.Duration(n%10_000)*time.Microsecond)
		}
	})
}

func BenchmarkCollect10000Paths(b *testing.B) {
	w := watch(Defaults())
	for n := range uint64(10_000) {
		for k := range 40 {
			w.Decided(decided(n, func(d *tailsampling.Decision) { d.Duration = time.Duration(1+k) * 7 * time.Millisecond }))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		w.Collect(pmetric.NewMetricSlice())
	}
}

// BenchmarkSeries gives the memory that a series takes whose traces spread over two decades.
func BenchmarkSeries(b *testing.B) {
	cfg := Defaults()
	cfg.MaxSeries = b.N
	w := watch(cfg)
	b.ReportAllocs()
	for n := range uint64(b.N) {
		for k := range 40 {
			w.Decided(decided(1+n, func(d *tailsampling.Decision) { d.Duration = time.Duration(1+k) * 7 * time.Millisecond }))
		}
	}
}
