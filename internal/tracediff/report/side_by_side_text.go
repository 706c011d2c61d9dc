package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// SideBySideText writes two selections side by side for a terminal.
func SideBySideText(w io.Writer, s *SideBySide, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n\n", s.headline(), s.basis())
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, side := range s.sides(Clean) {
		c := &side.of.Coverage
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s traces\t%s spans\t%s\n",
			side.name, side.selected, window(side.of), count(c.Traces), count(c.Spans), strings.Join(doubts(side.of), ", "))
	}
	_ = t.Flush()
	if list, rest := s.listed(o); len(list) > 0 {
		b.WriteString("\nWhat tells B from A\n\n")
		propertyTable(&b, list)
		if rest > 0 {
			fmt.Fprintf(&b, "  and %d more\n", rest)
		}
	}
	if list, rest := top(s.Apart.Selected, o); len(list) > 0 {
		b.WriteString("\nWhat they were selected by, which differs for that reason\n\n")
		propertyTable(&b, list)
		if rest > 0 {
			fmt.Fprintf(&b, "  and %d more\n", rest)
		}
	}
	if remarks := s.remarks(Clean); len(remarks) > 0 {
		b.WriteString("\n" + strings.Join(remarks, "\n") + "\n")
	}
	if beside := s.beside(); Flagged(beside) > 0 || o.All {
		b.WriteString("\nHow they differ beside that\n\n")
		if _, err := io.WriteString(w, trimmed(b.String())); err != nil {
			return err
		}
		return Text(w, beside, o)
	}
	_, err := io.WriteString(w, trimmed(b.String()))
	return err
}

// selectedSide is a side with the words for it.
type selectedSide struct {
	name, selected string
	of             *compare.Side
}

func (s *SideBySide) sides(show func(string) string) [2]selectedSide {
	return [2]selectedSide{
		{"A", selection(s.A, "all others", show), &s.Diff.A},
		{"B", selection(s.B, "all", show), &s.Diff.B},
	}
}

// top is as much of a list as is to be shown.
func top(list []compare.Property, o Options) (first []compare.Property, rest int) {
	if o.Top == 0 || len(list) <= o.Top {
		return list, 0
	}
	return list[:o.Top], len(list) - o.Top
}

// propertyTable writes properties as rows; what else the same traces have stands below each.
func propertyTable(b *strings.Builder, list []compare.Property) {
	var rows strings.Builder
	t := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  TRACES WITH\tA\tB\tB - A, 95 %% INTERVAL\tQ\tNOTES\n")
	for i := range list {
		p := &list[i]
		a, of, difference := shares(p)
		note := ""
		if len(p.Exemplars) > 0 {
			note = "trace " + Clean(p.Exemplars[0])
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\n", property(p, Clean), a, of, difference, known(p.Q, certainty), note)
	}
	_ = t.Flush()
	for i, row := range strings.SplitAfter(rows.String(), "\n") {
		b.WriteString(row)
		if i > 0 && i <= len(list) {
			if text := sameTraces(&list[i-1], Clean); text != "" {
				b.WriteString("    " + text + "\n")
			}
		}
	}
}
