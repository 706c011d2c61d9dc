package main

import (
	"fmt"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// remoteDiff is a diff as the API of trace diff writes it: times in s since 1970, latencies in µs, null for what is not known.
type remoteDiff struct {
	ID           string
	Query        string
	QueryID      string
	CalculatedAt int64
	A, B         remoteSide
	Thresholds   compare.Thresholds // those that files are compared with too
	History      int
	Tests        int
	Causes       []remoteCause
	Changes      []remoteChange
	ChangesTotal int
	Apart        *remoteApart // of two queries side by side
}

type remoteSide struct {
	SnapshotID string
	Start, End int64
	State      snapshot.State
	Coverage   snapshot.Coverage
	Versions   []remoteVersion
}

type remoteVersion struct {
	Service, Version string
	Weight           float64
}

type remoteCause struct {
	Service      string
	Site         snapshot.Identity
	Measure      compare.Measure
	Verdict      compare.Verdict
	Kind         compare.CauseKind
	Was          string
	Onset, Ended *int64
	Deployed     *compare.Deployment
	Share        report.Number
	Main         string // fingerprints of changes
	Symptom      *string
	Explains     []string
}

type remoteChange struct {
	snapshot.Identity
	Measure     compare.Measure
	Verdict     compare.Verdict
	Flagged     bool
	Cause       string
	Culprit     string
	Standing    compare.Standing
	Reason      compare.Reason
	Fading      bool
	Windows     int
	Since       *int64
	Onset       *int64
	Ended       *int64
	Effect      report.Number
	Low, High   report.Number
	P, Q        report.Number
	Impact      report.Number
	A, B        remoteAbsolute
	Exemplars   []string
	Fingerprint string
}

// remoteAbsolute adds what the API calls otherwise. What is null stays 0, which stands for not known where there is no span.
type remoteAbsolute struct {
	compare.Absolute
	ErrorTraceShare float64
}

// diff is the same as it would be after a comparison here.
func (d *remoteDiff) diff() (*compare.Diff, error) {
	to := &compare.Diff{
		ID: d.ID, QueryID: d.QueryID, CalculatedAt: time.Unix(d.CalculatedAt, 0),
		A: d.A.side(), B: d.B.side(), Thresholds: d.Thresholds, History: d.History, Tests: d.Tests,
	}
	number := make(map[string]int, len(d.Changes))
	for i := range d.Changes {
		number[d.Changes[i].Fingerprint] = i
		to.Changes = append(to.Changes, d.Changes[i].change())
	}
	for i := range d.Causes {
		c, err := d.Causes[i].cause(number)
		if err != nil {
			return nil, fmt.Errorf("cause %d of diff %s: %w", i+1, d.ID, err)
		}
		to.Causes = append(to.Causes, c)
	}
	return to, nil
}

func (c *remoteCause) cause(number map[string]int) (compare.Cause, error) {
	to := compare.Cause{
		Service: c.Service, Site: identified(c.Site), Measure: c.Measure, Verdict: c.Verdict, Kind: c.Kind, Was: c.Was, Symptom: -1, Share: float64(c.Share),
		Onset: moment(c.Onset), Ended: moment(c.Ended), Deployed: c.Deployed,
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

func (c *remoteChange) change() compare.Change {
	return compare.Change{
		Identity: identified(c.Identity), Measure: c.Measure, Verdict: c.Verdict, A: c.A.nanoseconds(), B: c.B.nanoseconds(),
		Effect: float64(c.Effect), Low: float64(c.Low), High: float64(c.High), P: float64(c.P), Q: float64(c.Q), Flagged: c.Flagged, Impact: float64(c.Impact),
		Standing: c.Standing, Reason: c.Reason, Fading: c.Fading, Windows: c.Windows, Since: moment(c.Since), Onset: moment(c.Onset), Ended: moment(c.Ended),
		Cause: c.Cause, Culprit: c.Culprit, Exemplars: c.Exemplars, Fingerprint: c.Fingerprint,
	}
}

// identified is what a change is about. Of a service the API says the name twice.
func identified(id snapshot.Identity) snapshot.Identity {
	if id.Kind == snapshot.Service {
		id.Service = ""
	}
	return id
}

// moment is a time; zero where there is none.
func moment(seconds *int64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(*seconds, 0)
}

func (s *remoteSide) side() compare.Side {
	to := compare.Side{SnapshotID: s.SnapshotID, Start: time.Unix(s.Start, 0), End: time.Unix(s.End, 0), State: s.State, Coverage: s.Coverage}
	for _, v := range s.Versions {
		to.Versions = append(to.Versions, snapshot.Version{Service: v.Service, Version: v.Version, Weight: v.Weight})
	}
	return to
}

// nanoseconds turns the latencies of a group from µs to ns.
func (a *remoteAbsolute) nanoseconds() compare.Absolute {
	to := a.Absolute
	to.ErrorTrace = a.ErrorTraceShare
	for _, v := range [...]*float64{&to.Mean, &to.GeoMean, &to.P50, &to.P95, &to.P99, &to.SelfMean, &to.Wait, &to.GeoWait} {
		*v *= 1000
	}
	return to
}
