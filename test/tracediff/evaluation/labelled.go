package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/scorecard"
)

// labelled measures in which line of the report of a labelled fault the faulty service is named.
func labelled(_ context.Context, o *options, p *scorecard.Part) error {
	sets, err := o.datasets()
	if err != nil || len(sets) == 0 {
		return err
	}
	t := scorecard.NewTable("recording", "fault", "service", "line, of lines", "in each minute", "against the stretch before", "each minute against that before")
	var notes []string
	for _, d := range sets {
		progress("labelled faults of %s: %d", d.name, len(d.faults))
		got, err := d.labelled(t) //nolint:contextcheck // aggregating takes no context: it cannot wait
		if err != nil {
			return err
		}
		got.windows.targets(p, "labelled faults of "+d.name)
		notes = append(notes, fmt.Sprintf("%s, %d normal traces: first line %s, first three %s of fault windows; %s and %s of single minutes; against the\n"+
			"stretch just before, %d of %d windows and %d of %d minutes in the first three.",
			d.name, len(d.quiet), got.windows.first, got.windows.three, got.minutes.first, got.minutes.three,
			got.stretch.three.hits, got.stretch.three.all, got.pieces.three.hits, got.pieces.three.all))
	}
	p.Section("Labelled faults",
		"Published research data that is not part of this repository, without history. Each window with a fault, and each minute of it, against\n"+
			"all normal traces of the recording put together; and against a healthy stretch of equal length that ends where the fault may begin,\n"+
			"where there is one (\"-\": there is none). The line of the report that first names the faulty service.",
		t.String(), strings.Join(notes, "\n"))
	return nil
}

// ranks is what was seen of the faults of a data set.
type ranks struct{ windows, minutes, stretch, pieces reported }

// labelled compares the faults of a data set.
func (d *dataset) labelled(t *scorecard.Table) (*ranks, error) {
	baseline, err := joined(d.quiet)
	if err != nil {
		return nil, err
	}
	got := &ranks{}
	for i := range d.faults {
		f := &d.faults[i]
		window := f.period()
		whole, err := d.line(&got.windows, f, baseline, window)
		if err != nil {
			return nil, err
		}
		var minutes, before []string
		stretch := "-"
		if healthy, ok := d.before(f, window.length()); ok {
			if stretch, err = d.against(&got.stretch, f, healthy, window); err != nil {
				return nil, err
			}
		}
		minute, ok := d.before(f, time.Minute)
		for _, piece := range window.pieces(time.Minute) {
			line, err := d.line(&got.minutes, f, baseline, piece)
			if err != nil {
				return nil, err
			}
			minutes = append(minutes, line)
			if !ok {
				continue
			}
			if line, err = d.against(&got.pieces, f, minute, piece); err != nil {
				return nil, err
			}
			before = append(before, line)
		}
		if !ok {
			before = []string{"-"}
		}
		t.Row(d.name, f.Type, f.Service, whole, strings.Join(minutes, ", "), stretch, strings.Join(before, ", "))
	}
	return got, nil
}

// line compares a period of a fault with a baseline, and says which line of how many names the service.
func (d *dataset) line(got *reported, f *fault, baseline *snapshot.Snapshot, p period) (string, error) {
	b, err := aggregated(p.within(d.traces), p.from, p.length())
	if err != nil {
		return "", err
	}
	diff := compare.Compare(baseline, b, nil, compare.DefaultThresholds())
	if reportLines(diff) == 0 {
		got.report(nil, nil)
		return "not flagged", nil
	}
	got.report(diff, []string{f.Service})
	if rank := lineOf(diff, f.Service); rank > 0 {
		return fmt.Sprintf("%d of %d", rank, reportLines(diff)), nil
	}
	return "none of " + strconv.Itoa(reportLines(diff)), nil
}

// against is line with a healthy period as the baseline.
func (d *dataset) against(got *reported, f *fault, healthy, p period) (string, error) {
	a, err := aggregated(healthy.within(d.traces), healthy.from, healthy.length())
	if err != nil {
		return "", err
	}
	return d.line(got, f, a, p)
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
