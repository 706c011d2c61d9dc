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
	r, err := newReplay(limits, start, end, nil)
	if err != nil {
		return nil, err
	}
	if err := r.add(q, nil); err != nil {
		return nil, err
	}
	if err := r.feed(next); err != nil {
		return nil, err
	}
	return r.snapshot(0), nil
}

// replay is an engine with a single window.
type replay struct {
	engine     *Engine
	calendars  []*calendar
	start, end time.Time
}

func newReplay(limits Limits, start, end time.Time, s *sides) (*replay, error) {
	if end.Sub(start) < time.Second { // so few traces have no time slices
		end = start.Add(time.Second)
	}
	e, err := New(Config{Limits: limits, replayEnd: end.UnixNano(), sides: s, Clock: func() time.Time { return start }})
	return &replay{engine: e, start: start, end: end}, err
}

// add adds a query. With a table, it captures the values of that instead of those of its keys.
func (r *replay) add(q Query, table *valueTable) error {
	q.Window, q.Lateness = r.end.Sub(r.start), 0
	if err := q.validate(); err != nil {
		return err
	}
	c := newCalendar(q, r.engine.cfg.Limits, &r.engine.groups, r.start)
	c.origin = r.start.UnixNano()
	c.closedUntil.Store(c.origin)
	if table != nil {
		c.table, c.attributes = table, nil
	}
	r.calendars = append(r.calendars, c)
	return nil
}

// feed consumes all batches.
func (r *replay) feed(next func() (ptrace.Traces, error)) error {
	e := r.engine
	e.queries.calendars = r.calendars
	e.replan()
	for {
		td, err := next()
		if errors.Is(err, io.EOF) {
			return e.Shutdown(context.Background())
		}
		if err == nil {
			err = e.Consume(td)
		}
		if err != nil {
			return errors.Join(err, e.Shutdown(context.Background()))
		}
	}
}

// snapshot is the window of a query, by the order in which they were added.
func (r *replay) snapshot(of int) *snapshot.Snapshot {
	return r.calendars[of].closeUntil(r.end.UnixNano(), r.end)[0].Snapshot
}
