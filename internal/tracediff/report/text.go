package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Options say how much is written.
type Options struct {
	Top int  // changes that are listed; 0: all flagged ones
	All bool // also what was tested and is not flagged
}

// listed are the changes to list, and how many flagged ones are left out.
func (o Options) listed(d *compare.Diff) (list []*compare.Change, rest int) {
	for i := range d.Changes {
		c := &d.Changes[i]
		switch {
		case !c.Flagged && !o.All && c.Standing == "":
		case o.Top > 0 && len(list) >= o.Top:
			if c.Flagged {
				rest++
			}
		default:
			list = append(list, c)
		}
	}
	return list, rest
}

// Text writes a diff for a terminal.
func Text(w io.Writer, d *compare.Diff, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n\n", headline(d), basis(d))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range []struct {
		name string
		side *compare.Side
	}{{"A", &d.A}, {"B", &d.B}} {
		c := &s.side.Coverage
		fmt.Fprintf(t, "  %s\t%s\t%s traces\t%s spans\t%s\n", s.name, window(s.side), count(c.Traces), count(c.Spans), strings.Join(doubts(s.side), ", "))
	}
	_ = t.Flush()
	for i := range d.Causes {
		if i == 0 {
			b.WriteString("\n")
		}
		what, follows := Cause(d, &d.Causes[i], clean)
		b.WriteString(fit(fmt.Sprintf("%2d. %s", i+1, what)) + "\n")
		if follows != "" {
			b.WriteString(fit("    "+follows) + "\n")
		}
	}
	list, rest := o.listed(d)
	if len(list) > 0 {
		b.WriteString("\n")
		t = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintf(t, "  CHANGE\tWHERE\tA\tB\tB AGAINST A, 95 %% INTERVAL\tQ\tNOTES\n")
		for _, c := range list {
			before, after, effect := figures(c)
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", words[c.Verdict], name(&c.Identity, clean), before, after, effect, certainty(c.Q), note(c, clean))
		}
		_ = t.Flush()
	}
	if rest > 0 {
		fmt.Fprintf(&b, "  and %d more\n", rest)
	}
	if unknown, all := unsure(d); unknown > 0 {
		fmt.Fprintf(&b, "\nNot enough data to say anything about %d of %d groups.\n", unknown, all)
	}
	_, err := io.WriteString(w, trimmed(b.String()))
	return err
}

// trimmed is a text without the blanks that tables leave at the ends of lines.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
