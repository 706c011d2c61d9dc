package e2e

import (
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/streamconfig"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
)

// fault is a harm, and what must be said of each trace that it is done to.
type fault struct {
	harm    *harm
	verdict string
	detail  string // that the failure mentions
}

// faults are one of each class. (The evaluation tries 300 of each, in virtual time.)
func faults(t *testing.T) map[string]fault {
	t.Helper()
	r := seeded(t)
	field := verify.AllFields()[r.IntN(len(verify.AllFields()))]
	return map[string]fault{
		"loss of everything": {&harm{strikes: everything}, "missing", ""},
		// One trace of ten seconds.
		"loss of one in a hundred": {&harm{strikes: func(id identity.TraceID) bool { return id.Slot%10 == 0 && id.Sequence == 5 }}, "missing", ""},
		"incompleteness":           {&harm{does: loses("catalog")}, "incomplete", "catalog/"},
		"delay":                    {&harm{does: delays(lateAfter + time.Second)}, "late", ""},
		"duplication":              {&harm{does: doubles}, "duplicate", ""},
		"corruption of values":     {&harm{does: corrupts(seeded(t), verify.Attributes)}, "corrupt", ": attributes: "},
		"corruption of any field":  {&harm{does: corrupts(r, field)}, "corrupt", ": " + field.String() + ": "},
	}
}

func loses(service string) func(pcommon.TraceID, ptrace.Traces) ([]parcel, bool) {
	return func(_ pcommon.TraceID, td ptrace.Traces) ([]parcel, bool) {
		before := td.SpanCount()
		td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
			name, _ := rs.Resource().Attributes().Get("service.name")
			return name.Str() == service
		})
		return []parcel{{traces: td}}, td.SpanCount() < before
	}
}

func delays(by time.Duration) func(pcommon.TraceID, ptrace.Traces) ([]parcel, bool) {
	return func(_ pcommon.TraceID, td ptrace.Traces) ([]parcel, bool) { return []parcel{{td, by}}, true }
}

func doubles(_ pcommon.TraceID, td ptrace.Traces) ([]parcel, bool) {
	return []parcel{{traces: td}, {td, lateAfter / 10}}, true
}

// corrupts changes a field of one span of each trace.
func corrupts(r *rand.Rand, field verify.Field) func(pcommon.TraceID, ptrace.Traces) ([]parcel, bool) {
	done := map[pcommon.TraceID]bool{}
	return func(id pcommon.TraceID, td ptrace.Traces) ([]parcel, bool) {
		if !done[id] {
			done[id] = true
			rs := td.ResourceSpans().At(r.IntN(td.ResourceSpans().Len()))
			ss := rs.ScopeSpans().At(0)
			rehearsal.Mutate(r, field, rs, ss, ss.Spans().At(0))
		}
		return []parcel{{traces: td}}, true
	}
}

// scatters delivers every span by itself, in an order of chance.
func scatters(r *rand.Rand) func(pcommon.TraceID, ptrace.Traces) ([]parcel, bool) {
	return func(_ pcommon.TraceID, td ptrace.Traces) ([]parcel, bool) {
		var out []parcel
		for _, rs := range td.ResourceSpans().All() {
			one := ptrace.NewTraces()
			rs.CopyTo(one.ResourceSpans().AppendEmpty())
			out = append(out, parcel{one, time.Duration(r.Int64N(int64(lateAfter / 3)))})
		}
		return out, true
	}
}

// seeded is a source of randomness whose seed a failure shows.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// TestSentinelNoticesFaults does every sort of harm on the road, in real time. Each is noticed within late_after and 2 s of the
// first trace that it is done to, every such trace is told by its verdict and no other trace, and when it is over, all is well.
func TestSentinelNoticesFaults(t *testing.T) {
	t.Parallel()
	for name, f := range faults(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startWatched(t)
			s.until(t, "ok", 20*time.Second)
			s.road.breaks(f.harm)
			var first time.Time
			eventually(t, "some harm", 15*time.Second, func() bool {
				var done bool
				_, first, done = s.road.harmed()
				return done
			})
			s.until(t, "degraded", 20*time.Second)
			noticed := time.Since(first)
			t.Logf("noticed after %.1f s", noticed.Seconds())
			assert.Less(t, noticed, lateAfter+2*time.Second+busy)
			s.road.mends()

			named := false
			eventually(t, "a verdict on every trace", lostAfter+10*time.Second, func() bool {
				v := s.status(t)
				harmed, _, _ := s.road.harmed()
				named = f.check(t, v, harmed) || named
				return int(v.Verdicts[f.verdict]) == len(harmed)
			})
			assert.True(t, named, "the failure is listed")
			s.until(t, "ok", 30*time.Second)
			v := s.status(t)
			assert.Empty(t, against(v, f.verdict), "verdicts against the pipeline that it did not deserve")
			assert.Zero(t, v.Verdicts["unknown"])
			assert.Positive(t, v.Verdicts["delivered"])
			s.stop(t)
		})
	}
}

// check compares what fails with what was done, and says whether the verdict is there.
func (f *fault) check(t *testing.T, v *verdict, harmed map[string]bool) (named bool) {
	t.Helper()
	for _, one := range v.Failing {
		assert.Equal(t, "sentinel", one.Vantage)
		if one.Verdict == "overdue" { // before the verdict
			continue
		}
		named = true
		assert.Equal(t, f.verdict, one.Verdict)
		assert.Contains(t, harmed, one.Trace)
		assert.Equal(t, root(t, one.Trace), one.Operation)
		assert.Contains(t, one.Detail, f.detail)
	}
	return named
}

// root is the operation that a trace of the ambient stream begins with.
func root(t *testing.T, trace string) string {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	raw, err := hex.DecodeString(trace)
	require.NoError(t, err)
	require.Len(t, raw, 16)
	id, ours := key.Open(pcommon.TraceID(raw))
	require.True(t, ours)
	var plan traffic.Trace
	ambient(t, key).Trace(id, &plan)
	return plan.Spans[0].Operation.Reference()
}

// ambient is the stream that the sentinels here send.
func ambient(t *testing.T, key *identity.Key) *traffic.Stream {
	t.Helper()
	shop, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	var defaults streamconfig.Config
	stream, err := traffic.NewStream(key, defaults.Streams(shop)[0])
	require.NoError(t, err)
	return stream
}

// against lists the verdicts that speak against the pipeline, but for some.
func against(v *verdict, but ...string) []string {
	var out []string
	for _, name := range []string{"late", "missing", "incomplete", "duplicate", "corrupt", "unexpected", "refused_at_source"} {
		if v.Verdicts[name] > 0 && !slices.Contains(but, name) {
			out = append(out, name)
		}
	}
	return out
}

// TestSentinelKeepsCalm does what is no fault of the pipeline, or none that its promises do not allow for: the verdict stays ok.
// Without anything done to the traces this is the negative control of the faults.
func TestSentinelKeepsCalm(t *testing.T) {
	t.Parallel()
	r := seeded(t)
	for name, disturb := range map[string]func(*road){
		"nothing":    func(*road) {},
		"reordering": func(road *road) { road.breaks(&harm{does: scatters(r)}) },
		"a pause that trying again outlasts": func(road *road) {
			road.shut.Store(true)
			time.AfterFunc(lateAfter/2, func() { road.shut.Store(false) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startWatched(t)
			s.until(t, "ok", 20*time.Second)
			disturb(s.road)
			s.stays(t, "ok", 2*lostAfter)
			v := s.status(t)
			assert.Empty(t, against(v))
			assert.Greater(t, v.Verdicts["delivered"], uint64(100))
			s.stop(t)
		})
	}
}
