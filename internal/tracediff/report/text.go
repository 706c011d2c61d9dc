package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// columns is how wide a line of a cause may be.
const columns = 80

// Text writes a diff for a terminal: the causes first, and then all changes.
func Text(w io.Writer, d *compare.Diff, o Options) error {
	var b strings.Builder
	a, p := Arrange(d), &speaker{Diff: d, show: Clean}
	fmt.Fprintf(&b, "%s (%s)\n\n", headline(d, a), basis(d))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range []struct {
		name string
		side *compare.Side
	}{{"A", &d.A}, {"B", &d.B}} {
		c := &s.side.Coverage
		fmt.Fprintf(t, "  %s\t%s\t%s traces\t%s spans\t%s\n", s.name, window(s.side), count(c.Traces), count(c.Spans), strings.Join(doubts(s.side), ", "))
	}
	_ = t.Flush()
	o.causes(&b, a, p)
	o.table(&b, a, p)
	if text := unsure(d); text != "" {
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	_, err := io.WriteString(w, trimmed(b.String()))
	return err
}

// causes writes two lines for each cause.
func (o Options) causes(b *strings.Builder, a *Arranged, p *speaker) {
	list, rest := o.groups(a)
	for i := range list {
		if i == 0 {
			b.WriteString("\n")
		}
		head := fmt.Sprintf("%2d. ", i+1)
		first, second := twoLines(p, &list[i], columns-len(head))
		b.WriteString(head + first + "\n")
		if second != "" {
			b.WriteString(strings.Repeat(" ", len(head)) + second + "\n")
		}
	}
	if rest > 0 {
		fmt.Fprintf(b, "    and %d more\n", rest)
	}
}

// table writes a line for each change, those of one cause together.
func (o Options) table(b *strings.Builder, a *Arranged, p *speaker) {
	rows, rest, _ := o.listed(a)
	if len(rows) > 0 {
		b.WriteString("\n")
		t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
		fmt.Fprintf(t, "  CAUSE\tCHANGE\tWHERE\tA\tB\tB AGAINST A, 95 %% INTERVAL\tQ\tNOTES\n")
		for _, r := range rows {
			before, after, effect := figures(r.Change)
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
				r.of(), verdicts[r.Verdict], subject(r.Change, Clean), before, after, effect, certainty(r.Q), p.note(&r))
		}
		_ = t.Flush()
	}
	if rest > 0 {
		fmt.Fprintf(b, "  and %d more\n", rest)
	}
}

// of is the number of the cause.
func (r *row) of() string {
	if r.cause == 0 {
		return unknown
	}
	return strconv.Itoa(r.cause)
}

// trimmed is a text without the blanks that tables leave at the ends of lines.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
