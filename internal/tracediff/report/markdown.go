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
	fmt.Fprintf(&b, "### %s\n\n**%s.** %s.\n\n", escaped(title), headline(d), basis(d))
	b.WriteString("| | window (UTC) | traces | spans | |\n|---|---|---:|---:|---|\n")
	for _, s := range []struct {
		name string
		side *compare.Side
	}{{"A", &d.A}, {"B", &d.B}} {
		c := &s.side.Coverage
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.name, window(s.side), count(c.Traces), count(c.Spans), strings.Join(doubts(s.side), ", "))
	}
	list, rest := o.listed(d)
	if len(list) > 0 {
		b.WriteString("\n| change | where | A | B | B against A, 95 % interval | q | |\n|---|---|---:|---:|---|---:|---|\n")
		for _, c := range list {
			before, after, effect := figures(c)
			figure := strings.NewReplacer("<", "&lt;").Replace
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n",
				words[c.Verdict], name(&c.Identity, escaped), figure(before), figure(after), figure(effect), figure(certainty(c.Q)), note(c, escaped))
		}
	}
	if rest > 0 {
		fmt.Fprintf(&b, "\nand %d more.\n", rest)
	}
	if unknown, all := unsure(d); unknown > 0 {
		fmt.Fprintf(&b, "\nNot enough data to say anything about %d of %d groups.\n", unknown, all)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
