package simulate

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/terminal"
)

// TextOptions shape the text form of a report.
type TextOptions struct {
	Width int // columns, at least 80
	Paths int // rows of the table of paths; 0: all
}

// narrowest is the width of a terminal for which everything is laid out.
const narrowest = 80

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	o.Width = max(o.Width, narrowest)
	var b strings.Builder
	r.writeKept(&b)
	r.writeFleet(&b)
	r.writeReasons(&b)
	r.writeRules(&b)
	r.writeRecovered(&b)
	r.writeDecisions(&b)
	r.writeLabels(&b)
	r.writePaths(&b, o)
	if len(r.Histogram) > 0 {
		b.WriteString("\nTraces by duration, observed (outline) and retained (filled); log-log\n\n")
		writePlot(&b, r.Histogram)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeKept(b *strings.Builder) {
	in, kept := &r.Input, &r.Kept
	fmt.Fprintf(b, "%s with %s on %s of %s, over %s\n", counted(in.Traces, "trace"), counted(in.Spans, "span"),
		counted(in.Paths, "path"), counted(in.Endpoints, "endpoint"), lasting(in.Seconds))
	if in.WarmUp > 0 {
		fmt.Fprintf(b, "%s went before to warm up and are not counted\n", counted(in.WarmUp, "trace"))
	}
	if in.Sampled > 0 {
		fmt.Fprintf(b, "%s came in sampled; the truth counts what they stand for\n", counted(in.Sampled, "trace"))
	}
	if in.RuledOut > 0 {
		fmt.Fprintf(b, "%s dropped by a rule; no kept trace stands for them\n", counted(in.RuledOut, "trace"))
	}
	b.WriteByte('\n')
	t := newTable("", "in", "kept", "share")
	row := func(name string, in, kept int) { t.row(name, grouped(in), grouped(kept), percent(share(kept, in))) }
	row("spans", in.Spans, kept.Spans)
	row("traces", in.Traces, kept.Traces)
	row("  with an error", in.Errors, kept.Errors)
	row("  with a failed root", in.RootErrors, kept.RootErrors)
	row("paths", in.Paths, kept.Paths)
	t.write(b)
}

func (r *Report) writeReasons(b *strings.Builder) {
	if len(r.Reasons) == 0 {
		b.WriteString("\nNothing was kept.\n")
		return
	}
	b.WriteByte('\n')
	t := newTable("kept for", "traces", "spans", "share of spans")
	for _, k := range r.Reasons {
		t.row(terminal.Printable(k.Reason, 40), grouped(k.Traces), grouped(k.Spans), percent(k.Share))
	}
	t.row("all reasons", grouped(r.Kept.Traces), grouped(r.Kept.Spans), percent(1))
	t.write(b)
}

func (r *Report) writeRules(b *strings.Builder) {
	if len(r.Rules) == 0 {
		return
	}
	b.WriteByte('\n')
	t := newTable("rule", "traces", "kept")
	for _, k := range r.Rules {
		t.row(terminal.Printable(k.Rule, 40), grouped(k.Traces), grouped(k.Kept))
	}
	t.write(b)
	if r.Exceed {
		b.WriteString("Keep rules take more than the budget less its baseline; other traces share the baseline.\n")
	}
}

// fewForEstimates is how many kept traces are too few to say much about all.
const fewForEstimates = 30

func (r *Report) writeRecovered(b *strings.Builder) {
	v := &r.Recovered
	if r.Kept.Traces == 0 {
		return
	}
	if r.Kept.Traces < fewForEstimates {
		fmt.Fprintf(b, "\nOnly %s kept: too few for an estimate; take it as a hint.\n", counted(r.Kept.Traces, "trace"))
	}
	fmt.Fprintf(b, "\nRecovered from the kept traces, each counted 1/p times (mean 1/p %s)\n\n", digits3(r.Kept.MeanInverseP))
	t := newTable("", "truth", "estimate", "95 % interval", "off by")
	row := func(name string, e Estimate, f func(float64) string, off string) {
		interval := f(e.Low) + " to " + f(e.High)
		if e.Open {
			interval = f(e.Low) + " or more"
		}
		t.row(name, f(e.Truth), f(e.Value), interval, off)
	}
	errors := func(e Estimate) string { return signed(e.Z()) + " SE" }
	row("traces", v.Traces, rounded, errors(v.Traces))
	row("spans", v.Spans, rounded, errors(v.Spans))
	row("traces with an error", v.Errors, rounded, errors(v.Errors))
	row("traces with a failed root", v.RootErrors, rounded, errors(v.RootErrors))
	row("error rate", v.ErrorRate, percent, errors(v.ErrorRate))
	for _, q := range [...]struct {
		name string
		e    Estimate
	}{{"p50 of the duration", v.P50}, {"p90", v.P90}, {"p99", v.P99}} {
		row(q.name, q.e, seconds, relative(q.e))
	}
	t.write(b)
	b.WriteString("SE: standard error of the estimate. One interval in twenty misses the truth.\n")
}

// relative is how far off an estimate is, of the truth.
func relative(e Estimate) string {
	if e.Truth == 0 {
		return ""
	}
	v := 100 * (e.Value/e.Truth - 1)
	s := strconv.FormatFloat(v, 'f', 1, 64)
	if v > 0 {
		s = "+" + s
	}
	return s + " %"
}

func (r *Report) writeDecisions(b *strings.Builder) {
	d := &r.Decisions
	b.WriteByte('\n')
	t := newTable("", " ")
	t.row("decided", seconds(d.LatencyP50)+" after the last span (median), 99 % within "+seconds(d.LatencyP99))
	t.row("spans there by then", percent(d.Completeness))
	t.row("kept traces whole", percent(d.Whole))
	t.row("late spans", fmt.Sprintf("%s of kept traces followed, %s of dropped ones did not", grouped(d.LateKept), grouped(d.LateDropped)))
	t.write(b)
	for _, w := range [...]struct {
		n    int
		text string
	}{
		{d.Undecided, "traces were never decided"},
		{d.Lost, "spans were lost"},
		{d.Refused, "spans were refused at first, for lack of memory"},
		{d.Unmarked, "kept spans carry no threshold: their tracestate cannot"},
		{d.Mixed, "kept traces came in with thresholds that no one threshold can follow"},
		{d.BelowOwn, "kept spans are below the threshold that they carry"},
		{d.Uneven, "kept spans carry another threshold than their trace"},
	} {
		if w.n > 0 {
			fmt.Fprintf(b, "Note: %s %s.\n", grouped(w.n), w.text)
		}
	}
}

func (r *Report) writeLabels(b *strings.Builder) {
	l := r.Labels
	if l == nil {
		return
	}
	fmt.Fprintf(b, "\nLabelled anomalies: %s of %s kept, recall %s; %d of %s seen.\n",
		grouped(l.Kept), grouped(l.Anomalous), percent(l.Recall), l.WindowsSeen, counted(l.Windows, "window"))
	fmt.Fprintf(b, "Of %s %s kept.\n\n", counted(l.Normal, "normal trace"), percent(share(l.NormalKept, l.Normal)))
	t := newTable("fault", "traces", "kept", "recall")
	for _, f := range l.Faults {
		t.row(terminal.Printable(f.Fault, 40), grouped(f.Traces), grouped(f.Kept), percent(f.Recall))
	}
	t.row("all faults", grouped(l.Anomalous), grouped(l.Kept), percent(l.Recall))
	t.write(b)
}
