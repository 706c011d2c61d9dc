package window

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// calendar keeps the windows of one query: which are open, and up to when all are closed.
//
//	closed        | open: still takes late spans | open: now       | not yet
//	--------------+------------------------------+-----------------+--------> start of a trace
//	         closedUntil                  end, closes at end + lateness
type calendar struct {
	Query
	attributes []string    // keys that are no part of every snapshot anyway
	table      *valueTable // of a replay that captures all attributes; else nil
	origin     int64       // unix ns; windows begin at multiples of their length after it
	limits     Limits
	memory     *atomic.Int64 // of the groups of all queries

	mu          sync.Mutex // guards everything below
	open        map[int64]*aggregate
	closedUntil atomic.Int64 // read without the lock
	began       int64        // unix ns; when the query was added
	watched     int64        // unix ns; since when nothing was missed: windows that begin before were not seen wholly
	note        snapshot.Coverage
}

func newCalendar(q Query, limits Limits, memory *atomic.Int64, now time.Time) *calendar {
	c := &calendar{
		Query: q, attributes: attributeKeys(q.Keys), limits: limits, memory: memory,
		open: map[int64]*aggregate{}, began: now.UnixNano(), watched: now.UnixNano(),
	}
	c.closedUntil.Store(c.startOf(now.UnixNano()))
	return c
}

// startOf is the start of the window that a time falls into.
func (c *calendar) startOf(at int64) int64 {
	w := int64(c.Window)
	into := (at - c.origin) % w
	if into < 0 {
		into += w
	}
	return at - into
}

// window finds or opens the window of a start time; nil if it is closed. The lock is held.
func (c *calendar) window(at int64) *aggregate {
	start := c.startOf(at)
	if start < c.closedUntil.Load() {
		return nil
	}
	g := c.open[start]
	if g == nil {
		g = c.begin(start)
		c.open[start] = g
	}
	return g
}

// begin makes the window of a start time. The lock is held.
func (c *calendar) begin(start int64) *aggregate {
	g := newAggregate(c, start, start+int64(c.Window), c.limits, c.memory)
	g.from = max(start, c.began)
	g.missed = start < c.watched && c.watched > c.began
	return g
}

// take aggregates a trace that matches, or says why not. horizon is the time from which on a start lies in the future, unix ns.
func (c *calendar) take(a *assembly, q *planned, bit int, n *names, horizon int64) {
	start := int64(a.structure.Start)
	c.mu.Lock()
	if start > horizon {
		c.note.Future += uint64(len(a.spans))
		c.mu.Unlock()
		return
	}
	if c.memory.Load() > c.limits.MemoryBytes/4*3 { // groups have grown far beyond their share
		c.note.Dropped += uint64(len(a.spans))
		c.mu.Unlock()
		return
	}
	g := c.window(start)
	if g == nil {
		c.note.Late += uint64(len(a.spans))
		c.mu.Unlock()
		return
	}
	g.mu.Lock()
	c.mu.Unlock()
	defer g.mu.Unlock()
	n.mu.RLock()
	defer n.mu.RUnlock()
	g.add(a, q, bit, n)
}

// left notes spans that were left out. They show in the window that closes next.
func (c *calendar) left(n *snapshot.Coverage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note.Late += n.Late
	c.note.Future += n.Future
	c.note.Dropped += n.Dropped
	c.note.Invalid += n.Invalid
	c.note.Untimed += n.Untimed
}

// due is the end of the latest window that is over at now, unix ns; false where none is.
func (c *calendar) due(now int64) (end int64, ok bool) {
	end = c.startOf(now - int64(c.Lateness))
	return end, end > c.closedUntil.Load()
}

// closeUntil closes the windows before end, which due has found, and returns what they have become. A window in which nothing
// came is closed as well: that nothing came is worth knowing. One that nobody watched leaves nothing.
func (c *calendar) closeUntil(end int64, now time.Time) (closed []Window) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from := max(c.closedUntil.Load(), min(end, c.startOf(c.watched)))
	var starts []int64
	for start := range c.open {
		if start < from {
			starts = append(starts, start)
		}
	}
	slices.Sort(starts)
	for start := from; start < end; start += int64(c.Window) {
		starts = append(starts, start)
	}
	for _, start := range starts {
		g := c.open[start]
		if g == nil {
			g = c.begin(start)
		}
		delete(c.open, start)
		closed = append(closed, c.finish(g, now))
	}
	c.closedUntil.Store(end)
	return closed
}

// finish turns a window into a Snapshot. The calendar's lock is held.
func (c *calendar) finish(g *aggregate, now time.Time) Window {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note(&c.note)
	w := g.window(true)
	w.Completed = now
	w.State = snapshot.Complete
	if w.Missed || w.From.After(w.Start) {
		w.State = snapshot.Partial
	}
	g.release()
	return w
}

// note moves what was left out into the window.
func (g *aggregate) note(n *snapshot.Coverage) {
	g.coverage.Late += n.Late
	g.coverage.Future += n.Future
	g.coverage.Dropped += n.Dropped
	g.coverage.Invalid += n.Invalid
	g.coverage.Untimed += n.Untimed
	*n = snapshot.Coverage{}
}

// missed says that nobody watched from one time to another: the windows between are partial.
func (c *calendar) missed(from, to int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.window(from) // it was watched for a while, even if nothing came
	for start, g := range c.open {
		if start < to && start+int64(c.Window) > from {
			g.mu.Lock()
			g.missed = true
			g.mu.Unlock()
		}
	}
	c.watched = max(c.watched, to)
}

// rewind follows a clock that has leapt back. Windows that it had closed are open again, and partial: they come out a second
// time, or were filled while the clock was wrong.
func (c *calendar) rewind(now int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	start := c.startOf(now)
	if start >= c.closedUntil.Load() {
		return
	}
	c.closedUntil.Store(start)
	for _, g := range c.open {
		g.mu.Lock()
		g.missed = true
		g.mu.Unlock()
	}
	c.watched = now
}

// discard gives up all open windows.
func (c *calendar) discard() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for start, g := range c.open {
		g.mu.Lock()
		g.release()
		g.mu.Unlock()
		delete(c.open, start)
	}
	c.closedUntil.Store(math.MaxInt64)
}
