package window

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// recorded reads a file of testdata/traces.
func recorded(t testing.TB, name string) (batches []ptrace.Traces) {
	t.Helper()
	r, err := otlpfile.Open("../../../testdata/traces/" + name)
	require.NoError(t, err)
	defer r.Close()
	for {
		td, err := r.Next()
		if errors.Is(err, io.EOF) {
			return batches
		}
		require.NoError(t, err)
		batches = append(batches, td)
	}
}

// replayed aggregates batches in one window that holds them all.
func replayed(t testing.TB, q Query, batches []ptrace.Traces) *snapshot.Snapshot {
	t.Helper()
	var x Extent
	for _, td := range batches {
		x.Add(td)
	}
	require.False(t, x.Empty())
	at := 0
	s, err := Replay(q, DefaultLimits(), x.Start, x.End, func() (ptrace.Traces, error) {
		if at == len(batches) {
			return ptrace.Traces{}, io.EOF
		}
		at++
		return batches[at-1], nil
	})
	require.NoError(t, err)
	return s
}

func parsed(t testing.TB, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(text)
	require.NoError(t, err)
	return q
}

// What a snapshot of a recording says is what counting its spans one by one says.
func TestRecordedTracesAddUp(t *testing.T) {
	for _, file := range []string{"hotrod.jsonl.zst", "mixed.jsonl.zst", "tgen.jsonl.zst"} {
		t.Run(file, func(t *testing.T) {
			batches := recorded(t, file)
			s := replayed(t, Query{ID: "all", Query: parsed(t, `service != ""`), Keys: []string{"http.status_code", "http.method"}}, batches)
			t.Logf("%d groups, %+v", len(s.Groups), s.Coverage)
			want := countByHand(batches)
			require.EqualValues(t, want.spans, s.Coverage.Spans)
			require.EqualValues(t, want.traces, s.Coverage.Traces)
			require.EqualValues(t, want.duplicates, s.Coverage.Duplicates)
			got := map[string]int{}
			for _, g := range s.Groups {
				if g.Kind == snapshot.Service || g.Kind == snapshot.Attribute {
					got[string(g.Kind)+" "+g.Key+" "+g.Value] += int(g.Sum().Spans)
				}
			}
			require.Equal(t, want.groups, got)
		})
	}
}

type count struct {
	spans, traces, duplicates int
	groups                    map[string]int
}

func countByHand(batches []ptrace.Traces) count {
	type identity struct{ trace, span string }
	c, spans, traces := count{groups: map[string]int{}}, map[identity]bool{}, map[string]bool{}
	for _, td := range batches {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					id := identity{span.TraceID().String(), span.SpanID().String()}
					traces[id.trace] = true
					if spans[id] {
						c.duplicates++
						continue
					}
					spans[id] = true
					service, _ := rs.Resource().Attributes().Get("service.name")
					c.groups["service  "+service.AsString()]++
					for _, key := range []string{"http.status_code", "http.method"} {
						if v, ok := span.Attributes().Get(key); ok {
							c.groups["attribute "+key+" "+v.AsString()]++
						} else if v, ok := rs.Resource().Attributes().Get(key); ok {
							c.groups["attribute "+key+" "+v.AsString()]++
						}
					}
				}
			}
		}
	}
	c.spans, c.traces = len(spans), len(traces)
	return c
}
