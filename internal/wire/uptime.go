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
	Uptime      map[string]Uptime `json:"uptime"`      // of the last 1h, 24h, 7d, 30d and 90d
	Transitions []Transition      `json:"transitions"` // oldest first, the last 500
}

// Uptime is how the verdict was over a time.
type Uptime struct {
	Hours int `json:"hours"` // that are counted, the present one included
	UptimeTally
	Bars []UptimeBar `json:"bars"` // the same in equal parts: hours, quarters of a day or days; the oldest first
}

// UptimeBar is a part of an Uptime.
type UptimeBar struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // exclusive; may be still to come
	UptimeTally
}

// UptimeTally is for how long the verdict was what.
type UptimeTally struct {
	Seconds            map[string]float64 `json:"seconds"`             // by state
	UnwatchedSeconds   float64            `json:"unwatched_seconds"`   // since the first verdict of all: the sentinel did not run
	MaintenanceSeconds float64            `json:"maintenance_seconds"` // for which maintenance was planned, and that were watched
	ShareOK            Number             `json:"share_ok"`            // of the time that was watched, starting left aside; null where there was none
	ShareOKAdjusted    Number             `json:"share_ok_adjusted"`   // the same without the time of maintenance
	ShareUnknown       Number             `json:"share_unknown"`
}

// Transition is a change of the verdict.
type Transition struct {
	At    time.Time     `json:"at"`
	State SentinelState `json:"state"`
}
