package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// recorded is a trace of a recording.
type recorded struct {
	id     pcommon.TraceID
	start  time.Time
	pieces []ptrace.Traces
}

// readRecording reads a file of traces, earliest first; nil where it is not there.
func readRecording(path string) ([]*recorded, error) {
	r, err := otlpfile.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	byID := map[pcommon.TraceID]*recorded{}
	var traces []*recorded
	for {
		td, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					t := byID[span.TraceID()]
					if t == nil {
						t = &recorded{id: span.TraceID(), start: span.StartTimestamp().AsTime()}
						byID[t.id] = t
						traces = append(traces, t)
					}
					t.add(rs, span)
				}
			}
		}
	}
	slices.SortFunc(traces, func(a, b *recorded) int {
		return cmp.Or(a.start.Compare(b.start), slices.Compare(a.id[:], b.id[:]))
	})
	return traces, nil
}

// add copies a span of the trace.
func (t *recorded) add(rs ptrace.ResourceSpans, span ptrace.Span) {
	if at := span.StartTimestamp().AsTime(); at.Before(t.start) {
		t.start = at
	}
	td := ptrace.NewTraces()
	to := td.ResourceSpans().AppendEmpty()
	rs.Resource().CopyTo(to.Resource())
	span.CopyTo(to.ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	t.pieces = append(t.pieces, td)
}

// moved is a trace as it would be at another time.
type moved struct {
	*recorded
	by time.Duration
}

// aggregated makes a snapshot of traces in a window. Each gets an id of its own: one may be there several times.
func aggregated(traces []moved, start time.Time, length time.Duration) (*snapshot.Snapshot, error) {
	q, err := query.Parse(`service != ""`)
	if err != nil {
		return nil, err
	}
	trace, piece := 0, 0
	return window.Replay(window.Query{ID: "all", Query: q, Scope: window.Trace, Keys: []string{"http.response.status_code", "rpc.method"}},
		window.DefaultLimits(), start, start.Add(length), func() (ptrace.Traces, error) {
			for trace < len(traces) && piece == len(traces[trace].pieces) {
				trace, piece = trace+1, 0
			}
			if trace == len(traces) {
				return ptrace.Traces{}, io.EOF
			}
			td := ptrace.NewTraces()
			traces[trace].pieces[piece].CopyTo(td)
			piece++
			span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
			id := span.TraceID()
			binary.BigEndian.PutUint64(id[8:], binary.BigEndian.Uint64(id[8:])^uint64(trace+1)*0x9E3779B97F4A7C15)
			span.SetTraceID(id)
			span.SetStartTimestamp(pcommon.NewTimestampFromTime(span.StartTimestamp().AsTime().Add(traces[trace].by)))
			span.SetEndTimestamp(pcommon.NewTimestampFromTime(span.EndTimestamp().AsTime().Add(traces[trace].by)))
			return td, nil
		})
}

// stretch is a time without a pause in a recording.
type stretch struct {
	from, until time.Time
	traces      []*recorded
}

// stretches cuts a recording where it pauses.
func stretches(traces []*recorded, pause time.Duration) []stretch {
	var s []stretch
	for _, t := range traces {
		if n := len(s); n == 0 || t.start.Sub(s[n-1].until) > pause {
			s = append(s, stretch{from: t.start})
		}
		last := &s[len(s)-1]
		last.until = t.start
		last.traces = append(last.traces, t)
	}
	return s
}
