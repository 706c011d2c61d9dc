package compare

import "time"

// Thresholds say what a user calls a change.
type Thresholds struct {
	FDR             float64 // false discovery rate of a diff; 0.05
	MinLatencyRatio float64 // effect floor: B/A or A/B; 1.1
	MinErrorDelta   float64 // effect floor: difference of error shares; 0.002
	MinCallRatio    float64 // effect floor: B/A or A/B of calls per trace; 1.2
	Persist         int     // windows in a row before a change is confirmed; 2
	// FalseAlerts is how many changes a query may confirm in a week in which nothing changed, in the mean; 0.25. The windows of a week share it.
	FalseAlerts float64
	// NewNormal is for how long a confirmed change is compared with what was before it, if its baseline moves; 24h. What lasts longer
	// is the new normal.
	NewNormal time.Duration
}

// DefaultThresholds are used where a query names none.
func DefaultThresholds() Thresholds {
	return Thresholds{FDR: 0.05, MinLatencyRatio: 1.1, MinErrorDelta: 0.002, MinCallRatio: 1.2, Persist: 2, FalseAlerts: 0.25, NewNormal: 24 * time.Hour}
}
