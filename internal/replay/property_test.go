package replay

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// However a replay is cut, repeated and spread over workers and files: every span is sent once per pass, with the same
// duration, the same neighbours in its trace, and links that still point to the trace they pointed to.
func TestEveryShapeOfReplaySendsEverythingOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		span := byte(0)
		batch := rapid.Custom(func(rt *rapid.T) ptrace.Traces {
			var specs []spec
			for range rapid.IntRange(0, 5).Draw(rt, "spans") {
				span++
				specs = append(specs, spec{
					trace: rapid.ByteRange(1, 4).Draw(rt, "trace"), span: span,
					start: time.Duration(rapid.IntRange(0, 1000).Draw(rt, "start")), end: time.Duration(rapid.IntRange(1000, 9000).Draw(rt, "end")),
				})
			}
			td := traces(specs...)
			for _, s := range spansOf(td) {
				s.Links().AppendEmpty().SetTraceID(pcommon.TraceID{15: rapid.ByteRange(1, 4).Draw(rt, "linked")})
			}
			return td
		})
		var paths []string
		sent := map[byte]ptrace.Span{}
		for range rapid.IntRange(1, 3).Draw(rt, "files") {
			batches := rapid.SliceOfN(batch, 0, 6).Draw(rt, "batches")
			for _, td := range batches {
				for _, s := range spansOf(td) {
					id := s.SpanID()
					sent[id[7]] = s
				}
			}
			paths = append(paths, writeFile(t, jsonLines(t, batches)))
		}
		cfg := config(paths...)
		cfg.Speed = rapid.SampledFrom([]float64{Max, 1e6}).Draw(rt, "speed")
		cfg.Concurrency = rapid.IntRange(1, 8).Draw(rt, "concurrency")
		cfg.MaxRequestBytes = rapid.SampledFrom([]int{1, 300, 3 << 20}).Draw(rt, "request")
		cfg.CacheBytes = rapid.SampledFrom([]int{0, 500, 1 << 20}).Draw(rt, "cache")
		cfg.Repeat = rapid.IntRange(1, 3).Draw(rt, "passes")
		cfg.NewIDs = rapid.Bool().Draw(rt, "new ids")
		cfg.Rebase = rapid.Bool().Draw(rt, "rebase")
		c := &script{}
		sum, err := run(t.Context(), cfg, Target{}, c)
		require.NoError(rt, err)
		require.Equal(rt, int64(len(sent)*cfg.Repeat), sum.Accepted)

		times := map[byte]int{}
		idsOf := map[byte][]string{} // recorded trace -> new ids
		originOf := map[pcommon.TraceID]byte{}
		shifts := map[int64]bool{}
		shiftsOf := map[byte]map[int64]bool{} // by recorded trace
		for _, s := range c.sent {
			for _, got := range spansOf(decode(t, s.body)) {
				id := got.SpanID()
				was := sent[id[7]]
				times[id[7]]++
				require.Equal(rt, was.EndTimestamp()-was.StartTimestamp(), got.EndTimestamp()-got.StartTimestamp(), "duration")
				shift := int64(got.EndTimestamp()) - int64(was.EndTimestamp())
				shifts[shift] = true
				origin := was.TraceID()[15]
				if shiftsOf[origin] == nil {
					shiftsOf[origin] = map[int64]bool{}
				}
				shiftsOf[origin][shift] = true
				for _, pair := range [][2]pcommon.TraceID{
					{was.TraceID(), got.TraceID()}, {was.Links().At(0).TraceID(), got.Links().At(0).TraceID()},
				} {
					if origin, ok := originOf[pair[1]]; ok {
						require.Equal(rt, origin, pair[0][15], "two traces became one")
					}
					originOf[pair[1]] = pair[0][15]
					idsOf[pair[0][15]] = append(idsOf[pair[0][15]], pair[1].String())
				}
			}
		}
		for id := range sent {
			require.Equal(rt, cfg.Repeat, times[id], "span %d", id)
		}
		passes := 1
		if cfg.NewIDs {
			passes = cfg.Repeat
		}
		for trace, ids := range idsOf {
			sort.Strings(ids)
			require.Len(rt, uniq(ids), passes, "trace %d has one id per pass", trace)
		}
		if cfg.Rebase {
			for trace, of := range shiftsOf {
				require.LessOrEqual(rt, len(of), cfg.Repeat, "trace %d has one shift per pass: its order and distances stay", trace)
			}
		} else if len(sent) > 0 {
			require.Equal(rt, "map[0:true]", fmt.Sprint(shifts))
		}
	})
}

func uniq(sorted []string) []string {
	var out []string
	for i, s := range sorted {
		if i == 0 || s != sorted[i-1] {
			out = append(out, s)
		}
	}
	return out
}
