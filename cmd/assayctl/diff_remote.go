package main

import (
	"fmt"
	"math"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// compared is a diff of a collector as it would be after a comparison here.
func compared(d *wire.Diff) (*compare.Diff, error) {
	to := &compare.Diff{
		ID: d.ID, QueryID: d.QueryID, CalculatedAt: d.CalculatedAt, A: sideOf(&d.A), B: sideOf(&d.B), Thresholds: thresholdsOf(&d.Thresholds),
		History: d.HistoryPairs, Tests: d.Tests,
	}
	number := make(map[string]int, len(d.Changes))
	for i := range d.Changes {
		number[d.Changes[i].Fingerprint] = i
		to.Changes = append(to.Changes, changeOf(&d.Changes[i]))
	}
	for i := range d.Causes {
		c, err := causeOf(&d.Causes[i], number)
		if err != nil {
			return nil, fmt.Errorf("cause %d of diff %s: %w", i+1, d.ID, err)
		}
		to.Causes = append(to.Causes, c)
	}
	return to, nil
}

// causeOf is a cause; number has the places of changes by their fingerprints.
func causeOf(c *wire.Cause, number map[string]int) (compare.Cause, error) {
	to := compare.Cause{
		Service: c.Service, Site: identityOf(&c.Site), Measure: compare.Measure(c.Measure), Verdict: compare.Verdict(c.Verdict), Kind: compare.CauseKind(c.Kind),
		Was: c.Was, Symptom: -1, Share: float64(c.Share), Onset: wire.Time(c.Onset), Ended: wire.Time(c.Ended),
	}
	if v := c.Deployed; v != nil {
		to.Deployed = &compare.Deployment{Service: v.Service, From: v.From, To: v.To}
	}
	find := func(fingerprint string) (int, error) {
		n, ok := number[fingerprint]
		if !ok {
			return 0, fmt.Errorf("its change %q is not in the answer", fingerprint)
		}
		return n, nil
	}
	var err error
	if to.Main, err = find(c.Main); err != nil {
		return to, err
	}
	if c.Symptom != nil {
		if to.Symptom, err = find(*c.Symptom); err != nil {
			return to, err
		}
	}
	for _, fingerprint := range c.Explains {
		n, err := find(fingerprint)
		if err != nil {
			return to, err
		}
		to.Explains = append(to.Explains, n)
	}
	return to, nil
}

func changeOf(c *wire.Change) compare.Change {
	return compare.Change{
		Identity: identityOf(&c.Identity), Measure: compare.Measure(c.Measure), Verdict: compare.Verdict(c.Verdict), A: absoluteOf(&c.A), B: absoluteOf(&c.B),
		Effect: float64(c.Effect), Low: float64(c.Low), High: float64(c.High), P: float64(c.P), Q: float64(c.Q), Flagged: c.Flagged, Impact: float64(c.Impact),
		Standing: compare.Standing(c.Standing), Reason: compare.Reason(c.Reason), Fading: c.Fading, Windows: c.Windows, Since: wire.Time(c.Since),
		Onset: wire.Time(c.Onset), Ended: wire.Time(c.Ended), Cause: c.Cause, Culprit: c.Culprit, Exemplars: c.Exemplars, Fingerprint: c.Fingerprint,
	}
}

// identityOf is what a change is about. Of a service the collector says the name twice.
func identityOf(id *wire.Identity) snapshot.Identity {
	to := snapshot.Identity{
		Kind: snapshot.Kind(id.Kind), Key: id.Key, Service: id.Service, Value: id.Value, CallerService: id.CallerService, Caller: id.Caller, PathID: id.PathID,
	}
	if to.Kind == snapshot.Service {
		to.Service = ""
	}
	return to
}

func sideOf(s *wire.Side) compare.Side {
	to := compare.Side{
		SnapshotID: s.SnapshotID, Start: s.Start, End: s.End, State: snapshot.State(s.State), Coverage: snapshot.Coverage(s.Coverage),
	}
	for _, v := range s.Versions {
		to.Versions = append(to.Versions, snapshot.Version{
			Service: v.Service, Version: v.Version, Weight: float64(v.Weight), First: wire.Time(v.First), Last: wire.Time(v.Last),
		})
	}
	return to
}

func thresholdsOf(t *wire.Thresholds) compare.Thresholds {
	return compare.Thresholds{
		FDR: t.FDR, MinLatencyRatio: t.MinLatencyRatio, MinErrorDelta: t.MinErrorDelta, MinCallRatio: t.MinCallRatio, Persist: t.Persist,
		FalseAlerts: t.FalseAlertsPerWeek, NewNormal: time.Duration(t.NewNormalAfterSeconds * float64(time.Second)),
	}
}

// absoluteOf is what a group was like. What is null is 0 here, which stands for not known where there is no span.
func absoluteOf(a *wire.Absolute) compare.Absolute {
	known := func(n wire.Number) float64 {
		if math.IsNaN(float64(n)) {
			return 0
		}
		return float64(n)
	}
	nanoseconds := func(seconds wire.Number) float64 { return known(seconds) * float64(time.Second) }
	return compare.Absolute{
		Spans: a.Spans, Traces: a.Traces, Weight: known(a.Weight), Rate: known(a.SpansPerSecond), PerTrace: known(a.PerTrace), ErrorShare: known(a.ErrorShare),
		ErrorTrace: known(a.ErrorTraceShare), Mean: nanoseconds(a.MeanSeconds), GeoMean: nanoseconds(a.GeometricMeanSeconds), P50: nanoseconds(a.P50Seconds),
		P95: nanoseconds(a.P95Seconds), P99: nanoseconds(a.P99Seconds), SelfMean: nanoseconds(a.SelfGeometricMeanSeconds),
		Wait: nanoseconds(a.WaitMeanSeconds), GeoWait: nanoseconds(a.WaitGeometricMeanSeconds),
	}
}
