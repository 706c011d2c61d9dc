package window

import (
	"context"
	"errors"
	"io"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Replay aggregates recorded traces of one query into one complete Snapshot of the window from start to end, which need not lie
// on any boundary. next returns batches, in any order, and io.EOF at their end; what else it returns ends Replay. Traces that begin
// outside the window are left out, and its coverage says how many spans came before it (late) or after it (future).
//
// Nothing depends on the clock: a trace is whole when all batches are read, or when memory runs out, whichever is first. The
// query's own Window and Lateness play no part.
func Replay(q Query, limits Limits, start, end time.Time, next func() (ptrace.Traces, error)) (*snapshot.Snapshot, error) {
	q.Window, q.Lateness = end.Sub(start), 0
	if q.Window < time.Second { // so few traces have no time slices
		q.Window = time.Second
		end = start.Add(q.Window)
	}
	if err := q.validate(); err != nil {
		return nil, err
	}
	e, err := New(Config{Limits: limits, replayEnd: end.UnixNano(), Clock: func() time.Time { return start }})
	if err != nil {
		return nil, err
	}
	c := newCalendar(q, e.cfg.Limits, &e.groups, start)
	c.origin = start.UnixNano()
	c.closedUntil.Store(c.origin)
	e.queries.calendars = []*calendar{c}
	e.replan()
	for {
		td, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = e.Consume(td)
		}
		if err != nil {
			return nil, errors.Join(err, e.Shutdown(context.Background()))
		}
	}
	if err := e.Shutdown(context.Background()); err != nil {
		return nil, err
	}
	return c.closeUntil(end.UnixNano(), end)[0].Snapshot, nil
}

// Extent grows to the earliest start that spans of batches have, and the first whole nanosecond after the latest: the window
// of a recording. It begins empty.
type Extent struct {
	Start, End time.Time
	ok         bool
}

// Add takes in a batch.
func (x *Extent) Add(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.StartTimestamp() == 0 { // it has none, and would make the window begin in 1970
					continue
				}
				at := span.StartTimestamp().AsTime()
				if !x.ok || at.Before(x.Start) {
					x.Start = at
				}
				if !x.ok || !at.Before(x.End) {
					x.End = at.Add(1)
				}
				x.ok = true
			}
		}
	}
}

// Empty tells that no span was added.
func (x *Extent) Empty() bool { return !x.ok }
