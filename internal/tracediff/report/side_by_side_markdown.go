package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// SideBySideMarkdown writes two selections side by side for a comment, under a title.
func SideBySideMarkdown(w io.Writer, title string, s *SideBySide, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n**%s.** %s.\n\n", escaped(title), s.headline(), s.basis())
	b.WriteString("| | selected by | window (UTC) | traces | spans | |\n|---|---|---|---:|---:|---|\n")
	for _, side := range s.sides(escaped) {
		c := &side.of.Coverage
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
			side.name, side.selected, window(side.of), count(c.Traces), count(c.Spans), strings.Join(doubts(side.of), ", "))
	}
	if list, rest := s.listed(o); len(list) > 0 {
		b.WriteString("\n#### What tells B from A\n\n")
		propertyMarkdown(&b, list, rest)
	}
	if list, rest := top(s.Apart.Selected, o); len(list) > 0 {
		b.WriteString("\n#### What they were selected by, which differs for that reason\n\n")
		propertyMarkdown(&b, list, rest)
	}
	for _, r := range s.remarks(escaped) {
		b.WriteString("\n" + r + "\n")
	}
	if beside := s.beside(); Flagged(beside) > 0 || o.All {
		b.WriteString("\n")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
		return Markdown(w, "How they differ beside that", beside, o)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// propertyMarkdown writes properties as a table.
func propertyMarkdown(b *strings.Builder, list []compare.Property, rest int) {
	b.WriteString("| traces with | A | B | B - A, 95 % interval | q | |\n|---|---:|---:|---|---:|---|\n")
	figure := strings.NewReplacer("<", "&lt;").Replace
	for i := range list {
		p := &list[i]
		a, of, difference := shares(p)
		notes := []string{}
		if text := sameTraces(p, escaped); text != "" {
			notes = append(notes, text)
		}
		if len(p.Exemplars) > 0 {
			notes = append(notes, "trace "+escaped(p.Exemplars[0]))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n",
			property(p, escaped), figure(a), figure(of), difference, figure(known(p.Q, certainty)), strings.Join(notes, "; "))
	}
	if rest > 0 {
		fmt.Fprintf(b, "\nand %d more.\n", rest)
	}
}
