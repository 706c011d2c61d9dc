package report

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// NewComparison is a diff for a program, with the changes that the options list.
func NewComparison(d *compare.Diff, o Options) *wire.Comparison {
	a := Arrange(d)
	rows, _, cut := o.listed(a)
	changes := make([]*compare.Change, len(rows))
	for i := range rows {
		changes[i] = rows[i].Change
	}
	c := ComparisonOf(d, a, changes)
	c.Truncated = cut
	return c
}

// ComparisonOf is a diff for a program, with a list of its changes.
func ComparisonOf(d *compare.Diff, a *Arranged, changes []*compare.Change) *wire.Comparison {
	c := &wire.Comparison{
		A: sideOf(&d.A), B: sideOf(&d.B), Thresholds: ThresholdsOf(&d.Thresholds), HistoryPairs: d.History, Tests: d.Tests, Flagged: Flagged(d),
		Causes: causeList(d, a), Changes: []wire.Change{}, Listed: len(changes), Truncated: len(changes) < len(d.Changes), ChangesTotal: len(d.Changes),
	}
	c.GroupsUndecided, c.GroupsTotal = unknownGroups(d)
	for _, x := range changes {
		c.Changes = append(c.Changes, changeOf(x, a.Cause(x)))
	}
	return c
}

// ThresholdsOf are thresholds for a program.
func ThresholdsOf(t *compare.Thresholds) wire.Thresholds {
	return wire.Thresholds{
		FDR: t.FDR, MinLatencyRatio: t.MinLatencyRatio, MinErrorDelta: t.MinErrorDelta, MinCallRatio: t.MinCallRatio, Persist: t.Persist,
		FalseAlertsPerWeek: t.FalseAlerts, NewNormalAfterSeconds: t.NewNormal.Seconds(),
	}
}

// IdentityOf names a group for a program.
func IdentityOf(id *snapshot.Identity) wire.Identity {
	return wire.Identity{
		Kind: wire.GroupKind(id.Kind), Key: id.Key, Service: id.ServiceName(), Value: id.Value, CallerService: id.CallerService, Caller: id.Caller, PathID: id.PathID,
	}
}

// VersionsOf are the versions of services in a window, for a program.
func VersionsOf(versions []snapshot.Version) []wire.Version {
	list := []wire.Version{}
	for _, v := range versions {
		list = append(list, wire.Version{Service: v.Service, Version: v.Version, Weight: wire.Number(v.Weight), First: wire.Moment(v.First), Last: wire.Moment(v.Last)})
	}
	return list
}

func sideOf(s *compare.Side) wire.Side {
	return wire.Side{
		SnapshotID: s.SnapshotID, Start: s.Start.UTC(), End: s.End.UTC(), State: wire.SnapshotState(s.State), Coverage: wire.Coverage(s.Coverage),
		Versions: VersionsOf(s.Versions),
	}
}

// changeOf is a change, and the fingerprint of its cause.
func changeOf(c *compare.Change, cause string) wire.Change {
	return wire.Change{
		Identity: IdentityOf(&c.Identity), Measure: wire.Measure(c.Measure), Verdict: wire.Verdict(c.Verdict), Flagged: flagged(c), Cause: cause,
		Culprit: c.Culprit, Standing: wire.ChangeStanding(c.Standing), Reason: wire.ClearReason(c.Reason), Fading: c.Fading, Windows: c.Windows,
		Since: wire.Moment(c.Since), Onset: wire.Moment(c.Onset), Ended: wire.Moment(c.Ended), Effect: wire.Number(c.Effect),
		Low: wire.Number(c.Low), High: wire.Number(c.High), P: wire.Number(c.P), Q: wire.Number(c.Q), Impact: wire.Number(c.Impact),
		A: absoluteOf(&c.A), B: absoluteOf(&c.B), Exemplars: append([]string{}, c.Exemplars...), Fingerprint: c.Fingerprint,
	}
}

func absoluteOf(a *compare.Absolute) wire.Absolute {
	k := Known(a)
	return wire.Absolute{
		Spans: k.Spans, Traces: k.Traces, Weight: wire.Number(k.Weight), SpansPerSecond: wire.Number(k.Rate), PerTrace: wire.Number(k.PerTrace),
		ErrorShare: wire.Number(k.ErrorShare), ErrorTraceShare: wire.Number(k.ErrorTrace),
		MeanSeconds: Seconds(k.Mean), GeometricMeanSeconds: Seconds(k.GeoMean), P50Seconds: Seconds(k.P50), P95Seconds: Seconds(k.P95),
		P99Seconds: Seconds(k.P99), SelfGeometricMeanSeconds: Seconds(k.SelfMean), WaitMeanSeconds: Seconds(k.Wait), WaitGeometricMeanSeconds: Seconds(k.GeoWait),
	}
}

// Seconds is a duration in ns as a program is told it.
func Seconds(ns float64) wire.Number { return wire.Number(seconds(ns)) }
