package wire

import "time"

// Cause is one thing that happened. Changes are named by their fingerprints, since their list may be cut.
type Cause struct {
	Summary  string      `json:"summary"` // where it happened, what, and since when, in one line
	Service  string      `json:"service"` // at fault; empty where it is not about a service
	Site     Identity    `json:"site"`    // what changed there most
	Measure  Measure     `json:"measure"`
	Verdict  Verdict     `json:"verdict"`
	Kind     CauseKind   `json:"kind"`
	Was      string      `json:"was"` // the name of before, of what is renamed; else empty
	Before   Number      `json:"before"`
	After    Number      `json:"after"`
	Unit     Unit        `json:"unit"`     // of before and after
	Onset    *time.Time  `json:"onset"`    // when it began, where that was inside of a window
	Ended    *time.Time  `json:"ended"`    // when it was over, where that was inside of B
	Deployed *NewVersion `json:"deployed"` // a service that had another version before
	Share    Number      `json:"share"`    // of what all traces lost or won, in time or in errors, that went to the service
	Main     string      `json:"main"`     // the change of the site; it is not flagged where the cause is likely only
	Symptom  *string     `json:"symptom"`  // the change that users notice most
	Explains []string    `json:"explains"` // the other changes that follow from it
}

// CauseKind is how to read a cause. Renamed: the site is new, and was called as "was" says. Inserted: it is new between two of which one called
// the other before. Spans missing: it is called as often as before, and some of its spans never arrive. On the way: the service waits, or the
// network to or from it. Empty: as measure and verdict say.
type CauseKind string

// Enum implements Enumerated.
func (CauseKind) Enum() []string {
	return []string{"", "renamed", "inserted", "spans_missing", "on_the_way"}
}

// Unit is what the two sides of a change are measured in.
type Unit string

// Units.
const (
	UnitSeconds       Unit = "seconds"
	UnitShareOfTraces Unit = "share_of_traces" // of those with the group, that have an error in it
	UnitCallsPerTrace Unit = "calls_per_trace"
	UnitTraces        Unit = "traces"
)

// Enum implements Enumerated.
func (Unit) Enum() []string {
	return []string{string(UnitSeconds), string(UnitShareOfTraces), string(UnitCallsPerTrace), string(UnitTraces)}
}

// NewVersion is a service of which the two sides had different versions.
type NewVersion struct {
	Service string `json:"service"`
	From    string `json:"from"`
	To      string `json:"to"`
}
