package window

import (
	"context"
	"runtime"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/traceassembly"
)

// Step aggregates the traces that are quiet and closes the windows that are over. It is to be called at least every few
// seconds, and Start does that. A pause between two Steps that is longer than a time slice, and longer than 10 s, counts as
// time away: the windows that it touches are partial.
func (e *Engine) Step() {
	e.stepping.Lock()
	defer e.stepping.Unlock()
	now, wall := e.clock.Step(), e.clock.Wall()
	e.watch(wall)
	e.aggregateDue(func(t *buffered) bool { return t.LastSeen+e.cfg.Wait <= now }, now)
	if e.cfg.replayEnd == 0 {
		e.closeWindows(wall, now)
	}
	e.sweep(now)
	e.lastWall.Store(e.clock.Wall().UnixNano()) // a receiver that took its time was no absence
}

// closeWindows closes what is over. Traces that begin in these windows are taken as they stand.
func (e *Engine) closeWindows(wall time.Time, now time.Duration) {
	calendars := e.calendars()
	last := int64(-1 << 63)
	for _, c := range calendars {
		if end, ok := c.due(wall.UnixNano()); ok {
			last = max(last, end)
		}
	}
	if last == -1<<63 {
		return
	}
	e.aggregateBefore(last, now)
	for _, c := range calendars {
		end, ok := c.due(wall.UnixNano())
		if !ok {
			continue
		}
		for _, w := range c.closeUntil(end, wall) {
			e.stats.closed.Add(1)
			e.cfg.Closed(w)
		}
	}
}

// aggregateDue aggregates the oldest traces of each shard for as long as they are due.
func (e *Engine) aggregateDue(due func(*buffered) bool, now time.Duration) {
	e.intake.RLock()
	defer e.intake.RUnlock()
	var group sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(e.shards))
	for w := range workers {
		work := func() {
			a := e.scratch.Get().(*assembly)
			for i := w; i < len(e.shards); i += workers {
				s := e.shards[i]
				for s.take(a, due, now) {
					e.aggregate(a)
				}
				s.Lock()
				s.account(&e.buffers)
				s.Unlock()
			}
			a.shrink()
			e.scratch.Put(a)
		}
		if w == workers-1 {
			work()
		} else {
			group.Go(work)
		}
	}
	group.Wait()
}

// aggregateBefore aggregates the traces that begin before a time, in unix ns.
func (e *Engine) aggregateBefore(end int64, now time.Duration) {
	e.intake.RLock()
	defer e.intake.RUnlock()
	a := e.scratch.Get().(*assembly)
	defer e.scratch.Put(a)
	var ids []pcommon.TraceID
	for _, s := range e.shards {
		s.Lock()
		ids = ids[:0]
		for i := s.Traces.Oldest(); i != traceassembly.None; i = s.Traces.Newer(i) {
			if t := s.Traces.At(i); t.start < end {
				ids = append(ids, t.ID)
			}
		}
		s.Unlock()
		for _, id := range ids {
			s.Lock()
			i, ok := s.Traces.Find(id)
			if ok {
				s.takeAt(a, i, now)
			}
			s.Unlock()
			if ok {
				e.aggregate(a)
			}
		}
		s.Lock()
		s.account(&e.buffers)
		s.Unlock()
	}
	a.shrink()
}

// relieve aggregates the oldest traces while more is held than memory allows. intake is held.
func (e *Engine) relieve(now time.Duration) {
	if !e.full() {
		return
	}
	a := e.scratch.Get().(*assembly)
	defer e.scratch.Put(a)
	all := func(*buffered) bool { return true }
	for progress := true; progress && e.full(); {
		progress = false
		for _, s := range e.shards {
			if !e.full() {
				break
			}
			for range relief {
				if !s.take(a, all, now) {
					break
				}
				e.stats.early.Add(1)
				e.aggregate(a)
				progress = true
			}
			s.Lock()
			s.account(&e.buffers)
			s.Unlock()
		}
	}
	a.shrink()
}

// relief is how many traces of a shard are taken before memory is looked at again: slabs empty slowly.
const relief = 64

func (e *Engine) full() bool {
	return e.buffers.Used()+e.groups.Load() > e.cfg.Limits.MemoryBytes
}

// aggregate adds a trace to the windows of the queries that it matches.
func (e *Engine) aggregate(a *assembly) {
	e.stats.traces.Add(1)
	if a.matched.empty() || len(a.spans) == 0 {
		return
	}
	a.analyze(e.names)
	wall := e.clock.Wall()
	duration := a.duration()
	if s := e.cfg.sides; s != nil {
		if q, bit := s.choose(a, duration); q != nil {
			q.take(a, q, bit, e.names, 1<<63-1)
		}
		return
	}
	for i := range a.plan.queries {
		q := &a.plan.queries[i]
		bit := q.bitFor(duration)
		if !a.matched.has(bit) {
			continue
		}
		horizon := int64(1<<63 - 1)
		if e.cfg.replayEnd == 0 {
			horizon = wall.Add(q.Lateness).UnixNano()
		}
		q.take(a, q, bit, e.names, horizon)
	}
}

// run is the goroutine that steps.
type run struct {
	once sync.Once
	stop context.CancelFunc
	done chan struct{}
}

// stepInterval is how often Start's goroutine steps.
const stepInterval = time.Second

// Start begins to step by itself, until Shutdown.
func (e *Engine) Start() {
	e.run.once.Do(func() {
		ctx, stop := context.WithCancel(context.Background())
		e.run.stop, e.run.done = stop, make(chan struct{})
		go func() {
			defer close(e.run.done)
			ticker := time.NewTicker(stepInterval)
			defer ticker.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
					e.Step()
				}
			}
		}()
	})
}

// Shutdown takes no more spans, stops stepping and aggregates the traces that are being put together. Windows stay open, for
// Open. It is safe to call twice, and without Start.
func (e *Engine) Shutdown(ctx context.Context) error {
	e.intake.Lock()
	was := e.closed
	e.closed = true
	e.intake.Unlock()
	e.run.once.Do(func() {}) // not started any more
	if e.run.stop != nil {
		e.run.stop()
		select {
		case <-e.run.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if was {
		return nil
	}
	e.aggregateDue(func(*buffered) bool { return true }, e.clock.Now())
	for _, s := range e.shards {
		s.Close()
	}
	return nil
}
