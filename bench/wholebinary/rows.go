package wholebinary

import (
	"github.com/assayhq/assay/bench/report"
	"github.com/assayhq/assay/bench/subject"
)

// Rows are the results as lines of a table.
func (p *Plan) Rows(results Results) []report.Row {
	most, held := measured{results, p.Most}, measured{results, p.Held}

	speed := most.row("throughput", "spans/s", perSecond)
	speed.Target = report.AtLeast(350_000, "at least 350,000 (no sampler 780,000)")
	memory := held.row("peak resident memory", "MiB", peak)
	memory.Target = report.AtMost(250, "under 250")
	return []report.Row{
		speed,
		most.row("CPU of the collector", "us/span", cpuPerSpan),
		most.above(),
		most.row("peak resident memory", "MiB", peak),
		most.kept(),
		memory,
		held.row("CPU of the collector", "us/span", cpuPerSpan),
		held.row("accepted", "spans/s", perSecond),
		held.kept(),
	}
}

func perSecond(f figures) float64  { return f.perSecond }
func cpuPerSpan(f figures) float64 { return f.cpuPerSpan }
func peak(f figures) float64       { return f.peak }

// measured is the results under one load.
type measured struct {
	results Results
	load
}

// rounds is a figure of a subject, round by round.
func (m measured) rounds(name subject.Name, of func(figures) float64) (v []float64) {
	for _, f := range m.results[run{m.load, name}] {
		v = append(v, of(f))
	}
	return v
}

func (m measured) row(what, unit string, of func(figures) float64) report.Row {
	return report.Row{
		Title: what + ", " + m.title, Unit: unit,
		Smart: m.rounds(subject.Smart, of), Tail: m.rounds(subject.Tail, of),
		Beside: "no sampler " + report.Number(report.Median(m.rounds(subject.Input, of))),
	}
}

// above is the CPU less that of the pipeline without sampler in the same round.
func (m measured) above() report.Row {
	r := m.row("CPU above no sampler", "us/span", cpuPerSpan)
	r.Beside = ""
	r.Target = report.RatioAtMost(0.25, "ratio at most 0.25 (goal 0.167)")
	for i, none := range m.rounds(subject.Input, cpuPerSpan) {
		r.Smart[i] -= none
		r.Tail[i] -= none
	}
	return r
}

func (m measured) kept() report.Row {
	r := m.row("really kept", "% of traces", func(f figures) float64 { return f.keptPercent })
	r.Beside = ""
	return r
}
