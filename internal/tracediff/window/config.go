package window

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/query"
)

// Scope says which spans of a trace count once some span of it has matched.
type Scope string

// The scopes.
const (
	Trace Scope = "trace" // all of them
	Span  Scope = "span"  // those that match
)

// Query is what to aggregate, and over which windows.
type Query struct {
	ID       string
	Query    *query.Query
	Text     string        // of Query, as it was written
	Scope    Scope         // Trace where empty
	Keys     []string      // attributes to group by; service and operation are always captured
	Window   time.Duration // at least 1 s; windows begin at multiples of it since 1970
	Lateness time.Duration // for how long after its end a window still takes spans, and how far a span may be ahead of the clock
}

// Limits bound what is held.
type Limits struct {
	GroupsPerSnapshot int   // beside overflow groups, of which there is one for each kind, key and service
	ValuesPerKey      int   // of an attribute; also services, versions, and operations of a service
	MemoryBytes       int64 // of buffered spans and open windows together
}

// DefaultLimits are those of the exporter's configuration.
func DefaultLimits() Limits {
	return Limits{GroupsPerSnapshot: 20_000, ValuesPerKey: 1_000, MemoryBytes: 256 << 20}
}

// DefaultWait is for how long a trace is awaited after its last span.
const DefaultWait = 10 * time.Second

// Config configures an Engine. Zero Limits and Wait mean their defaults.
type Config struct {
	Queries []Query // more may be added at run time
	Wait    time.Duration
	Limits  Limits
	Clock   func() time.Time // time.Now where nil
	// Closed is given each window when it is over, from the goroutine that calls Step, without any lock held. Until it
	// returns no other window closes. The Snapshot is the receiver's.
	Closed func(Window)

	replayEnd int64  // unix ns: of the one window of a replay; 0 where spans come live
	sides     *sides // of a replay that compares two selections; else nil
}

// maxQueries is how many queries can be evaluated at a time. One that asks for the duration of traces counts once for each range of it.
const maxQueries = 256

func (c *Config) withDefaults() {
	d := DefaultLimits()
	if c.Limits.GroupsPerSnapshot == 0 {
		c.Limits.GroupsPerSnapshot = d.GroupsPerSnapshot
	}
	if c.Limits.ValuesPerKey == 0 {
		c.Limits.ValuesPerKey = d.ValuesPerKey
	}
	if c.Limits.MemoryBytes == 0 {
		c.Limits.MemoryBytes = d.MemoryBytes
	}
	if c.Wait == 0 {
		c.Wait = DefaultWait
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Closed == nil {
		c.Closed = func(Window) {}
	}
}

// minMemory is the least in which traces can be put together.
const minMemory = 4 << 20

func (c *Config) validate() error {
	var errs []error
	if c.Wait < 0 {
		errs = append(errs, fmt.Errorf("assembly::wait: must not be negative, got %v", c.Wait))
	}
	if c.Limits.GroupsPerSnapshot < 1 {
		errs = append(errs, fmt.Errorf("limits::groups_per_snapshot: must be positive, got %d", c.Limits.GroupsPerSnapshot))
	}
	if c.Limits.ValuesPerKey < 1 {
		errs = append(errs, fmt.Errorf("limits::values_per_key: must be positive, got %d", c.Limits.ValuesPerKey))
	}
	if c.Limits.MemoryBytes < minMemory {
		errs = append(errs, fmt.Errorf("limits::memory_mib: must be at least %d, got %d", minMemory>>20, c.Limits.MemoryBytes>>20))
	}
	return errors.Join(errs...)
}

// validate reports all that is wrong with a query, and fills in its scope.
func (q *Query) validate() error {
	var errs []error
	if q.ID == "" {
		errs = append(errs, errors.New("id: must not be empty"))
	}
	if q.Query == nil {
		errs = append(errs, errors.New("query: must not be empty"))
	}
	switch q.Scope {
	case "":
		q.Scope = Trace
	case Trace, Span:
	default:
		errs = append(errs, fmt.Errorf("scope: must be trace or span, got %q", q.Scope))
	}
	if q.Window < time.Second {
		errs = append(errs, fmt.Errorf("window: must be at least 1s, got %v", q.Window))
	}
	if q.Lateness < 0 {
		errs = append(errs, fmt.Errorf("lateness: must not be negative, got %v", q.Lateness))
	}
	if i := slices.Index(q.Keys, ""); i >= 0 {
		errs = append(errs, fmt.Errorf("group_by::%d: must not be empty", i))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("query %q: %w", q.ID, err)
	}
	q.Keys = slices.Clone(q.Keys)
	return nil
}
