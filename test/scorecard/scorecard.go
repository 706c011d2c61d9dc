// Package scorecard writes what a command has measured into its part of a Markdown page, with the targets beside the figures.
//
//	Part     a command's part of the page: targets and sections    (scorecard.go)
//	Table    a Markdown table; Number, Percent, Machine            (table.go)
package scorecard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Part gathers what was measured. What stands between the marks of its name on a page is replaced; the rest of the page stays.
type Part struct {
	Name     string // heading, and name of the marks
	targets  []target
	sections []string
}

// target is a figure with what it should be.
type target struct {
	figure, want, got string
	met               bool
}

// Target adds a figure, what it should be, and what it is.
func (p *Part) Target(met bool, figure, want, format string, args ...any) {
	p.targets = append(p.targets, target{figure, want, fmt.Sprintf(format, args...), met})
}

// Section adds a section of several paragraphs.
func (p *Part) Section(title string, paragraphs ...string) {
	p.sections = append(p.sections, "### "+title+"\n\n"+strings.Join(paragraphs, "\n\n"))
}

// Write puts the part into the page, after its introduction, in the place of what was there, or at the end. The page is made if it
// is missing.
func (p *Part) Write(path, introduction string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	begin, end := "<!-- "+p.Name+": begin -->\n", "<!-- "+p.Name+": end -->\n"
	before, rest, opened := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		before, after = strings.TrimRight(string(old), "\n"), ""
		if before != "" {
			before += "\n\n"
		}
	}
	return os.WriteFile(path, []byte(before+begin+p.text(introduction)+end+after), 0o644) //nolint:gosec // documentation is for everybody
}

func (p *Part) text(introduction string) string {
	targets := NewTable("figure", "target", "measured", "")
	for _, g := range p.targets {
		met := "met"
		if !g.met {
			met = "**missed**"
		}
		targets.Row(g.figure, g.want, g.got, met)
	}
	parts := append([]string{"## " + p.Name, introduction, "### Targets of " + p.Name + "\n\n" + targets.String()}, p.sections...)
	return strings.Join(parts, "\n\n") + "\n"
}
