package simulate

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/terminal"
)

// WriteText writes the summary for people.
func (s *Summary) WriteText(w io.Writer, o TextOptions) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s traces, %s spans in each\n\n", counted(s.Seeds, "run"), rounded(s.Traces.Mean), rounded(s.Spans.Mean))
	t := newTable("", "mean", "sd", "least", "most")
	row := func(name string, v Spread, f func(float64) string) {
		t.row(name, f(v.Mean), f(v.SD), f(v.Min), f(v.Max))
	}
	row("kept spans", s.SpanShare, percent)
	row("kept traces", s.TraceShare, percent)
	if s.Recall != nil {
		row("recall of anomalies", *s.Recall, percent)
		row("fault windows seen", *s.WindowsSeen, percent)
	}
	row("paths seen", s.PathsSeen, percent)
	row("mean 1/p", s.MeanInverseP, digits3)
	row("spans there when decided", s.Completeness, percent)
	row("kept traces that are whole", s.Whole, percent)
	row("decision latency, median", s.LatencyP50, seconds)
	row("decision latency, 99 %", s.LatencyP99, seconds)
	t.write(&b)
	s.writeReasons(&b)
	s.writeFaults(&b)
	s.writeQuantities(&b, max(o.Width, narrowest))
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Summary) writeReasons(b *strings.Builder) {
	if len(s.Reasons) == 0 {
		return
	}
	b.WriteByte('\n')
	t := newTable("kept for", "traces per run", "share of spans")
	for _, r := range s.Reasons {
		t.row(terminal.Printable(r.Reason, 40), strconv.FormatFloat(r.Traces, 'f', 1, 64), percent(r.Share))
	}
	t.row("all reasons", strconv.FormatFloat(s.KeptTraces.Mean, 'f', 1, 64), percent(1))
	t.write(b)
}

func (s *Summary) writeFaults(b *strings.Builder) {
	if len(s.Faults) == 0 {
		return
	}
	b.WriteByte('\n')
	t := newTable("fault", "traces", "kept", "recall")
	for _, f := range s.Faults {
		t.row(terminal.Printable(f.Fault, 40), grouped(f.Traces), grouped(f.Kept), percent(f.Recall))
	}
	t.write(b)
}

func (s *Summary) writeQuantities(b *strings.Builder, width int) {
	fmt.Fprintf(b, "\nRecovered, mean over the runs (pooled z of the trace count %s)\n\n", signed(s.PooledZ))
	t := newTable("", "truth", "estimate", "kept", "bias", "95 % holds", "Wald holds")
	for i := range s.Quantities {
		q := &s.Quantities[i]
		t.row(terminal.Printable(q.Name, width), rounded(q.Truth), rounded(q.Estimate), rounded(q.Kept), q.bias(), q.holds(q.Coverage), q.holds(q.Wald))
	}
	for i := range s.Derived {
		q := &s.Derived[i]
		f, bias := seconds, "exact"
		if i == 0 {
			f = percent
		}
		if !q.Exact {
			bias = strconv.FormatFloat(100*(q.Ratio.Mean-1), 'f', 1, 64) + " %"
		}
		t.row(terminal.Printable(q.Name, width), f(q.Truth), f(q.Estimate), rounded(q.Kept), bias, q.holds(q.Coverage), "")
	}
	t.fit(0, width)
	t.write(b)
	b.WriteString("Bias of totals is in standard errors of the mean: beyond 3 they are biased.\n" +
		"Rates and quantiles are consistent, not unbiased: theirs is relative. Intervals\n" +
		"in brackets rest on fewer than 100 traces in the mean.\n")
}

func (q *Quantity) bias() string {
	if q.Exact {
		return "exact"
	}
	return signed(q.Bias)
}

// holds is how often an interval held, in brackets where too few traces are kept to judge it by.
func (q *Quantity) holds(share float64) string {
	switch {
	case q.Exact:
		return "exact"
	case q.Enough():
		return percent(share)
	}
	return "(" + percent(share) + ")"
}
