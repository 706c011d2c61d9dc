package simulate

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// WriteText writes the sweep for people; unit follows the budgets, "" where they are percentages.
func (s *Sweep) WriteText(w io.Writer, o TextOptions, unit string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s traces with %s spans; %s of each budget\n\n", rounded(s.Traces), rounded(s.Spans), counted(s.Runs, "run"))
	s.writeTable(&b, unit)
	fmt.Fprintf(&b, "\nKept of: %s slow, longer than the recording's 99th percentile of their path\n"+
		"(or endpoint, where the path has fewer than %d traces; none where that has);\n"+
		"%s with a failed root; %s with an error in any span", rounded(s.Slow), enoughForSlow, rounded(s.RootErrors), rounded(s.Errors))
	if s.Anomalous != nil {
		fmt.Fprintf(&b, "; %s labelled anomalous", rounded(*s.Anomalous))
	}
	b.WriteString(".\nSE: standard error of the estimated number of traces, of that number.\n\n")
	s.writeBars(&b, max(o.Width, narrowest))
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Sweep) writeTable(b *strings.Builder, unit string) {
	heads := []string{"budget", "spans", "", "traces", "", "slow", "root", "error"}
	if s.Anomalous != nil {
		heads = append(heads, "anomaly")
	}
	t := newTable(append(heads, "SE")...)
	for i := range s.Budgets {
		p := &s.Budgets[i]
		cells := []string{
			p.name(unit), rounded(p.KeptSpans), percent(p.SpanShare), rounded(p.KeptTraces), percent(p.TraceShare),
			recalled(p.SlowRecall), recalled(p.RootRecall), recalled(p.ErrorRecall),
		}
		if s.Anomalous != nil {
			cells = append(cells, recalled(p.AnomalyRecall))
		}
		t.row(append(cells, percent(p.StdErr))...)
	}
	t.write(b)
}

// name is the percentage, and what that is where the budget is a rate.
func (p *SweepPoint) name(unit string) string {
	name := strconv.FormatFloat(p.Percentage, 'f', -1, 64) + " %"
	if unit != "" {
		name += " = " + digits3(p.Budget) + unit
	}
	return name
}

// recalled writes a recall, a dash where there is nothing to recall.
func recalled(r *float64) string {
	if r == nil {
		return "-"
	}
	return percent(*r)
}

// writeBars draws what a budget buys: volume, recall, and how sure the estimate is. All bars are of 100 %.
func (s *Sweep) writeBars(b *strings.Builder, width int) {
	const labels = 8 + 6 + 4 + 8 // budget, figure, spaces, value
	wide := min(100, width-labels)
	for i := range s.Budgets {
		p := &s.Budgets[i]
		name := strconv.FormatFloat(p.Percentage, 'f', -1, 64) + " %"
		for _, r := range [...]struct {
			name  string
			value *float64
		}{{"spans", &p.SpanShare}, {"slow", p.SlowRecall}, {"root", p.RootRecall}, {"error", p.ErrorRecall}, {"SE", &p.StdErr}} {
			if r.value == nil {
				continue
			}
			fmt.Fprintf(b, "%8s  %-5s  %s %s\n", name, r.name, bar(*r.value, wide), percent(*r.value))
			name = ""
		}
	}
}

// bar fills so much of a width, to an eighth of a column. What is more than all ends in an arrow; a little can be seen.
func bar(share float64, width int) string {
	if share > 1 {
		return strings.Repeat("█", width-1) + "▶"
	}
	n := int(math.Round(share * float64(width) * eighths))
	if share > 0 {
		n = max(1, n)
	}
	s := strings.Repeat("█", n/eighths)
	if n%eighths > 0 {
		s += string(rightward[n%eighths])
	}
	return s
}

// rightward fills a cell from the left.
var rightward = [eighths]rune{' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'}
