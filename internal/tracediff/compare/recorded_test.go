package compare_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// recording is a file of recorded traces.
type recording struct {
	batches []ptrace.Traces
	begins  map[pcommon.TraceID]time.Time
	extent  window.Extent
}

func record(t *testing.T, name string) *recording {
	t.Helper()
	r, err := otlpfile.Open("../../../testdata/traces/" + name + ".jsonl.zst")
	require.NoError(t, err)
	defer r.Close()
	rec := &recording{begins: map[pcommon.TraceID]time.Time{}}
	for {
		td, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rec
		}
		require.NoError(t, err)
		copied := ptrace.NewTraces()
		td.CopyTo(copied)
		rec.batches = append(rec.batches, copied)
		rec.extent.Add(td)
		each(td, func(span ptrace.Span) bool {
			at, known := rec.begins[span.TraceID()]
			if start := span.StartTimestamp().AsTime(); !known || start.Before(at) {
				rec.begins[span.TraceID()] = start
			}
			return false
		})
	}
}

// each visits the spans of a batch and removes those of which remove says so.
func each(td ptrace.Traces, remove func(ptrace.Span) bool) {
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(remove)
			return ss.Spans().Len() == 0
		})
		return rs.ScopeSpans().Len() == 0
	})
}

// half is a snapshot of the traces that begin in every block of time whose number is chosen.
func (r *recording) half(t *testing.T, block time.Duration, chosen func(block int) bool) *snapshot.Snapshot {
	t.Helper()
	q, err := query.Parse(`service != ""`)
	require.NoError(t, err)
	n := 0
	s, err := window.Replay(window.Query{ID: "q", Query: q, Keys: []string{"http.response.status_code"}}, window.DefaultLimits(),
		r.extent.Start, r.extent.End, func() (ptrace.Traces, error) {
			if n == len(r.batches) {
				return ptrace.Traces{}, io.EOF
			}
			td := ptrace.NewTraces()
			r.batches[n].CopyTo(td)
			n++
			each(td, func(span ptrace.Span) bool { return !chosen(int(r.begins[span.TraceID()].Sub(r.extent.Start) / block)) })
			return td, nil
		})
	require.NoError(t, err)
	return s
}

// Blocks of one recording, dealt at random to A and to B, are traffic between which nothing changed but what seconds do.
func TestRecordedTrafficAgainstItself(t *testing.T) {
	deals := seeds(20)
	for _, name := range []string{"hotrod", "mixed", "tgen"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := record(t, name)
			block := rec.extent.End.Sub(rec.extent.Start) / 40
			flagged, tests := 0, 0
			for n := range deals {
				r := rand.New(rand.NewPCG(uint64(n), 5))
				var deal [41]bool
				for i := range deal {
					deal[i] = r.IntN(2) == 0
				}
				a := rec.half(t, block, func(i int) bool { return deal[i] })
				b := rec.half(t, block, func(i int) bool { return !deal[i] })
				d := compare.Compare(a, b, nil, compare.DefaultThresholds())
				tests += d.Tests
				if flags(d) > 0 {
					flagged++
				}
			}
			assert.LessOrEqual(t, flagged, 2, "of %d deals", deals)
			assert.Greater(t, tests, 10*deals)
		})
	}
}
