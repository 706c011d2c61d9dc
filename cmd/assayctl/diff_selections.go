package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// selections choose the traces of both sides among those that match the query, by the flags --a-query and --b-query.
type selections struct {
	a, b       string
	sideBySide bool           // a collector is to compare two of its queries
	set        *pflag.FlagSet // nil in commands that have no such flags
}

func (s *selections) flags(f *pflag.FlagSet) {
	s.set = f
	f.StringVar(&s.a, "a-query", "", "`TEXT` of a query: A is the traces that match it, instead of all others than B; with --b-query")
	f.StringVar(&s.b, "b-query", "", "`TEXT` of a query: compare the traces of FILE that match it, B, with those that do not, side by side")
	f.BoolVar(&s.sideBySide, "side-by-side", false, "with --url: A and B are windows of two queries, of the same time, and also what tells their traces apart is said")
}

// given tells whether selections are to be compared.
func (s *selections) given() bool { return s.set != nil && s.set.Changed("b-query") }

// validate reports flags that contradict each other.
func (s *selections) validate() error {
	switch {
	case !s.given() && s.a != "":
		return errors.New("--a-query: takes --b-query too, whose traces it is compared with; --b-query alone is compared with the rest")
	case s.sideBySide && !s.set.Changed("url"):
		return errors.New("--side-by-side: compares two queries of a collector; name it with --url, or select the traces of a file with --b-query")
	case !s.given():
		return nil
	case s.set.Changed("url"):
		return errors.New("--b-query: a collector holds sums of windows, not spans to choose from: compare files, " +
			"or give the collector two queries and compare their windows with --side-by-side")
	}
	for _, flag := range []string{"history", "save"} {
		if s.set.Changed(flag) {
			return fmt.Errorf("--%s: is about whole windows; leave it out with --b-query", flag)
		}
	}
	return nil
}

// parsed are the queries of the selections; A's is nil where it is the rest.
func (s *selections) parsed() (by window.Selection, err error) {
	if by.B, err = query.Parse(s.b); err != nil {
		return by, fmt.Errorf("--b-query: %w", err)
	}
	if s.set.Changed("a-query") {
		if by.A, err = query.Parse(s.a); err != nil {
			return by, fmt.Errorf("--a-query: %w", err)
		}
	}
	return by, nil
}

// runSelections compares selections, and writes the result.
func (o *diffOptions) runSelections(ctx context.Context, files []string, s streams) error {
	compare := o.compareSelections
	if o.selections.sideBySide {
		compare = o.compareQueries
	}
	result, err := compare(ctx, files, s)
	if err == nil {
		err = o.writeSelections(s, result)
	}
	if err != nil {
		return diffFailed(err)
	}
	if result.Flagged() > 0 {
		return &exitError{exitFailed, nil}
	}
	return nil
}

// compareQueries lets a collector compare two of its queries.
func (o *diffOptions) compareQueries(ctx context.Context, ids []string, _ streams) (*report.SideBySide, error) {
	return o.server.sideBySide(ctx, ids[0], ids[1])
}

// compareSelections compares two selections of the traces of one file, or one of each of two files.
func (o *diffOptions) compareSelections(ctx context.Context, files []string, s streams) (*report.SideBySide, error) {
	by, err := o.selections.parsed()
	if err != nil {
		return nil, err
	}
	if err := o.sides.parse(s); err != nil {
		return nil, err
	}
	f, err := o.sides.survey(ctx, files)
	if err != nil {
		return nil, err
	}
	a, b, both, err := o.sides.selected(ctx, f, by)
	if err != nil {
		return nil, err
	}
	if err := o.selections.empty(files, a, b); err != nil {
		return nil, err
	}
	d, apart := compare.SideBySide(a, b, o.sides.keys, o.thresholds, func(key, value string) bool {
		return by.B.Selects(key, value) || by.A != nil && by.A.Selects(key, value)
	})
	result := &report.SideBySide{Diff: d, Apart: apart, A: o.selections.a, B: o.selections.b, Both: both, Attributes: f.attributes()}
	if result.A == "" && len(files) == 2 {
		result.A = query.Everything
	}
	return result, nil
}

