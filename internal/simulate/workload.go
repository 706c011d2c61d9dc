package simulate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
	"github.com/assayhq/assay/internal/tracestate"
)

// Trace is one recorded trace, in the pieces in which it arrived.
type Trace struct {
	ID        pcommon.TraceID
	Begin     time.Duration // arrival of the first piece, since the first of all
	Pieces    []Piece
	Threshold uint64 // strictest ot=th that its spans carry, of 2^56; 0: it had not been sampled
	Spans     int
	Errors    int // spans with an error
	RootError bool
	Duration  time.Duration // earliest start to latest end
	Endpoint  string        // service and name of the root, or of the earliest span without its parent
	HasRoot   bool
	Path      tracesketch.Path
}

// Piece is the spans of one trace that arrived together from one scope of one resource.
type Piece struct {
	After time.Duration // since the trace's first piece
	Spans ptrace.Traces
}

// NewTrace makes a trace of pieces that arrive at those times. A simulation writes trace ids into the spans.
func NewTrace(id pcommon.TraceID, begin time.Duration, pieces []Piece) *Trace {
	t := &Trace{ID: id, Begin: begin, Pieces: pieces}
	t.describe()
	return t
}

// Clone copies traces with their spans, for a simulation that runs beside another.
func Clone(traces []*Trace) []*Trace {
	out := make([]*Trace, len(traces))
	for i, t := range traces {
		c := *t
		c.Pieces = make([]Piece, len(t.Pieces))
		for n, p := range t.Pieces {
			c.Pieces[n] = Piece{After: p.After, Spans: ptrace.NewTraces()}
			p.Spans.CopyTo(c.Pieces[n].Spans)
		}
		out[i] = &c
	}
	return out
}

// adjustedCount is how many traces a trace stood for when it came in.
func (t *Trace) adjustedCount() float64 { return tracestate.AdjustedCount(t.Threshold) }

func spansOf(td ptrace.Traces) []ptrace.Span {
	var all []ptrace.Span
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				all = append(all, s)
			}
		}
	}
	return all
}
