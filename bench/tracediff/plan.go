package main

import (
	"context"
	"fmt"
	"io"

	"github.com/assayhq/assay/bench/report"
)

// plan is how much to measure.
type plan struct {
	spans      int // aggregated
	groups     int // of the window whose memory is measured
	fewSpans   int // in it, once
	manySpans  int // and once more
	diffGroups int
}

var (
	full    = plan{spans: 1_000_000, groups: 20_000, fewSpans: 1_000_000, manySpans: 10_000_000, diffGroups: 10_000}
	quickly = plan{spans: 40_000, groups: 500, fewSpans: 20_000, manySpans: 40_000, diffGroups: 200}
)

// cases in the order in which a round goes through them.
func (p plan) cases() []measurement {
	var all []measurement
	for _, sampled := range []bool{false, true} {
		for _, s := range []subject{input, ours, seeds} {
			all = append(all, measurement{Kind: aggregate, Subject: s, Spans: p.spans, Sampled: sampled})
		}
	}
	for _, sampled := range []bool{false, true} {
		for _, spans := range []int{p.fewSpans, p.manySpans} {
			all = append(all, measurement{Kind: groups, Subject: ours, Spans: spans, Groups: p.groups, Sampled: sampled})
		}
	}
	all = append(all, measurement{Kind: groups, Subject: seeds, Spans: p.fewSpans, Groups: p.groups})
	for _, s := range []subject{ours, seeds} {
		all = append(all, measurement{Kind: diff, Subject: s, Groups: p.diffGroups})
	}
	return all
}

// results are the figures of each case, round by round.
type results map[measurement][]figures

func (p plan) measure(ctx context.Context, rounds int, only kind, profiles string, progress io.Writer) (results, error) {
	all := results{}
	for round := range rounds {
		for _, m := range p.cases() {
			if only != "" && m.Kind != only || m.Kind == groups && round > 0 && m.Spans == p.manySpans {
				continue // ten million spans once
			}
			key := m
			m.Profile = profiles
			fmt.Fprintf(progress, "round %d of %d: %s\n", round+1, rounds, m.name())
			f, err := m.inChild(ctx)
			if err != nil {
				return nil, err
			}
			all[key] = append(all[key], f)
		}
	}
	return all, nil
}

func (r results) rounds(m measurement, figure string) (v []float64) {
	for _, f := range r[m] {
		v = append(v, f[figure])
	}
	return v
}

// above is a figure less that of the input in the same round.
func (r results) above(m measurement, figure string) []float64 {
	v := r.rounds(m, figure)
	m.Subject = input
	for i, in := range r.rounds(m, figure) {
		v[i] -= in
	}
	return v
}

func (p plan) rows(r results) (rows []report.Row) {
	for _, sampled := range []bool{false, true} {
		m := measurement{Kind: aggregate, Subject: ours, Spans: p.spans, Sampled: sampled}
		theirs, in, what := m, m, ""
		theirs.Subject, in.Subject = seeds, input
		if sampled {
			what = ", spans with a threshold"
		}
		beside := func(figure string) string { return "input " + report.Number(report.Median(r.rounds(in, figure))) }
		rows = append(
			rows,
			report.Row{
				Title: "time for 1 M spans, input included" + what, Unit: "s", Smart: r.rounds(m, secondsPerMillion), Tail: r.rounds(theirs, secondsPerMillion),
				Beside: beside(secondsPerMillion), Target: report.AtMost(1.5, "at most 1.5 (goal 1)"),
			},
			report.Row{
				Title: "CPU above input" + what, Unit: "us/span", Smart: r.above(m, cpuPerSpan), Tail: r.above(theirs, cpuPerSpan),
				Beside: beside(cpuPerSpan),
			},
			report.Row{
				Title: "allocated above input" + what, Unit: "B/span", Smart: r.above(m, bytesPerSpan), Tail: r.above(theirs, bytesPerSpan),
				Beside: beside(bytesPerSpan), Target: report.AtMost(100, "at most 100 (goal 64)"),
			},
		)
	}
	for _, sampled := range []bool{false, true} {
		for _, spans := range []int{p.fewSpans, p.manySpans} {
			m := measurement{Kind: groups, Subject: ours, Spans: spans, Groups: p.groups, Sampled: sampled}
			theirs, what := m, ""
			theirs.Subject = seeds
			if sampled {
				what = ", with a threshold"
			}
			rows = append(rows, report.Row{
				Title: fmt.Sprintf("heap of %s groups after %s spans%s", report.Number(float64(p.groups)), report.Number(float64(spans)), what), Unit: "MiB",
				Smart: r.rounds(m, heapMiB), Tail: r.rounds(theirs, heapMiB), Target: report.AtMost(64, "at most 64"),
				Beside: report.Number(report.Median(r.rounds(m, groupsMade))) + " groups",
			})
		}
	}
	m := measurement{Kind: diff, Subject: ours, Groups: p.diffGroups}
	theirs := m
	theirs.Subject = seeds
	return append(rows, report.Row{
		Title: fmt.Sprintf("diff of two snapshots of %s groups", report.Number(float64(p.diffGroups))), Unit: "ms",
		Smart: r.rounds(m, milliseconds), Tail: r.rounds(theirs, milliseconds), Target: report.AtMost(50, "at most 50"),
	})
}
