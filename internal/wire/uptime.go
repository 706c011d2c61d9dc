package wire

import "time"

// SentinelHealth is whether the sentinel runs, and what its verdict is.
type SentinelHealth struct {
	State SentinelState `json:"state"`
	At    time.Time     `json:"at"` // of the verdict
}

// SentinelUptime is how the sentinel's verdict was.
type SentinelUptime struct {
	State       SentinelState     `json:"state"`
	Since       *time.Time        `json:"since"`       // the first verdict of all; null before it
	Uptime      map[string]Uptime `json:"uptime"`      // of the last 1h, 24h, 7d and 30d
	Transitions []Transition      `json:"transitions"` // oldest first, the last 500
}

// Uptime is how the verdict was over a time.
type Uptime struct {
	Hours            int                `json:"hours"`             // that are counted, the present one included
	Seconds          map[string]float64 `json:"seconds"`           // by state
	UnwatchedSeconds float64            `json:"unwatched_seconds"` // since the first verdict of all: the sentinel did not run
	ShareOK          Number             `json:"share_ok"`          // of the time that was watched, starting left aside; null where there was none
	ShareUnknown     Number             `json:"share_unknown"`
}

// Transition is a change of the verdict.
type Transition struct {
	At    time.Time     `json:"at"`
	State SentinelState `json:"state"`
}
