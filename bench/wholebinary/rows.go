package wholebinary

import (
	"fmt"

	"github.com/assayhq/assay/bench/report"
	"github.com/assayhq/assay/bench/subject"
)

// Rows are the results as lines of a table.
func (p *Plan) Rows(results Results) []report.Row {
	tail := contender{name: subject.Tail, binary: p.Binary}
	most, held := measured{results: results, load: p.Most, ours: p.Binary, tail: tail}, measured{results: results, load: p.Held, ours: p.Binary, tail: tail}

	speed := most.row("throughput", "spans/s", perSecond)
	speed.Target = report.AtLeast(350_000, "at least 350,000 (no sampler 780,000)")
	memory := held.row("peak resident memory", "MiB", peak)
	memory.Target = report.AtMost(250, "under 250")
	rows := []report.Row{
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
	for _, c := range p.contenders() {
		if c.shards == 0 {
			continue
		}
		for _, m := range []measured{most, held} {
			m.tail = c
			m.beside = fmt.Sprintf(", beside tail_sampling %s with num_shards %d", peerVersion, c.shards)
			rows = append(rows, m.row("throughput", "spans/s", perSecond), m.row("CPU of the collector", "us/span", cpuPerSpan),
				m.row("peak resident memory", "MiB", peak))
		}
	}
	return rows
}

// peerVersion is that of the peer; a test compares it with bench/peer/builder-config.yaml.
const peerVersion = "v0.161.0"

func perSecond(f figures) float64  { return f.perSecond }
func cpuPerSpan(f figures) float64 { return f.cpuPerSpan }
func peak(f figures) float64       { return f.peak }

// measured is the results of our binary under one load, beside those of tail_sampling somewhere.
type measured struct {
	results Results
	load
	ours   string // binary
	tail   contender
	beside string // which tail_sampling, if it is not that of our binary
}

// rounds is a figure of a contender, round by round.
func (m measured) rounds(c contender, of func(figures) float64) (v []float64) {
	for _, f := range m.results[run{m.load, c}] {
		v = append(v, of(f))
	}
	return v
}

// own is our binary with a sampler of it, or none.
func (m measured) own(name subject.Name) contender { return contender{name: name, binary: m.ours} }

func (m measured) row(what, unit string, of func(figures) float64) report.Row {
	return report.Row{
		Title: what + ", " + m.title + m.beside, Unit: unit,
		Smart: m.rounds(m.own(subject.Smart), of), Tail: m.rounds(m.tail, of),
		Beside: "no sampler " + report.Number(report.Median(m.rounds(m.own(subject.Input), of))),
	}
}

// above is the CPU less that of the pipeline without sampler in the same round.
func (m measured) above() report.Row {
	r := m.row("CPU above no sampler", "us/span", cpuPerSpan)
	r.Beside = ""
	r.Target = report.RatioAtMost(0.25, "ratio at most 0.25 (goal 0.167)")
	for i, none := range m.rounds(m.own(subject.Input), cpuPerSpan) {
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
