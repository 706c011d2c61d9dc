package simulate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
)

// Source says which traces are read from where.
type Source struct {
	Files []string  // "-" is standard input
	Stdin io.Reader // nil: that of the process
	// Broken is told of everything that cannot be read; reading goes on behind it. nil: reading ends with the error.
	Broken func(*otlpfile.RecordError)
	// Progress is told now and then how much has been read, 0 to 1, negative where that is not known.
	Progress func(done float64)
}

// Recording is what was read.
type Recording struct {
	Traces    []*Trace // in the order of their first piece
	Spans     int
	Broken    int // records that could not be read
	WithoutID int // spans without a trace id: they belong to no trace and are left out
}

// ErrNothing says that the files hold no traces.
var ErrNothing = errors.New("the files hold no spans with a trace id")

// Load reads the files as one recording. A piece arrives when the last span of its line or message has ended, as an SDK
// would send it.
func (s Source) Load(ctx context.Context) (*Recording, error) {
	l := loader{rec: &Recording{}, byID: map[pcommon.TraceID]*loading{}}
	for n := range s.Files {
		if err := s.read(ctx, n, &l); err != nil {
			return nil, err
		}
	}
	l.finish()
	if len(l.rec.Traces) == 0 {
		return l.rec, ErrNothing
	}
	return l.rec, nil
}

// read adds one file.
func (s Source) read(ctx context.Context, n int, l *loader) error {
	var opts []otlpfile.Option
	if s.Stdin != nil {
		opts = append(opts, otlpfile.WithStdin(s.Stdin))
	}
	if s.Broken != nil {
		opts = append(opts, otlpfile.WithSkipBroken(s.Broken))
	}
	r, err := otlpfile.Open(s.Files[n], opts...)
	if err != nil {
		return err
	}
	defer func() {
		l.rec.Broken += r.Broken()
		_ = r.Close()
	}()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		td, err := r.Next()
		var broken *otlpfile.RecordError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken) && s.Broken != nil: // nothing can be read behind it
			s.Broken(broken)
			return nil
		case err != nil:
			return fmt.Errorf("reading traces: %w", err)
		}
		l.add(td)
		s.report(n, r)
	}
}

func (s Source) report(n int, r *otlpfile.Reader) {
	if s.Progress == nil {
		return
	}
	done := -1.0
	if read, total := r.Progress(); total > 0 {
		done = (float64(n) + float64(read)/float64(total)) / float64(len(s.Files))
	}
	s.Progress(done)
}

// loader puts batches together into traces.
type loader struct {
	rec   *Recording
	byID  map[pcommon.TraceID]*loading
	order []*loading
}

// loading is a trace with the arrivals of its pieces, unix ns.
type loading struct {
	trace *Trace
	at    []int64
	first int64
}

func (l *loader) add(td ptrace.Traces) {
	at := latestEnd(td)
	for _, p := range split(td) {
		n := p.spans.SpanCount()
		if p.id.IsEmpty() {
			l.rec.WithoutID += n
			continue
		}
		l.rec.Spans += n
		t := l.byID[p.id]
		if t == nil {
			t = &loading{trace: &Trace{ID: p.id}}
			l.byID[p.id] = t
			l.order = append(l.order, t)
		}
		t.trace.Pieces = append(t.trace.Pieces, Piece{Spans: p.spans})
		t.at = append(t.at, at)
	}
}

// finish turns arrivals into distances and sorts.
func (l *loader) finish() {
	for _, t := range l.order {
		t.first = slices.Min(t.at)
		for i := range t.trace.Pieces {
			t.trace.Pieces[i].After = time.Duration(t.at[i] - t.first)
		}
		slices.SortStableFunc(t.trace.Pieces, func(x, y Piece) int { return cmp.Compare(x.After, y.After) })
		t.trace.describe()
	}
	slices.SortStableFunc(l.order, func(x, y *loading) int { return cmp.Compare(x.first, y.first) })
	for _, t := range l.order {
		t.trace.Begin = time.Duration(t.first - l.order[0].first)
		l.rec.Traces = append(l.rec.Traces, t.trace)
	}
}

func latestEnd(td ptrace.Traces) int64 {
	var end pcommon.Timestamp
	for _, s := range spansOf(td) {
		end = max(end, s.EndTimestamp())
	}
	return int64(end)
}

type tracePiece struct {
	id    pcommon.TraceID
	spans ptrace.Traces
}

// split takes a batch apart by resource, scope and trace.
func split(td ptrace.Traces) []tracePiece {
	var out []tracePiece
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			at := map[pcommon.TraceID]ptrace.SpanSlice{}
			for _, s := range ss.Spans().All() {
				dst, ok := at[s.TraceID()]
				if !ok {
					p := ptrace.NewTraces()
					drs := p.ResourceSpans().AppendEmpty()
					rs.Resource().CopyTo(drs.Resource())
					drs.SetSchemaUrl(rs.SchemaUrl())
					dss := drs.ScopeSpans().AppendEmpty()
					ss.Scope().CopyTo(dss.Scope())
					dss.SetSchemaUrl(ss.SchemaUrl())
					dst = dss.Spans()
					at[s.TraceID()] = dst
					out = append(out, tracePiece{s.TraceID(), p})
				}
				s.CopyTo(dst.AppendEmpty())
			}
		}
	}
	return out
}
