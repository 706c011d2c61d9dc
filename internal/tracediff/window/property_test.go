package window

import (
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

var anyQuery = rapid.SampledFrom([]string{
	`service != ""`, `service IN ("shop")`, `operation = "items" OR code = 503`, `NOT service = "db" AND error = true`,
})

// minute aggregates batches in the minute of epoch.
func minute(t tester, q Query, limits Limits, batches [][]spec) *snapshot.Snapshot {
	t.Helper()
	s, err := Replay(q, limits, epoch, epoch.Add(time.Minute), func() (ptrace.Traces, error) {
		if len(batches) == 0 {
			return ptrace.Traces{}, io.EOF
		}
		td := tracesOf(batches[0]...)
		batches = batches[1:]
		return td, nil
	})
	require.NoError(t, err)
	return s
}

// requireSame allows for rounding in sums.
func requireSame(t tester, want, got *snapshot.Snapshot) {
	t.Helper()
	require.Equal(t, want.Coverage, got.Coverage)
	require.Len(t, got.Versions, len(want.Versions))
	for i, v := range want.Versions {
		require.InEpsilon(t, v.Weight, got.Versions[i].Weight, 1e-9)
		v.Weight = got.Versions[i].Weight
		require.Equal(t, v, got.Versions[i])
	}
	requireSameGroup(t, &want.Total, &got.Total)
	require.Len(t, got.Groups, len(want.Groups))
	for i := range want.Groups {
		requireSameGroup(t, want.Groups[i], got.Groups[i])
	}
}

func requireSameGroup(t tester, want, got *snapshot.Group) {
	t.Helper()
	require.Equal(t, want.Identity, got.Identity)
	require.Equal(t, want.Exemplars, got.Exemplars, want.Identity)
	require.Len(t, got.Slices, len(want.Slices))
	for i := range want.Slices {
		requireSlice(t, want.Slices[i], got.Slices[i])
	}
	for _, h := range [][2]snapshot.Histogram{{want.Duration, got.Duration}, {want.Self, got.Self}} {
		require.Len(t, h[1].Buckets, len(h[0].Buckets))
		for i, b := range h[0].Buckets {
			require.Equal(t, b.Index, h[1].Buckets[i].Index)
			require.InEpsilon(t, b.Weight, h[1].Buckets[i].Weight, 1e-5)
		}
	}
	require.Len(t, got.Parents, len(want.Parents), want.Identity)
	for i, p := range want.Parents {
		require.InEpsilon(t, p.Weight, got.Parents[i].Weight, 1e-9)
	}
}

// In whatever order and pieces spans come, the snapshot is the same.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := every(t, "q", anyQuery.Draw(t, "query"), "code")
		q.Scope = rapid.SampledFrom([]Scope{Trace, Span}).Draw(t, "scope")
		traces := anyTraces(t)
		requireSame(t, minute(t, q, Limits{}, traces), minute(t, q, Limits{}, shuffled(t, traces)))
	})
}

// Snapshots of two sets of traces, also stored and read in between, add up to the snapshot of both.
func TestMergedSnapshotsAreThoseOfTheUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := every(t, "q", anyQuery.Draw(t, "query"), "code")
		traces := anyTraces(t)
		cut := rapid.IntRange(0, len(traces)).Draw(t, "cut")
		data, err := snapshot.Encode(minute(t, q, Limits{}, traces[:cut]))
		require.NoError(t, err)
		a, err := snapshot.Decode(data)
		require.NoError(t, err)
		merged, err := snapshot.Merge(a, minute(t, q, Limits{}, traces[cut:]))
		require.NoError(t, err)
		requireSame(t, minute(t, q, Limits{}, traces), merged)
	})
}

