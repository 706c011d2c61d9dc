package store

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// window is what a collector has seen of one operation in the nth window of ten minutes of a query.
func window(queryID string, n int, spans uint32) *snapshot.Snapshot {
	start := noon.Add(time.Duration(n) * 10 * time.Minute)
	slice := snapshot.Slice{Index: 3, Spans: spans, Traces: spans, Weight: float64(spans), TraceWeight: float64(spans), TraceWeight2: float64(spans)}
	group := func(id snapshot.Identity) *snapshot.Group {
		g := &snapshot.Group{Identity: id, Slices: []snapshot.Slice{slice}}
		g.Duration.Add(1e6, float64(spans))
		return g
	}
	return &snapshot.Snapshot{
		ID: queryID + "-" + start.Format("1504"), QueryID: queryID, Of: snapshot.Definition{Text: "*", Scope: "trace"}, Start: start, End: start.Add(10 * time.Minute), State: snapshot.Complete,
		Completed: start.Add(11 * time.Minute), Keys: []string{"operation"}, Slice: 30 * time.Second,
		Versions: []snapshot.Version{{Service: "shop", Version: "1.0", Weight: float64(spans), First: start, Last: start.Add(time.Minute)}},
		Coverage: snapshot.Coverage{Traces: uint64(spans), Spans: uint64(spans)},
		Total:    *group(snapshot.Identity{Kind: snapshot.Total}),
		Groups:   []*snapshot.Group{group(snapshot.Identity{Kind: snapshot.Operation, Service: "shop", Value: "GET /"})},
	}
}

// checkpoint is the same before the window is over.
func checkpoint(s *snapshot.Snapshot) *snapshot.Snapshot {
	s.State, s.Completed = snapshot.Open, time.Time{}
	return s
}

// save saves a part of a collector; it is final unless the window is open.
func save(t *testing.T, s Store, collector string, now time.Time, seen *snapshot.Snapshot) {
	t.Helper()
	p, err := NewPart(collector, now, due(seen), seen)
	p.Final = seen.State != snapshot.Open
	require.NoError(t, err)
	require.NoError(t, s.SavePart(t.Context(), p))
}

func due(s *snapshot.Snapshot) time.Time { return s.End.Add(40 * time.Second) }

// diff is a comparison with values that JSON has no form for.
func diff(id, queryID, baseline string, calculated time.Time, flagged bool) *Diff {
	return &Diff{Keys: []string{"http.status_code"}, Diff: compare.Diff{
		ID: id, QueryID: queryID, Baseline: baseline, CalculatedAt: calculated, Thresholds: compare.DefaultThresholds(),
		A: compare.Side{SnapshotID: "a"}, B: compare.Side{SnapshotID: "b"}, History: 3, Tests: 12,
		Changes: []compare.Change{{
			Identity: snapshot.Identity{Kind: snapshot.Attribute, Key: "http.status_code", Value: "403"}, Measure: compare.Presence,
			Verdict: compare.New, Effect: math.Inf(1), Low: math.Inf(-1), High: math.MaxFloat64, Flagged: flagged, Standing: compare.Suspected,
		}},
	}}
}
