package replay

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// blackHole takes everything.
type blackHole struct{}

func (blackHole) send(context.Context, []byte) answer { return answer{} }
func (blackHole) close() error                        { return nil }

// BenchmarkReplay is what a replay costs per span besides sending: the first pass parses, the others copy and rewrite.
func BenchmarkReplay(b *testing.B) {
	for _, passes := range []int{1, 100} {
		b.Run(map[int]string{1: "first pass", 100: "repeated"}[passes], func(b *testing.B) {
			cfg := config(filepath.Join(recorded, "hotrod.jsonl.zst"))
			cfg.Speed, cfg.NewIDs, cfg.Repeat = Max, true, passes
			var spans int64
			for b.Loop() {
				sum, err := run(b.Context(), cfg, Target{}, blackHole{})
				require.NoError(b, err)
				spans += sum.Accepted
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(spans), "ns/span")
			b.ReportMetric(0, "ns/op")
		})
	}
}
