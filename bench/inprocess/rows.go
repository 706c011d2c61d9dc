package inprocess

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assayhq/assay/bench/report"
	"github.com/assayhq/assay/bench/subject"
)

// Rows are the results as lines of a table, in the order of the plan.
func (p *Plan) Rows(results Results) []report.Row {
	var rows []report.Row
	for _, g := range p.groups() {
		of := measured{results, g}
		switch g.Kind {
		case Flow:
			rows = append(rows, of.flowRows(g.Procs != p.Procs[0])...)
		case Held:
			rows = append(rows, of.heldRows()...)
		case Garbage:
			rows = append(rows, of.garbageRows()...)
		case Latency:
			rows = append(rows, of.latencyRows()...)
		}
	}
	return rows
}

// measured is the results of a group of cases.
type measured struct {
	results Results
	group
}

// rounds is a figure of a subject, round by round.
func (m measured) rounds(name subject.Name, figure string) (v []float64) {
	c := m.Case
	c.Subject = name
	for _, f := range m.results[c] {
		v = append(v, f[figure])
	}
	return v
}

// above is a figure of a subject less that of the input in the same round.
func (m measured) above(name subject.Name, figure string) []float64 {
	v := m.rounds(name, figure)
	for i, input := range m.rounds(subject.Input, figure) {
		v[i] -= input
	}
	return v
}

func (m measured) row(title, unit, figure string) report.Row {
	return report.Row{Title: title, Unit: unit, Smart: m.rounds(subject.Smart, figure), Tail: m.rounds(subject.Tail, figure)}
}

func (m measured) rowAbove(title, unit, figure string) report.Row {
	return report.Row{
		Title: title, Unit: unit, Smart: m.above(subject.Smart, figure), Tail: m.above(subject.Tail, figure),
		Beside: "input " + report.Number(report.Median(m.rounds(subject.Input, figure))),
	}
}

func (m measured) flowRows(speedOnly bool) []report.Row {
	flow := m.row(fmt.Sprintf("throughput, %v %% kept, GOMAXPROCS %d", m.Kept, m.Procs), "spans/s", SpansPerSecond)
	flow.Beside = "input " + report.Number(report.Median(m.rounds(subject.Input, SpansPerSecond)))
	at := fmt.Sprintf(", %v %% kept", m.Kept)
	cpu := m.rowAbove("CPU above input"+at, "us/span", CPUPerSpan)
	switch {
	case speedOnly:
		return []report.Row{flow}
	case m.learned:
		cpu.Title += ", decided as usual (learned; after 10 s)"
		return []report.Row{cpu}
	case m.Kept == usualKept:
		cpu.Target = report.RatioAtMost(0.25, "ratio at most 0.25 (goal 0.167)")
	}
	return []report.Row{
		cpu,
		m.rowAbove("allocations above input"+at, "1/span", ObjectsPerSpan),
		m.rowAbove("allocated above input"+at, "B/span", BytesPerSpan),
		flow,
		m.row("really kept"+at, "% of spans", KeptPercent),
	}
}

func (m measured) heldRows() []report.Row {
	held := slices.Max(append(m.rounds(subject.Smart, SpansHeld), 0))
	what := fmt.Sprintf("%.2g M spans held", held/1e6)
	target := report.RatioAtMost(0.25, "ratio at most 0.25 (goal 0.167)")
	if name := filepath.Base(m.recorded); m.recorded != "" {
		what += " of " + name
		target = report.Target{}
		if strings.HasPrefix(name, "ob0822.") {
			target = report.AtMost(200, "under 200")
		}
	}
	resident := m.row("resident, "+what, "B/span", ResidentPerSpan)
	resident.Target = target
	return []report.Row{
		resident,
		m.row("of that, live Go heap", "B/span", HeapPerSpan),
		m.row("peak while filling", "B/span", PeakPerSpan),
	}
}

func (m measured) garbageRows() []report.Row {
	with := func(title, unit, figure string) report.Row {
		r := m.row(title, unit, figure)
		r.Beside = "input " + report.Number(report.Median(m.rounds(subject.Input, figure)))
		return r
	}
	used := with("GC, share of the CPU used", "%", GCOfUsed)
	used.Target = report.AtMost(3, "under 3")
	return []report.Row{
		m.row(fmt.Sprintf("spans held at %.0f spans/s", m.Rate), "spans", SpansHeld),
		used,
		with("GC, share of all cores", "%", GCOfAll),
		with("GC, longest stop of the world", "ms", GCLongStop),
		with("GC, stops of the world", "ms/s", GCStops),
		with("CPU with all that", "us/span", CPUPerSpan),
	}
}

func (m measured) latencyRows() []report.Row {
	median := m.row("decision after the last span, p50", "ms", LatencyP50)
	median.Target = report.AtMost(500, "at most 500")
	late := m.row("spans behind the decision on their trace", "% of spans", LatePercent)
	late.Target = report.AtMost(0.1, "at most 0.1 (completeness 99.9)")
	return []report.Row{median, m.row("decision after the last span, p99", "ms", LatencyP99), late}
}