// empty refuses a side without traces.
func (s *selections) empty(files []string, a, b *snapshot.Snapshot) error {
	last := files[len(files)-1]
	switch {
	case b.Coverage.Traces == 0:
		return fmt.Errorf("--b-query: no trace of %s matches %s", last, s.b)
	case a.Coverage.Traces > 0:
		return nil
	case s.a != "":
		return fmt.Errorf("--a-query: no trace of %s matches %s, but such as match --b-query as well, and count for B", files[0], s.a)
	case len(files) == 1:
		return fmt.Errorf("--b-query: every trace of %s matches %s, so that there is nothing to compare them with; choose fewer", last, s.b)
	}
	return fmt.Errorf("%s: no trace matches the query", files[0])
}

// surveyed is what a first pass over recordings has found out.
type surveyed struct {
	files    []string
	extents  []window.Extent
	captured []window.Captured
	leftOut  []string
	more     bool
}

// survey reads recordings once, for the time they cover and the attributes they have.
func (r *sideReader) survey(ctx context.Context, files []string) (*surveyed, error) {
	f := &surveyed{files: files, extents: make([]window.Extent, len(files))}
	discovery := window.NewDiscovery()
	for i, path := range files {
		if path == otlpfile.Stdin {
			return nil, errors.New("- : a recording is read twice, which standard input cannot; name a file")
		}
		if saved, err := readSnapshot(path); err != nil || saved != nil {
			if err == nil {
				err = fmt.Errorf("%s: is a snapshot, which holds sums, not spans to choose from with --b-query; name the recording", path)
			}
			return nil, err
		}
		extent := &f.extents[i]
		if err := r.each(ctx, path, func(td ptrace.Traces) error {
			extent.Add(td)
			discovery.Add(td)
			return nil
		}); err != nil {
			return nil, err
		}
		if extent.Empty() {
			return nil, fmt.Errorf("%s: holds no spans", path)
		}
	}
	f.captured, f.leftOut, f.more = discovery.Captures(r.keys)
	return f, nil
}

// selected makes the snapshots of both sides.
func (r *sideReader) selected(ctx context.Context, f *surveyed, by window.Selection) (a, b *snapshot.Snapshot, both uint64, err error) {
	replay := func(i int, by window.Selection) (*window.Sides, error) {
		next, stop := r.pull(ctx, f.files[i])
		defer stop()
		start, end := f.extents[i].Bulk()
		return window.ReplaySides(r.parsed, by, f.captured, window.DefaultLimits(), start, end, next) //nolint:contextcheck // next looks at the context
	}
	if len(f.files) == 1 {
		s, err := replay(0, by)
		if err != nil {
			return nil, nil, 0, err
		}
		a, b, both = s.A, s.B, s.Both
	} else {
		for i, q := range []*query.Query{by.A, by.B} {
			if q == nil {
				q, _ = query.Parse(query.Everything) // it parses
			}
			s, err := replay(i, window.Selection{B: q})
			if err != nil {
				return nil, nil, 0, err
			}
			a, b = b, s.B
		}
	}
	for _, side := range []struct {
		name string
		of   *snapshot.Snapshot
	}{{"A", a}, {"B", b}} {
		side.of.QueryID = r.asked()
		side.of.ID = side.name
	}
	r.leftOut(f.files[0], a)
	if len(f.files) > 1 {
		r.leftOut(f.files[1], b)
	}
	return a, b, both, nil
}

// attributes says which ones were not captured as they are.
func (f *surveyed) attributes() *report.Attributes {
	a := &report.Attributes{LeftOut: f.leftOut, More: f.more}
	for _, c := range f.captured {
		switch c.Form {
		case window.AsRanges:
			a.Ranges = append(a.Ranges, c.Key)
		case window.AsPresence:
			a.Presence = append(a.Presence, c.Key)
		}
	}
	return a
}

// writeSelections writes the result in the chosen format.
func (o *diffOptions) writeSelections(s streams, r *report.SideBySide) error {
	options := report.Options{Top: o.top, All: o.all}
	switch o.output {
	case outputJSON:
		return writeJSON(s.out, report.NewSideBySide(r, options))
	case outputMarkdown:
		return report.SideBySideMarkdown(s.out, "Two selections side by side", r, options)
	default:
		return report.SideBySideText(s.out, r, options)
	}
}
