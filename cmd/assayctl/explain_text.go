package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/terminal"
	"github.com/assayhq/assay/internal/wire"
)

// explanationText collects lines under a heading.
type explanationText struct{ strings.Builder }

func (t *explanationText) line(label, format string, values ...any) {
	fmt.Fprintf(t, "  %-12s %s\n", label, fmt.Sprintf(format, values...))
}

func writeExplanation(w io.Writer, x *wire.Explanation) error {
	t := &explanationText{}
	switch x.Fate {
	case wire.FateOpen:
		t.open(x)
	case wire.FateDecided:
		t.decided(x)
	case wire.FateRemembered:
		fmt.Fprintf(t, "%s: %s\n", x.TraceID, kept(x.Outcome))
		t.outcome(x.Outcome)
		t.line("reasons", "not known any more: they are kept of what was decided since %s", atTime(x.ReasonsSince))
	default:
		fmt.Fprintf(t, "%s: not remembered\n", x.TraceID)
		t.line("reaches", "back to %s; a trace of that time or later has not come to this sampler", atTime(x.DecisionsSince))
	}
	_, err := io.WriteString(w, t.String())
	return err
}

func kept(o *wire.Outcome) string {
	switch {
	case o.DryRun && !o.Kept:
		return "forwarded in a dry run, would be dropped"
	case o.Kept:
		return "kept"
	}
	return "dropped"
}

func (t *explanationText) open(x *wire.Explanation) {
	o := x.Open
	fmt.Fprintf(t, "%s: not decided yet\n", x.TraceID)
	t.line("holds", "%d spans; the last one came at %s", o.Spans, atTime(o.LastSeen))
	if !o.Complete {
		t.line("waits", "the root or the parent of a span has not arrived")
	}
	t.line("latest", "it is decided at %s", atTime(o.Latest))
}

func (t *explanationText) decided(x *wire.Explanation) {
	r := x.Reasons
	fmt.Fprintf(t, "%s: %s, reason %s\n", x.TraceID, kept(x.Outcome), terminal.Printable(r.Reason, 80))
	t.line("trace", "%s; %d spans in %s, %d with errors", operation(&r.Endpoint), r.Spans, duration(r.Duration), r.Errors)
	if r.Fragment {
		t.line("", "its root or the parent of a span was missing")
	}
	t.line("decided", "%s, %s after its last span", atTime(r.Decided), duration(r.Latency))
	if r.Rule != "" {
		t.line("rule", "%s", terminal.Printable(r.Rule, 80))
	}
	t.line("probability", "%s; every trace like it had %s at least", share(r.Probability), share(r.Baseline))
	t.outcome(x.Outcome)
	if !r.Marked {
		t.line("", "it cannot carry its threshold: its tracestate is broken, or its spans came with different ones")
	}
	if r.Incoming < 1 {
		t.line("", "samplers in front keep %s of such traces", share(r.Incoming))
	}
	if math.IsNaN(float64(r.Cutoff)) {
		t.line("interest", "%s; the budget held no more than what every trace has", rounded(r.Weight))
	} else {
		t.line("interest", "%s; kept for certain from %s on", rounded(r.Weight), rounded(r.Cutoff))
	}
	for _, s := range r.Signs {
		t.sign(&s, r)
	}
	if x.Path != nil {
		t.path(x.Path)
	}
}

func (t *explanationText) outcome(o *wire.Outcome) {
	relation := "<"
	if o.Randomness >= o.Threshold {
		relation = ">="
	}
	t.line("randomness", "%.4f %s threshold %.4f (rv:%s, th:%s)", float64(o.Randomness), relation, float64(o.Threshold), o.RV, o.TH)
	if o.LateSpans > 0 {
		t.line("late", "%d more spans have come since, and follow the decision", o.LateSpans)
	}
}

func (t *explanationText) sign(s *wire.Sign, r *wire.Reasons) {
	unit := "bits of surprise"
	if s.Name == "latency" {
		unit = "times the excess that is not remarkable yet"
	}
	text := rounded(s.Strength) + " " + unit
	switch {
	case !math.IsNaN(float64(s.Enough)):
		text += "; alone enough from " + rounded(s.Enough) + " on"
	case s.Strength > 0:
		text += "; no part of the budget is for it"
	}
	if s.Operation != nil {
		switch s.Name {
		case "latency":
			text += fmt.Sprintf("; %s too slow, most of it %s", duration(r.Excess), operation(s.Operation))
		default:
			text += "; most of it " + operation(s.Operation)
		}
	}
	t.line("  "+s.Name, "%s", text)
}

func (t *explanationText) path(p *wire.Path) {
	t.line("path", "%s, usually %s traces/s; p50 %s, p99 %s; %s with errors; %s kept", p.Path, rounded(p.Rate), duration(float64(p.P50)), duration(float64(p.P99)),
		share(p.Errors), share(p.Kept))
	if p.Wait != nil {
		t.line("", "complete when quiet for %s", duration(*p.Wait))
	}
}

func operation(o *wire.Operation) string {
	if o.Service == "" && o.Name == "" {
		return "an operation whose name is not known"
	}
	return terminal.Printable(o.Service, 40) + ": " + terminal.Printable(o.Name, 60)
}

func atTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func duration(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d >= time.Second:
		d = d.Round(10 * time.Millisecond)
	case d >= time.Millisecond:
		d = d.Round(10 * time.Microsecond)
	}
	return d.String()
}

func share(n wire.Number) string { return rounded(100*n) + " %" }

// rounded writes three digits.
func rounded(n wire.Number) string {
	if math.Abs(float64(n)) >= 1e6 {
		return fmt.Sprintf("%.1e", float64(n))
	}
	if n >= 1000 {
		return fmt.Sprintf("%.0f", float64(n))
	}
	return fmt.Sprintf("%.3g", float64(n))
}
