package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/sentinel/rehearsal"
)

// page gathers what was measured.
type page struct {
	took     time.Duration
	targets  []target
	sections []string
}

// target is a figure with what it should be.
type target struct {
	figure, want, got string
	met               bool
}

func (p *page) target(met bool, figure, want, format string, args ...any) {
	p.targets = append(p.targets, target{figure, want, fmt.Sprintf(format, args...), met})
}

func (p *page) section(title string, parts ...string) {
	p.sections = append(p.sections, "### "+title+"\n\n"+strings.Join(parts, "\n\n"))
}

// What stands between these marks on the page is the sentinel's.
const (
	begin = "<!-- sentinel: begin -->\n"
	end   = "<!-- sentinel: end -->\n"
)

// write puts the text into the page, in the place of what was there.
func (p *page) write(o *options) error {
	old, err := os.ReadFile(o.out)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	before, rest, opened := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		before, after = strings.TrimSuffix(string(old), "\n")+"\n\n", ""
	}
	return os.WriteFile(o.out, []byte(before+begin+p.text(o)+end+after), 0o644) //nolint:gosec // documentation is for everybody
}

func (p *page) text(o *options) string {
	var b strings.Builder
	b.WriteString("## sentinel\n\n")
	fmt.Fprintf(&b, "`make evaluation-sentinel` wrote this part in %s: the verifier's own code in virtual time, between a generator, a pipeline that breaks in\n"+
		"a known way, and stores that show spans as Jaeger and Tempo do. %d trials of each of %d faults at each of %d vantages.\n\n",
		p.took.Round(time.Second), o.trials, len(rehearsal.Classes()), len(rehearsal.Vantages()))
	fmt.Fprintf(&b, "Machine: %d cores. %s, %s/%s.\n\n### Targets\n\n", processors(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	t := table("figure", "target", "measured", "")
	for _, g := range p.targets {
		met := "met"
		if !g.met {
			met = "**missed**"
		}
		t.row(g.figure, g.want, g.got, met)
	}
	b.WriteString(t.String() + "\n")
	for _, s := range p.sections {
		b.WriteString("\n" + s + "\n")
	}
	return b.String()
}

func processors() int { return runtime.GOMAXPROCS(0) }

// markdown is a table.
type markdown struct{ b strings.Builder }

func table(heads ...string) *markdown {
	t := &markdown{}
	t.row(heads...)
	t.b.WriteString("|" + strings.Repeat("---|", len(heads)) + "\n")
	return t
}

func (t *markdown) row(cells ...string) { t.b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

// String is the table without a last line feed.
func (t *markdown) String() string { return strings.TrimSuffix(t.b.String(), "\n") }
