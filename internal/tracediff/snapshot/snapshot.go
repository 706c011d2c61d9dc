package snapshot

import "time"

// State says how far a snapshot has come.
type State string

// How far a snapshot has come.
const (
	Open     State = "open"     // its window still takes spans
	Complete State = "complete" // the whole window was seen
	Partial  State = "partial"  // no collector was there for a part of the window, or spans may have been lost
)

// Snapshot is what the traces of one query looked like in one window.
type Snapshot struct {
	ID        string
	QueryID   string
	Of        Definition // of the query, as it was then
	Start     time.Time  // windows begin on wall-clock boundaries
	End       time.Time  // exclusive
	Completed time.Time  // when the window was closed, after its lateness; zero while open
	State     State
	Keys      []string      // the group_by keys that were captured
	Slice     time.Duration // length of one time slice; the window has (End - Start) / Slice of them
	Versions  []Version
	Coverage  Coverage
	Total     Group // every matching trace, Kind Total
	Groups    []*Group
}

// Version is a service.version of a service, seen in the window.
type Version struct {
	Service string
	Version string
	Weight  float64 // adjusted count of spans
	First   time.Time
	Last    time.Time
}

// Coverage says what a snapshot rests on, in raw counts, so that a reader knows how much to trust it.
type Coverage struct {
	Traces           uint64 // that matched and were aggregated
	Spans            uint64 // of these
	Orphans          uint64 // spans whose parent was missing when their trace was aggregated
	Duplicates       uint64 // spans that came twice with one (trace id, span id); counted once
	WithoutThreshold uint64 // spans without ot=th: their weight is taken to be 1
	Late             uint64 // spans that came after their window was closed or their trace was aggregated; left out
	Future           uint64 // spans that start ahead of the clock by more than the lateness; left out
	Overflow         uint64 // contributions of spans folded into an overflow group, because a limit was reached
	Dropped          uint64 // spans that memory had no room for; left out
	Invalid          uint64 // spans without trace id or span id; left out
	Untimed          uint64 // spans without a start: no window is theirs; left out
	WithoutEnd       uint64 // spans without an end, or with one before their start; counted, with a duration of 0
}

// Slices is the number of time slices of the window.
func (s *Snapshot) Slices() int {
	if s.Slice <= 0 {
		return 0
	}
	return int((s.End.Sub(s.Start) + s.Slice - 1) / s.Slice)
}
