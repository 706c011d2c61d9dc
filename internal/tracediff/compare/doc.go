// Package compare says what changed between two snapshots, how much, and how sure that is.
//
//	Diff        all verdicts on two snapshots            (diff.go)
//	Thresholds  what a user calls a change               (thresholds.go)
//
// Its randomness is that of the traffic, not of the spans: spans of a window are not independent, time slices very nearly are.
package compare
