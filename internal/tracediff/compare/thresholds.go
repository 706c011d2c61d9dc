package compare

// Thresholds say what a user calls a change.
type Thresholds struct {
	FDR             float64 // false discovery rate of a diff; 0.05
	MinLatencyRatio float64 // effect floor: B/A or A/B; 1.1
	MinErrorDelta   float64 // effect floor: difference of error shares; 0.002
	MinCallRatio    float64 // effect floor: B/A or A/B of calls per trace; 1.2
	Persist         int     // windows in a row before a change is confirmed; 2
}

// DefaultThresholds are used where a query names none.
func DefaultThresholds() Thresholds {
	return Thresholds{FDR: 0.05, MinLatencyRatio: 1.1, MinErrorDelta: 0.002, MinCallRatio: 1.2, Persist: 2}
}
