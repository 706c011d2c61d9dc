package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/scorecard"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// fault is a labelled window of a data set.
type fault struct {
	Start   int64  `json:"start"` // ns since 1970
	End     int64  `json:"end"`
	Service string `json:"service"`
	Type    string `json:"type"`
}

// readFaults reads the windows of a labels file; nil where it is not there.
func readFaults(path string) ([]fault, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var labels struct {
		Windows []fault `json:"windows"`
	}
	if err := json.Unmarshal(b, &labels); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels.Windows, nil
}

// labelled measures where the faulty service stands in the report of a fault's window.
func labelled(_ context.Context, o *options, p *scorecard.Part) error {
	faults, err := readFaults(filepath.Join(o.shared, "ob0822.labels.json"))
	if err != nil || len(faults) == 0 {
		return err
	}
	progress("labelled faults: %d", len(faults))
	all, err := readRecording(filepath.Join(o.shared, "ob0822.jsonl.zst"))
	if err != nil {
		return err
	}
	quiet, err := quietTraces(o, "ob0822")
	if err != nil {
		return err
	}
	baseline, err := joined(quiet) //nolint:contextcheck // aggregating takes no context: it cannot wait
	if err != nil {
		return err
	}
	t := scorecard.NewTable("fault", "service", "rank in its window", "rank in each minute of it")
	var windows, minutes of
	for _, f := range faults {
		from, until := time.Unix(0, f.Start), time.Unix(0, f.End)
		rank, err := f.rank(all, baseline, from, until) //nolint:contextcheck // aggregating takes no context: it cannot wait
		if err != nil {
			return err
		}
		windows.add(rank > 0 && rank <= 3)
		var each []string
		for at := from; at.Add(time.Minute).Before(until); at = at.Add(time.Minute) {
			r, err := f.rank(all, baseline, at, at.Add(time.Minute)) //nolint:contextcheck // aggregating takes no context: it cannot wait
			if err != nil {
				return err
			}
			minutes.add(r > 0 && r <= 3)
			each = append(each, ranked(r))
		}
		t.Row(f.Type, f.Service, ranked(rank), strings.Join(each, ", "))
	}
	p.Target(windows.share() >= 0.8, "labelled faults of ob0822: faulty service among the first 3 of the report", "at least 80 %",
		"%d of %d windows; %s of single minutes", windows.hits, windows.all, minutes)
	p.Section("Labelled faults",
		fmt.Sprintf("Each window of ob0822 with a fault against its %d normal traces put together, without history: the place of the faulty service\n"+
			"among the services that the report names, in its order. A slow call to a service whose own spans are as fast as ever (a delay in the\n"+
			"network) names both, the one that is waited for first.", len(quiet)), t.String())
	return nil
}

func ranked(rank int) string {
	if rank == 0 {
		return "not flagged"
	}
	return strconv.Itoa(rank)
}

// joined is a snapshot of traces with the pauses between them left out.
func joined(traces []*recorded) (*snapshot.Snapshot, error) {
	var list []moved
	var length time.Duration
	for _, s := range stretches(traces, pauseOver) {
		for _, t := range s.traces {
			list = append(list, moved{t, at(0).Add(length).Sub(s.from)})
		}
		length += s.until.Sub(s.from) + time.Second
	}
	return aggregated(list, at(0), length)
}

// rank is the place of the faulty service; 0 if it is not in the report.
func (f *fault) rank(all []*recorded, baseline *snapshot.Snapshot, from, until time.Time) (int, error) {
	var traces []moved
	for _, t := range all {
		if !t.start.Before(from) && t.start.Before(until) {
			traces = append(traces, moved{t, 0})
		}
	}
	b, err := aggregated(traces, from, until.Sub(from))
	if err != nil {
		return 0, err
	}
	d := compare.Compare(baseline, b, nil, compare.DefaultThresholds())
	seen := map[string]bool{}
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.Flagged {
			break
		}
		if c.Kind != snapshot.Service && c.Kind != snapshot.Operation && c.Kind != snapshot.Edge {
			continue
		}
		named := []string{c.Service}
		if c.Kind == snapshot.Service {
			named[0] = c.Value
		}
		if c.Toward != "" {
			named = []string{c.Toward, c.Service}
		}
		for _, service := range named {
			if seen[service] {
				continue
			}
			seen[service] = true
			if service == f.Service {
				return len(seen), nil
			}
		}
	}
	return 0, nil
}