// Whatever is summed up in services is summed up in their operations, and the other way round; each trace is in the total once
// and has one path. The counts hold for limits as well: what is over goes to overflow groups and nowhere else.
func TestWeightsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{
			GroupsPerSnapshot: rapid.SampledFrom([]int{1, 4, 20_000}).Draw(t, "groups"),
			ValuesPerKey:      rapid.SampledFrom([]int{1, 2, 1000}).Draw(t, "values"),
		}
		traces := anyTraces(t)
		s := minute(t, every(t, "q", `service != ""`, "code"), limits, traces)
		sums := map[snapshot.Kind]*snapshot.Slice{}
		kept := 0
		for _, g := range s.Groups {
			if sums[g.Kind] == nil {
				sums[g.Kind] = &snapshot.Slice{}
			}
			sum := g.Sum()
			require.LessOrEqual(t, sum.Traces, sum.Spans)
			require.LessOrEqual(t, sum.ErrorTraces, sum.Traces)
			require.InEpsilon(t, sum.Weight, g.Duration.Weight(), 1e-5)
			require.InEpsilon(t, sum.Weight, g.Self.Weight(), 1e-5)
			sums[g.Kind].Add(&sum)
			if g.Value != snapshot.OverflowValue {
				kept++
			}
		}
		require.LessOrEqual(t, kept, limits.GroupsPerSnapshot)
		require.EqualValues(t, s.Coverage.Spans, sums[snapshot.Service].Spans)
		for _, f := range []func(*snapshot.Slice) float64{
			func(s *snapshot.Slice) float64 { return float64(s.Spans) },
			func(s *snapshot.Slice) float64 { return s.Weight },
			func(s *snapshot.Slice) float64 { return s.ErrorWeight },
			func(s *snapshot.Slice) float64 { return s.Duration },
			func(s *snapshot.Slice) float64 { return s.LogSelf },
		} {
			require.InDelta(t, f(sums[snapshot.Service]), f(sums[snapshot.Operation]), 1e-6*(1+f(sums[snapshot.Service])))
		}
		total := s.Total.Sum()
		require.EqualValues(t, len(traces), s.Coverage.Traces)
		require.EqualValues(t, len(traces), total.Spans)
		require.EqualValues(t, len(traces), sums[snapshot.Path].Spans)
		require.InDelta(t, total.Weight, sums[snapshot.Path].Weight, 1e-6)
		require.InDelta(t, total.Weight, total.TraceWeight, 1e-6)
	})
}

// Sampling consistently, with any number of different probabilities in a trace, leaves the sums as they were on average. The
// check is at five standard errors, which follow from the weights: a span kept with probability p varies by (1-p)/p.
func TestSampledSumsAreUnbiased(t *testing.T) {
	const traces, share = 20_000, 1.0 / 16
	random := rand.New(rand.NewPCG(3, 4))
	var batches [][]spec
	kept := 0
	for n := 1; n <= traces; n++ {
		spans := request(n, time.Duration(n%60)*time.Second)
		draw := random.Float64()
		if draw >= 2*share {
			continue
		}
		kept++
		for i := range spans {
			spans[i].state = "ot=th:e" // 1/8
		}
		if spans = spans[:3]; draw < share {
			spans[2].state = "ot=th:f" // 1/16: the database is sampled more strictly
		} else {
			spans = spans[:2]
		}
		batches = append(batches, spans)
	}
	s := minute(t, every(t, "q", `service = "shop"`), Limits{}, batches)
	for id, p := range map[snapshot.Identity]float64{service("shop"): 2 * share, operationOf("cart", "items"): 2 * share, operationOf("cart", "SELECT"): share} {
		sum := find(s, id).Sum()
		standardError := math.Sqrt(traces * (1 - p) / p)
		require.InDelta(t, traces, sum.Weight, 5*standardError, id)
		require.InDelta(t, traces, sum.TraceWeight, 5*standardError, id)
	}
	require.EqualValues(t, kept, s.Total.Sum().Traces)
	require.InDelta(t, 8*kept, s.Total.Sum().TraceWeight, 1e-6)
	require.InDelta(t, 8*kept, find(s, service("cart")).Sum().TraceWeight, 1e-6, "the strictly sampled span says nothing about the trace")
	require.Zero(t, s.Coverage.WithoutThreshold)
}
