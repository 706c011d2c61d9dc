package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Markdown writes a diff for a comment on a pull request, under a title.
func Markdown(w io.Writer, title string, d *compare.Diff, o Options) error {
	var b strings.Builder
	a, p := Arrange(d), &speaker{Diff: d, show: escaped}
	fmt.Fprintf(&b, "### %s\n\n**%s.** %s.\n\n", escaped(title), headline(d, a), basis(d))
	b.WriteString("| | window (UTC) | traces | spans | |\n|---|---|---:|---:|---|\n")
	for _, s := range []struct {
		name string
		side *compare.Side
	}{{"A", &d.A}, {"B", &d.B}} {
		c := &s.side.Coverage
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.name, window(s.side), count(c.Traces), count(c.Spans), strings.Join(doubts(s.side), ", "))
	}
	causes, more := o.groups(a)
	for i := range causes {
		if i == 0 {
			b.WriteString("\n")
		}
		what, follows := Cause(d, causes[i].Cause, escaped)
		fmt.Fprintf(&b, "%d. **%s**", i+1, harmless(what))
		if follows != "" {
			b.WriteString("<br>" + harmless(follows))
		}
		b.WriteString("\n")
	}
	if more > 0 {
		fmt.Fprintf(&b, "\nand %d more.\n", more)
	}
	rows, rest, _ := o.listed(a)
	if len(rows) > 0 {
		b.WriteString("\n| cause | change | where | A | B | B against A, 95 % interval | q | |\n|---:|---|---|---:|---:|---|---:|---|\n")
		for _, r := range rows {
			before, after, effect := figures(r.Change)
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", r.of(), verdicts[r.Verdict], subject(r.Change, escaped),
				harmless(before), harmless(after), harmless(effect), harmless(certainty(r.Q)), p.note(&r))
		}
	}
	if rest > 0 {
		fmt.Fprintf(&b, "\nand %d more.\n", rest)
	}
	if text := unsure(d); text != "" {
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// harmless escapes what our own words have a meaning in Markdown for; names are escaped already.
func harmless(text string) string { return strings.ReplaceAll(text, "<", "&lt;") }
