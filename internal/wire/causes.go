package wire

import "time"

// Causes are the causes that diffs have named from one time to another, each once.
type Causes struct {
	Causes    []LastingCause `json:"causes"`    // the latest first
	Truncated bool           `json:"truncated"` // there are more than were looked for, or than the answer had room for
}

// LastingCause is a cause over all windows that named it, whatever they were compared with.
type LastingCause struct {
	ID        string    `json:"id"` // the same in all windows
	QueryID   string    `json:"query_id"`
	QueryName string    `json:"query_name"`
	DiffID    string    `json:"diff_id"`    // the latest that names it
	Confirmed bool      `json:"confirmed"`  // by as many windows as the query asks for, in one of the diffs
	Current   bool      `json:"current"`    // the latest window of the query names it
	FirstSeen time.Time `json:"first_seen"` // start of the first window that named it
	LastSeen  time.Time `json:"last_seen"`  // end of the last one
	Cause               // as the latest diff says
}
