package store

import (
	"encoding/json"
	"time"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Source says where a query was defined.
type Source string

// Where queries are defined.
const (
	FromConfig Source = "config" // read-only over the API
	FromAPI    Source = "api"
)

// Query is a set of traces to watch, and how.
type Query struct {
	ID         string
	Name       string
	Text       string // LightStep form or OTTL
	Scope      string // "trace" or "span"
	GroupBy    []string
	Window     time.Duration
	Lateness   time.Duration
	Baselines  []baseline.Baseline
	Thresholds compare.Thresholds
	Alerts     []string // names of alert targets
	CreatedAt  time.Time
	ChangedAt  time.Time `json:",omitzero"` // when it began to select other traces, the last time; zero: never
	Source     Source
	DeletedAt  time.Time // zero while it lives; its text is kept for as long as there are snapshots of it
}

// Snapshot is a row of the snapshots: all of a snapshot but its groups, unless it was asked for by id.
type Snapshot struct {
	snapshot.Snapshot
	CreatedAt time.Time
	Due       time.Time // when the window and its lateness are over
	OnDemand  bool      // asked for over the API, not a whole window
	Finished  bool      // all parts are merged, groups can be read without them
	Unseen    bool      // a finished window through which no collector was there; nothing is known of it
}

// Part is what one collector has seen of a window, in stored form: about a tenth of the size of the snapshot.
type Part struct {
	Collector  string
	Final      bool  // false: a checkpoint of a window that was open
	Watched    Watch // of a final part
	SavedAt    time.Time
	SnapshotID string
	Due        time.Time // when the window and its lateness are over, for all collectors

	opened string // the head of the window as it opens
	query  string
	start  time.Time
	end    time.Time
	data   []byte
}

// Watch is the time in which a collector was there for the spans of a window, and lost none that it was sent. The zero value says
// that it may have lost some, at any time.
type Watch struct{ From, Until time.Time }

// NewPart packs a checkpoint; Final and Watched are the caller's to set.
func NewPart(collector string, saved, due time.Time, s *snapshot.Snapshot) (Part, error) {
	data, err := encodeSnapshot(s)
	if err != nil {
		return Part{}, err
	}
	opened := *s
	opened.State, opened.Completed = snapshot.Open, time.Time{}
	opened.Coverage, opened.Versions = snapshot.Coverage{}, nil
	text, err := head(&opened)
	return Part{
		Collector: collector, SavedAt: saved, SnapshotID: s.ID, Due: due,
		opened: text, query: s.QueryID, start: s.Start, end: s.End, data: data,
	}, err
}

// Size is what the part takes in memory, in bytes.
func (p *Part) Size() int { return len(p.data) + len(p.opened) + partOverhead }

const partOverhead = 240

// Snapshot unpacks it.
func (p *Part) Snapshot() (*snapshot.Snapshot, error) { return decodeSnapshot(p.data) }

// Pending is a window that is over and not finished.
type Pending struct {
	SnapshotID, QueryID string
	Due                 time.Time
	Waiting             []string // collectors whose part is not final
}

// Diff is a comparison, and the keys that its reader asked for.
type Diff struct {
	compare.Diff
	Keys []string // of the snapshots; "service" and "operation" stand for those kinds of group

	// Of two queries side by side: the id of A's, and what tells their traces apart.
	Against string
	Apart   *compare.Apart
}

// FlaggedProperties is how many properties tell the traces of two queries apart.
func (d *Diff) FlaggedProperties() (n int) {
	if d.Apart != nil {
		for i := range d.Apart.Telling {
			n += 1 + len(d.Apart.Telling[i].Same)
		}
	}
	return n
}

// Finished is all that one transaction writes when a window is done.
type Finished struct {
	Snapshot   *snapshot.Snapshot
	Collectors []string // whose parts are in it
	Diffs      []*Diff
	States     []State
	Alerts     []Alert
	Now        time.Time
}

// State is something learned, kept for one query.
type State struct {
	Name string
	Data []byte
}

// Status of an alert.
type Status string

// What is to be said of a change.
const (
	Firing   Status = "firing"
	Resolved Status = "resolved"
)

// Alert is the latest thing to say about one change to one target.
type Alert struct {
	Target      string // name in the configuration
	QueryID     string
	Baseline    string
	Fingerprint string // of the change: stable over windows and restarts, unique for a target
	Status      Status
	Delivered   Status // the last status that the target has confirmed; empty: none
	StartsAt    time.Time
	EndsAt      time.Time // of a resolved alert
	Revision    int64     // counts changes of status; with Fingerprint it names one notification
	Attempts    int       // in vain, since the last success
	NextAttempt time.Time
	Content     json.RawMessage // what to say; understood by package alert
}

// Page is where to go on in a list, newest first.
type Page struct {
	Limit int
	After *Position // nil: from the newest
}

// Position is the last element of the page before.
type Position struct {
	Time time.Time
	ID   string
}

// SnapshotFilter narrows a list; zero values do not.
type SnapshotFilter struct {
	QueryID  string
	State    snapshot.State
	From, To time.Time // of Start: From <= Start < To
}

// DiffFilter narrows a list; zero values do not.
type DiffFilter struct {
	QueryID     string
	Baseline    *string
	Flagged     bool // only those with a flagged change
	FlaggedNone bool // only those without
	From, To    time.Time
}
