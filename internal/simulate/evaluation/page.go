package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// page gathers what was measured.
type page struct {
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

// The page holds the evaluations of other parts too. What stands between these marks is the sampler's.
const (
	begin = "<!-- smart_tail_sampling: begin -->\n"
	end   = "<!-- smart_tail_sampling: end -->\n"
)

// write puts the text into the page, in the place of what was there.
func (p *page) write(o *options) error {
	old, err := os.ReadFile(o.out)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	before, rest, found := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		before, after = string(old)+"\n", ""
	}
	return os.WriteFile(o.out, []byte(before+begin+p.text(o)+end+after), 0o644) //nolint:gosec // documentation is for everybody
}

// text is the sampler's part of the page.
func (p *page) text(o *options) string {
	var b strings.Builder
	b.WriteString("## smart_tail_sampling\n\n")
	fmt.Fprintf(&b, "`make evaluation` wrote this part: the sampler's own code in virtual time, with its defaults but for the budget,\n"+
		"%d runs over labelled data and %d runs for bias and coverage, each under fresh trace ids.\n\n"+
		"Machine: %s. %s, %s/%s.\n\n", o.seeds, o.rekeyed, machine(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	b.WriteString("### Targets\n\n")
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

// machine names the processor as far as the system tells it.
func machine() string {
	name := ""
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = ", " + strings.TrimSpace(value)
				break
			}
		}
	}
	return strconv.Itoa(runtime.NumCPU()) + " cores" + name
}

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

// pct writes a share as a percentage.
func pct(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }

// pct2 writes a share as a percentage, more exactly.
func pct2(share float64) string { return strconv.FormatFloat(100*share, 'f', 2, 64) + " %" }

// num writes a number with so many decimals.
func num(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }
