package window

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assayhq/assay/internal/traceassembly"
)

// ErrShutdown is returned by Consume after Shutdown.
var ErrShutdown = errors.New("trace_diff: shutting down")

// Engine turns traces into Snapshots. Consume may be called from many goroutines.
//
//	Consume --> shards (buffer) --> trace is quiet, or its window ends --> assembly --> calendars (aggregate) --> Closed
type Engine struct {
	cfg    Config
	clock  *traceassembly.Clock
	names  *names
	shards []*shard

	plan    atomic.Pointer[plan]
	queries struct {
		sync.Mutex // guards calendars, and who may replace the plan
		calendars  []*calendar
	}

	batches  sync.Pool
	scratch  sync.Pool
	intake   sync.RWMutex // held for reading by all who touch spans; for writing to close and to sweep
	closed   bool         // guarded by intake
	stepping sync.Mutex
	swept    time.Duration // guarded by stepping
	lastWall atomic.Int64  // unix ns, at the end of the last Step

	buffers traceassembly.Memory // of the shards
	groups  atomic.Int64         // bytes of open windows
	stats   counters
	run     run
}

// New makes an Engine. It takes spans from then on; Start or the caller of Step lets windows close.
func New(cfg Config) (*Engine, error) {
	cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, clock: traceassembly.NewClock(cfg.Clock), names: newNames(cfg.Limits)}
	e.scratch.New = func() any { return &assembly{} }
	n := max(1, min(8, 2*runtime.GOMAXPROCS(0), int(cfg.Limits.MemoryBytes>>21)))
	for range n {
		e.shards = append(e.shards, newShard(cfg.Limits, n))
	}
	e.batches.New = func() any { return &batch{Batch: traceassembly.NewBatch[spanRef](n)} }
	e.plan.Store(newPlan(nil))
	var errs []error
	for _, q := range cfg.Queries {
		errs = append(errs, e.AddQuery(q))
	}
	return e, errors.Join(errs...)
}

// AddQuery begins to evaluate a query. Its first window, of which the beginning has passed, will be partial; traces that have
// begun already do not count.
func (e *Engine) AddQuery(q Query) error {
	if err := q.validate(); err != nil {
		return err
	}
	e.queries.Lock()
	defer e.queries.Unlock()
	if slices.ContainsFunc(e.queries.calendars, func(c *calendar) bool { return c.ID == q.ID }) {
		return fmt.Errorf("query %q: exists already", q.ID)
	}
	room := maxQueries - q.Query.Ranges()
	for _, c := range e.queries.calendars {
		room -= c.Query.Query.Ranges()
	}
	if room < 0 {
		return fmt.Errorf("query %q: at most %d queries can be evaluated at a time, and one with trace.duration counts for several; remove one first",
			q.ID, maxQueries)
	}
	e.queries.calendars = append(e.queries.calendars, newCalendar(q, e.cfg.Limits, &e.groups, e.clock.Wall()))
	e.replan()
	return nil
}

// RemoveQuery stops to evaluate a query and drops its open windows. It reports whether there was such a query.
func (e *Engine) RemoveQuery(id string) bool {
	e.queries.Lock()
	defer e.queries.Unlock()
	at := slices.IndexFunc(e.queries.calendars, func(c *calendar) bool { return c.ID == id })
	if at < 0 {
		return false
	}
	gone := e.queries.calendars[at]
	e.queries.calendars = slices.Delete(slices.Clone(e.queries.calendars), at, at+1)
	e.replan()
	gone.discard()
	return true
}

// replan makes the plan of the present queries. The lock of queries is held.
func (e *Engine) replan() {
	e.plan.Store(newPlan(e.queries.calendars))
	var longest time.Duration
	for _, c := range e.queries.calendars {
		longest = max(longest, c.Window+c.Lateness)
	}
	for _, s := range e.shards {
		s.Lock()
		s.seen.period = longest + e.cfg.Wait
		s.Unlock()
	}
}

// calendars are the present ones.
func (e *Engine) calendars() []*calendar {
	e.queries.Lock()
	defer e.queries.Unlock()
	return slices.Clone(e.queries.calendars)
}

// Queries are those that are evaluated.
func (e *Engine) Queries() (list []Query) {
	for _, c := range e.calendars() {
		list = append(list, c.Query)
	}
	return list
}

// Open returns what the open windows of a query hold so far, oldest first, also those in which nothing has come: Snapshots in state
// Open, without the traces that are still being put together.
func (e *Engine) Open(queryID string) (list []Window) {
	for _, c := range e.calendars() {
		if c.ID == queryID {
			list = c.peek(e.clock.Wall().UnixNano())
		}
	}
	return list
}

// peek copies the open windows.
func (c *calendar) peek(now int64) (list []Window) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for start := c.startOf(max(c.watched, now-int64(c.Lateness))); start <= now; start += int64(c.Window) {
		c.window(start)
	}
	for _, g := range c.open {
		g.mu.Lock()
		list = append(list, g.window(false))
		g.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b Window) int { return a.Start.Compare(b.Start) })
	return list
}
