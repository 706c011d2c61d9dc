package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// The part of the page between these marks is this command's.
const (
	begin = "<!-- trace_diff: begin -->"
	end   = "<!-- trace_diff: end -->"
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

// write replaces what stands between the marks, or appends it.
func (p *page) write(o *options) error {
	old, err := os.ReadFile(o.out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	before, rest, found := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		before, after = strings.TrimRight(string(old), "\n")+"\n\n", "\n"
	}
	text := before + begin + "\n" + p.text(o) + "\n" + end + after
	return os.WriteFile(o.out, []byte(text), 0o644) //nolint:gosec // documentation is for everybody
}

func (p *page) text(o *options) string {
	var b strings.Builder
	t := compare.DefaultThresholds()
	b.WriteString("## trace_diff\n\n")
	fmt.Fprintf(&b, "`make evaluation-diff` wrote this part: trace_diff's own code with its defaults, fixed before the run (false discovery rate %v,\n"+
		"latency ratio %v, error delta %v, call ratio %v, %d windows in a row). %d pairs without a change, %d for each change, size and\n"+
		"system; the systems are not those that thresholds and priors were chosen on. Intervals are Wilson's, 95 %%. Machine: %d cores, %s, %s/%s.\n\n",
		t.FDR, t.MinLatencyRatio, t.MinErrorDelta, t.MinCallRatio, t.Persist, o.pairs, o.repeats, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	targets := table("figure", "target", "measured", "")
	for _, g := range p.targets {
		met := "met"
		if !g.met {
			met = "**missed**"
		}
		targets.row(g.figure, g.want, g.got, met)
	}
	b.WriteString("### Targets of trace_diff\n\n" + targets.String() + "\n\n")
	b.WriteString(strings.Join(p.sections, "\n\n"))
	return b.String()
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

// num writes a number with so many decimals.
func num(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }

// of is how often something happened.
type of struct{ hits, all int }

func (o *of) add(hit bool) {
	o.all++
	if hit {
		o.hits++
	}
}

func (o of) share() float64 { return float64(o.hits) / float64(max(1, o.all)) }

// String writes it as a percentage.
func (o of) String() string {
	if o.all == 0 {
		return "-"
	}
	return num(100*o.share(), 1) + " %"
}

// interval writes it with its interval.
func (o of) interval() string {
	if o.all == 0 {
		return "-"
	}
	const z = 1.96
	n, p := float64(o.all), o.share()
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return fmt.Sprintf("%s (%s to %s)", o, num(100*max(0, mid-half), 1), num(100*min(1, mid+half), 1))
}
