package synthetic

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/simulate"
)

// eachSpan visits the spans of a trace with the name of their service.
func eachSpan(t *simulate.Trace, f func(service string, s ptrace.Span)) {
	for _, p := range t.Pieces {
		for _, rs := range p.Spans.ResourceSpans().All() {
			service, _ := rs.Resource().Attributes().Get("service.name")
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					f(service.Str(), s)
				}
			}
		}
	}
}

// Every trace is a tree whose spans lie within their parents, each from a service of its own choice.
func TestTracesAreSound(t *testing.T) {
	traces, labels := NewWorkload(Faulty(1)).Traces()
	assert.Len(t, traces, 4000+8*60)
	endpoints := map[string]int{}
	for _, tr := range traces {
		assert.True(t, tr.HasRoot)
		assert.LessOrEqual(t, tr.Spans, 2*60)
		endpoints[tr.Endpoint]++
		assert.NotEmpty(t, labels.Traces[tr.ID.String()])
		spans := map[pcommon.SpanID]ptrace.Span{}
		roots := 0
		eachSpan(tr, func(_ string, s ptrace.Span) { spans[s.SpanID()] = s })
		require.Len(t, spans, tr.Spans, "ids are unique")
		for _, s := range spans {
			assert.LessOrEqual(t, s.StartTimestamp(), s.EndTimestamp())
			if s.ParentSpanID().IsEmpty() {
				roots++
				continue
			}
			p, ok := spans[s.ParentSpanID()]
			if assert.True(t, ok, "the parent is there") {
				assert.LessOrEqual(t, p.StartTimestamp(), s.StartTimestamp())
				assert.GreaterOrEqual(t, p.EndTimestamp(), s.EndTimestamp())
			}
		}
		assert.Equal(t, 1, roots)
	}
	assert.Len(t, endpoints, 24)
	assert.True(t, slices.IsSortedFunc(traces, func(a, b *simulate.Trace) int { return int(a.Begin - b.Begin) }))
}

func TestTracesFollowTheSeed(t *testing.T) {
	a, _ := NewWorkload(Small(1)).Traces()
	b, _ := NewWorkload(Small(1)).Traces()
	c, _ := NewWorkload(Small(2)).Traces()
	require.Len(t, b, len(a))
	for i := range a {
		require.Equal(t, a[i].ID, b[i].ID)
		require.Equal(t, a[i].Duration, b[i].Duration)
		require.Equal(t, a[i].Path, b[i].Path)
	}
	assert.NotEqual(t, a[0].ID, c[0].ID)
}

// Each fault shows where it should, compared with requests to the same system without it.
func TestFaults(t *testing.T) {
	for _, f := range AllFaults() {
		t.Run(string(f), func(t *testing.T) {
			o := Faulty(4)
			o.Traces, o.Faulty, o.Windows, o.Faults = 4000, 200, 1, []Fault{f}
			w := NewWorkload(o)
			traces, labels := w.Traces()
			var with, without measured
			for _, tr := range traces {
				m := &without
				if labels.Traces[tr.ID.String()][0] == simulate.ClassAnomalous {
					m = &with
					assert.Equal(t, []string{simulate.ClassAnomalous, string(f), "w0"}, labels.Traces[tr.ID.String()])
				}
				m.add(tr)
			}
			require.InDelta(t, 200, with.traces, 0)
			i := w.incident(newRand(o.Seed, 64), f, "w0")
			slow, usual := with.median(i.at.Name), without.median(i.at.Name)
			t.Logf("%s takes %v, usually %v", i.at.Name, slow, usual)
			switch f {
			case Slow, Busy:
				assert.Greater(t, slow.Seconds(), 1.5*usual.Seconds())
			case Delay:
				assert.Greater(t, with.duration/with.traces, without.duration/without.traces)
			case Failing:
				assert.Greater(t, with.errors/with.traces, 0.99)
			case Silent, MissingBranch:
				assert.LessOrEqual(t, with.errors/with.traces, without.errors/without.traces+0.02)
				assert.NotEqual(t, with.paths, without.paths)
			case Detour:
				fresh := 0
				for p := range with.paths {
					if !without.paths[p] {
						fresh++
					}
				}
				assert.Positive(t, fresh, "paths that are never walked otherwise")
			case Retries:
				assert.Greater(t, with.spans/with.traces, without.spans/without.traces)
			}
		})
	}
}

// measured adds up traces.
type measured struct {
	traces, spans, errors, duration float64
	paths                           map[string]bool
	times                           map[string][]time.Duration
}

func (m *measured) add(tr *simulate.Trace) {
	if m.paths == nil {
		m.paths, m.times = map[string]bool{}, map[string][]time.Duration{}
	}
	m.traces++
	m.spans += float64(tr.Spans)
	m.duration += tr.Duration.Seconds()
	m.paths[fmt.Sprint(tr.Path)] = true
	failed := 0.0
	eachSpan(tr, func(_ string, s ptrace.Span) {
		m.times[s.Name()] = append(m.times[s.Name()], s.EndTimestamp().AsTime().Sub(s.StartTimestamp().AsTime()))
		if s.Status().Code() == ptrace.StatusCodeError {
			failed = 1
		}
	})
	m.errors += failed
}

// median duration of the spans of a name.
func (m *measured) median(name string) time.Duration {
	v := slices.Sorted(slices.Values(m.times[name]))
	if len(v) == 0 {
		return 0
	}
	return v[len(v)/2]
}

func TestBurst(t *testing.T) {
	o := Small(1)
	o.Burst, o.BurstFrom, o.BurstFor = 10, 2*time.Second, time.Second
	traces, _ := NewWorkload(o).Traces()
	var before, during float64
	for _, tr := range traces {
		switch {
		case tr.Begin < 2*time.Second:
			before++
		case tr.Begin < 3*time.Second:
			during++
		}
	}
	assert.InDelta(t, 200, before, 5*math.Sqrt(200))
	assert.InDelta(t, 1000, during, 5*math.Sqrt(1000))
}

func TestPresampledAndLate(t *testing.T) {
	o := Small(1)
	o.Presampled, o.Probability, o.Late, o.LateBy = 0.5, 0.25, 0.2, 5*time.Second
	traces, _ := NewWorkload(o).Traces()
	var sampled, late float64
	for _, tr := range traces {
		if tr.Threshold > 0 {
			sampled++
			assert.Equal(t, uint64(3)<<54, tr.Threshold)
			eachSpan(tr, func(_ string, s ptrace.Span) { assert.Equal(t, "ot=th:c", s.TraceState().AsRaw()) })
		}
		if last := tr.Pieces[len(tr.Pieces)-1].After; last > tr.Duration+time.Second {
			late++
		}
	}
	assert.InDelta(t, 750, sampled, 100)
	assert.InDelta(t, 300*math.Exp(-0.2), late, 80)
}

func TestThresholdDigits(t *testing.T) {
	for p, want := range map[float64]string{1: "0", 0.5: "8", 0.25: "c", 1.0 / 16: "f", 1.0 / 256: "ff"} {
		assert.Equal(t, want, thresholdDigits(p))
	}
}
