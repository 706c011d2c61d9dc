// Journal measures what the journal of smart_tail_sampling costs, next to the same sampler without one, and how long a start takes that
// finds undecided traces. See ../README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/bench/inprocess"
	"github.com/assayhq/assay/bench/report"
	"github.com/assayhq/assay/bench/subject"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if inprocess.IsChild() {
		os.Exit(inprocess.Child(ctx))
	}
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "journal:", err)
		os.Exit(1)
	}
}

const section = "Journal"

// plan is what is measured.
type plan struct {
	flow   inprocess.Case
	fill   inprocess.Case
	rounds int
	folder string // for journals
}

func full() plan {
	return plan{
		flow:   inprocess.Case{Kind: inprocess.Flow, Kept: 5, Procs: 2, Hold: time.Second, Warm: 3 * time.Second, Window: 4 * time.Second},
		fill:   inprocess.Case{Kind: inprocess.Fill, Kept: 5, Procs: 2, Hold: 10 * time.Minute, Spans: 1_000_000},
		rounds: 5,
	}
}

func quick() plan {
	p := full()
	p.flow.Warm, p.flow.Window, p.flow.Rate = 2500*time.Millisecond, time.Second, 40_000
	p.fill.Spans = 40_000
	p.rounds = 1
	return p
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	var results, on string
	var short bool
	rounds := 0
	flags := flag.NewFlagSet("journal", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&short, "quick", false, "run everything for a moment, to see that it works; the figures mean nothing")
	flags.IntVar(&rounds, "rounds", 0, "number of rounds (default 5, with -quick 1)")
	flags.StringVar(&on, "on", "", "folder on the file system that is to be measured, instead of that for temporary files")
	flags.StringVar(&results, "results", "", "Markdown file in which the results take the place of those before")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p := full()
	if short {
		p = quick()
	}
	if rounds > 0 {
		p.rounds = rounds
	}
	var err error
	if p.folder, err = os.MkdirTemp(on, "assay-bench-journal"); err != nil {
		return err
	}
	defer os.RemoveAll(p.folder)
	began, state := time.Now(), report.Machine()+report.Revision(ctx)
	rows, err := p.measure(ctx, progress)
	if err != nil {
		return err
	}
	table := report.TableOf("with journal", "without", rows)
	fmt.Fprint(out, table)
	if results == "" {
		return nil
	}
	text := fmt.Sprintf("## %s\n\n- measured %s, in %v\n- command: `go -C bench run ./journal %s`\n%s%s\n%s", section,
		began.UTC().Format("2006-01-02 15:04 UTC"), time.Since(began).Round(time.Second), strings.Join(args, " "), state,
		report.Versions("go.opentelemetry.io/collector/pdata"), table)
	return report.Replace(results, section, text)
}

// subjects of a round, in turn.
var subjects = []subject.Name{subject.Input, subject.Smart, subject.Journaled}

func (p *plan) measure(ctx context.Context, progress io.Writer) ([]report.Row, error) {
	flow, recovery := map[subject.Name][]inprocess.Figures{}, []inprocess.Figures{}
	began := time.Now()
	for round := range p.rounds {
		order := slices.Clone(subjects)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, name := range order {
			c := p.flow
			c.Subject = name
			if name == subject.Journaled {
				c.Journal = filepath.Join(p.folder, "flow")
			}
			fmt.Fprintf(progress, "%4.0f s  round %d of %d: %s\n", time.Since(began).Seconds(), round+1, p.rounds, c.Name())
			figures, err := c.InChild(ctx)
			if err != nil {
				return nil, err
			}
			flow[name] = append(flow[name], figures)
		}
		fmt.Fprintf(progress, "%4.0f s  round %d of %d: recovery\n", time.Since(began).Seconds(), round+1, p.rounds)
		figures, err := p.recover(ctx)
		if err != nil {
			return nil, err
		}
		recovery = append(recovery, figures)
	}
	return rows(flow, recovery), nil
}

// recover fills a journal in a process that kills itself, and starts on it in another one.
func (p *plan) recover(ctx context.Context) (inprocess.Figures, error) {
	c := p.fill
	c.Subject, c.Journal = subject.Journaled, filepath.Join(p.folder, "recover")
	defer os.RemoveAll(c.Journal)
	var killed *exec.ExitError
	if _, err := c.InChild(ctx); !errors.As(err, &killed) || killed.Exited() {
		return nil, fmt.Errorf("the process that fills the journal was not killed: %w", err)
	}
	c.Kind = inprocess.Recover
	figures, err := c.InChild(ctx)
	if err == nil && int(figures[inprocess.RecoveredSpans]) < c.Spans*99/100 {
		err = fmt.Errorf("%.0f of %d spans were found", figures[inprocess.RecoveredSpans], c.Spans)
	}
	return figures, err
}

func rows(flow map[subject.Name][]inprocess.Figures, recovery []inprocess.Figures) []report.Row {
	above := func(name subject.Name, figure string) (v []float64) {
		for i, f := range flow[name] {
			v = append(v, f[figure]-flow[subject.Input][i][figure])
		}
		return v
	}
	of := func(all []inprocess.Figures, figure string) (v []float64) {
		for _, f := range all {
			v = append(v, f[figure])
		}
		return v
	}
	net := func(title, unit, figure string) report.Row {
		return report.Row{
			Title: title, Unit: unit, Smart: above(subject.Journaled, figure), Tail: above(subject.Smart, figure),
			Beside: "input " + report.Number(report.Median(of(flow[subject.Input], figure))),
		}
	}
	cpu := net("CPU above input, 5 % kept", "us/span", inprocess.CPUPerSpan)
	cpu.Target = report.RatioAtMost(1.15, "ratio at most 1.15")
	start := report.Row{Title: "start that finds 1 M undecided spans", Unit: "s", Smart: of(recovery, inprocess.RecoverySeconds)}
	start.Target = report.AtMost(3, "under 3")
	return []report.Row{
		cpu,
		net("allocations above input", "1/span", inprocess.ObjectsPerSpan),
		net("allocated above input", "B/span", inprocess.BytesPerSpan),
		{
			Title: "throughput, GOMAXPROCS 2", Unit: "spans/s",
			Smart: of(flow[subject.Journaled], inprocess.SpansPerSecond), Tail: of(flow[subject.Smart], inprocess.SpansPerSecond),
		},
		start,
		{Title: "CPU of that", Unit: "s", Smart: of(recovery, inprocess.RecoveryCPU)},
		{Title: "spans found", Unit: "spans", Smart: of(recovery, inprocess.RecoveredSpans)},
		{Title: "journal", Unit: "B/span", Smart: of(recovery, inprocess.JournalPerSpan)},
	}
}
