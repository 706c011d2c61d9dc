package store

import (
	"context"
	"errors"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

var (
	// ErrNotFound is for an id that is not there.
	ErrNotFound = errors.New("not found")
	// ErrExists is for an id that is taken.
	ErrExists = errors.New("exists already")
	// ErrUnavailable wraps what keeps the database from answering: try again later.
	ErrUnavailable = errors.New("the database is not available")
	// ErrDamaged is for a stored value that has not its checksum: it is lost, the database is not.
	ErrDamaged = errors.New("a stored value is damaged")
	// ErrLost is for work under a lease that another collector has taken over: drop it.
	ErrLost = errors.New("another collector has taken over")
)

// Store keeps what trace diff knows: all of the interfaces below, for whoever opens it and hands its parts on. The methods of all
// of them are safe for concurrent use; each takes effect wholly or not at all.
type Store interface {
	Queries
	Windows
	Snapshots
	Diffs
	States
	Alerts
	Outbox
	Collectors
	Leases
	Retention
	Close() error
}

// Queries are the definitions.
type Queries interface {
	// Queries lists all, oldest first, deleted ones too. There are few.
	Queries(ctx context.Context) ([]Query, error)
	CreateQuery(ctx context.Context, q Query) error
	// PutQuery creates or replaces.
	PutQuery(ctx context.Context, q Query) error
	// DeleteQuery marks it, and forgets as ForgetQuery does. Its finished snapshots and its diffs stay.
	DeleteQuery(ctx context.Context, id string, now time.Time) error
	// ForgetQuery begins anew with a query that has changed: its open windows and what was learned are dropped, its alerts
	// resolve.
	ForgetQuery(ctx context.Context, id string, now time.Time) error
}

// Windows are on their way to a snapshot, in parts.
type Windows interface {
	// SavePart writes what a collector has seen of a window, and creates the row of the window if it is the first. A final
	// part is never replaced by a checkpoint. A part that comes after the window was finished is merged into the snapshot.
	SavePart(ctx context.Context, p Part) error
	// Pending lists windows that are due at now and not finished, oldest first.
	Pending(ctx context.Context, now time.Time) ([]Pending, error)
	// Parts reads what collectors have seen of a window so far.
	Parts(ctx context.Context, snapshotID string) ([]Part, error)
	// Finish closes a window under the lease of its query: it writes the snapshot in place of its parts, the diffs, the
	// states and the alerts, notes the windows before it that nobody saw, and gives the lease back. ErrLost if the lease has
	// another holder.
	Finish(ctx context.Context, lease, holder string, f Finished) error
}

// Snapshots are finished windows, open ones as far as they are known, and what was taken on demand.
type Snapshots interface {
	// SaveSnapshot writes a finished snapshot that is no window: one taken on demand.
	SaveSnapshot(ctx context.Context, s *snapshot.Snapshot, now time.Time) error
	// Snapshots lists them without their groups, newest first.
	Snapshots(ctx context.Context, f SnapshotFilter, p Page) ([]Snapshot, error)
	// Snapshot reads one with its groups; of an unfinished one, what its parts say so far.
	Snapshot(ctx context.Context, id string) (Snapshot, error)
	// SnapshotAt reads the finished window of a query that begins at start, if anybody saw it.
	SnapshotAt(ctx context.Context, queryID string, start time.Time) (Snapshot, error)
	// SnapshotBefore reads the latest finished window of a query that begins before a time, and that somebody saw.
	SnapshotBefore(ctx context.Context, queryID string, before time.Time) (Snapshot, error)
	DeleteSnapshot(ctx context.Context, id string) error
}

// Diffs are comparisons, of windows and on demand.
type Diffs interface {
	// Diffs lists them, newest first.
	Diffs(ctx context.Context, f DiffFilter, p Page) ([]*Diff, error)
	Diff(ctx context.Context, id string) (*Diff, error)
	SaveDiff(ctx context.Context, d *Diff) error
	DeleteDiff(ctx context.Context, id string) error
}

// States are what was learned; Windows.Finish writes them.
type States interface {
	// State reads one; nil if nothing was learned.
	State(ctx context.Context, queryID, name string) ([]byte, error)
}

// Alerts are what is in the outbox; Windows.Finish writes them.
type Alerts interface {
	// Alerts lists those of a query, or all when it is empty.
	Alerts(ctx context.Context, queryID string) ([]Alert, error)
}

// Outbox is what delivering alerts needs.
type Outbox interface {
	// DueAlerts lists those to be sent to a target at now.
	DueAlerts(ctx context.Context, target string, now time.Time, limit int) ([]Alert, error)
	// Delivered notes that the target has confirmed an alert; next is when to send it again. A resolved alert is removed.
	Delivered(ctx context.Context, a Alert, next time.Time) error
	// Failed notes an attempt in vain.
	Failed(ctx context.Context, a Alert, next time.Time) error
	// DropAlert removes one that the target will never take.
	DropAlert(ctx context.Context, a Alert) error
}

// Collectors are the processes that share the history.
type Collectors interface {
	// Seen notes that a collector lives.
	Seen(ctx context.Context, collector string, now time.Time) error
	// Leave notes that a collector is gone. Its leases end.
	Leave(ctx context.Context, collector string) error
	// Collectors lists those seen since a time.
	Collectors(ctx context.Context, since time.Time) ([]string, error)
}

// Leases are for what one collector does at a time.
type Leases interface {
	// Lease takes or prolongs a lease; false while another holds it.
	Lease(ctx context.Context, name, holder string, now, until time.Time) (bool, error)
}

// Retention is for what is too old.
type Retention interface {
	// Expire removes finished snapshots that end before a time, diffs calculated before it, and what was learned about
	// queries that no longer exist. keep are snapshots that stay, because they are pinned.
	Expire(ctx context.Context, before time.Time, keep []string) (Expired, error)
}

// Expired counts what Expire removed.
type Expired struct {
	Snapshots, Diffs int64
}
