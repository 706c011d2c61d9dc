package compare

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// absolute says what a group was like on one side. sum is that of its slices.
func absolute(e *exposure, g *snapshot.Group, sum *snapshot.Slice) Absolute {
	if g == nil {
		return Absolute{}
	}
	v := Absolute{
		Spans: uint64(sum.Spans), Traces: uint64(sum.Traces), Weight: sum.Weight,
		ErrorShare: share(sum.ErrorWeight, sum.Weight), ErrorTrace: share(sum.ErrorTrace, sum.TraceWeight),
	}
	v.P50, v.P95, v.P99 = g.Duration.Percentiles()
	if e.seconds > 0 {
		v.Rate = sum.Weight / e.seconds
	}
	if e.sum.TraceWeight > 0 {
		v.PerTrace = sum.Weight / e.sum.TraceWeight
	}
	if sum.WaitWeight > 0 {
		v.Wait, v.GeoWait = sum.Wait/sum.WaitWeight, geometric(sum.LogWait, sum.WaitWeight)
	}
	if sum.Weight > 0 {
		v.Mean = sum.Duration / sum.Weight
		v.GeoMean = math.Exp(sum.LogDuration / sum.Weight)
		v.SelfMean = math.Exp(sum.LogSelf / sum.Weight)
	}
	return v
}

// side names a snapshot and what it rests on.
func side(s *snapshot.Snapshot) Side {
	return Side{SnapshotID: s.ID, Start: s.Start, End: s.End, State: s.State, Coverage: s.Coverage, Versions: s.Versions}
}
