package wire

import "time"

// Comparison says what changed from A to B, the newer one. Differences are B - A.
type Comparison struct {
	A               Side        `json:"a"`
	B               Side        `json:"b"`
	Thresholds      Thresholds  `json:"thresholds"`
	HistoryPairs    int         `json:"history_pairs"` // windows that the usual variance was learned from; 0: a stated prior took its place
	Tests           int         `json:"tests"`         // hypotheses tested, over all groups and measures
	GroupsTotal     int         `json:"groups_total"`
	GroupsUndecided int         `json:"groups_without_enough_data"`
	Flagged         int         `json:"flagged"`       // changes
	Causes          []Cause     `json:"causes"`        // of the flagged ones; those that explain most come first
	Changes         []Change    `json:"changes"`       // those of the first cause, its main change first, then those of the second one, and so on
	Listed          int         `json:"listed"`        // changes that are in the list
	Truncated       bool        `json:"truncated"`     // there is more than is listed: of changes, or of other lists that the answer had no room for
	ChangesTotal    int         `json:"changes_total"` // also those that were tested and not flagged
	SideBySide      *SideBySide `json:"side_by_side,omitempty"`
}

// Side is one of the two windows that are compared, and what it rests on.
type Side struct {
	SnapshotID string        `json:"snapshot_id"`
	Link       string        `json:"link,omitempty"` // of one that the server holds
	Start      time.Time     `json:"start"`
	End        time.Time     `json:"end"` // exclusive
	State      SnapshotState `json:"state"`
	Coverage   Coverage      `json:"coverage"`
	Versions   []Version     `json:"versions"`
}

// Diff is a comparison that the server has stored.
type Diff struct {
	ID           string    `json:"id"`
	QueryID      string    `json:"query_id"`
	Query        string    `json:"query"` // its text
	Name         string    `json:"name"`  // of the query
	Baseline     Baseline  `json:"baseline"`
	CalculatedAt time.Time `json:"calculated_at"`
	Comparison
}

// NewDiff asks for a comparison of two snapshots.
type NewDiff struct {
	A          string   `json:"a"` // id of the older one
	B          string   `json:"b"`
	Keys       []string `json:"keys,omitempty"`         // that are compared, among those that both have captured
	SideBySide bool     `json:"side_by_side,omitempty"` // a and b are of two queries, and of one window: also say what tells their traces apart
}
