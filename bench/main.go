// Bench compares the smart_tail_sampling processor with tail_sampling of the Collector's contrib repository. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/bench/inprocess"
	"github.com/assayhq/assay/bench/report"
	"github.com/assayhq/assay/bench/wholebinary"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if inprocess.IsChild() {
		os.Exit(inprocess.Child(ctx))
	}
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	quick    bool
	rounds   int
	only     string
	kept     string
	procs    string
	data     string
	profiles string
	binary   string
	peer     string
	results  string
}

func parse(args []string, progress io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&o.quick, "quick", false, "run everything for a moment, to see that it works; the figures mean nothing")
	flags.IntVar(&o.rounds, "rounds", 0, "number of rounds (default 3, with -quick 1)")
	flags.StringVar(&o.only, "only", "", "measure one kind only: flow, held, garbage or latency")
	flags.StringVar(&o.kept, "kept", "", "kept shares in percent, comma-separated, instead of the usual")
	flags.StringVar(&o.procs, "procs", "", "values of GOMAXPROCS, comma-separated, instead of the usual; all but throughput is measured at the first")
	flags.StringVar(&o.data, "data", "", "files of recorded traces, comma-separated, for the memory they take; those that do not exist are left out")
	flags.StringVar(&o.profiles, "profiles", "", "folder for CPU and allocation profiles of the flow and garbage cases")
	flags.StringVar(&o.binary, "binary", "", "measure this collector binary under load from outside, instead of the processors in process")
	flags.StringVar(&o.peer, "peer", "", "with -binary: a collector with the newest tail_sampling, to be measured beside it")
	flags.StringVar(&o.results, "results", "", "Markdown file in which the results take the place of those before")
	return o, flags.Parse(args)
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parse(args, progress)
	if err != nil {
		return err
	}
	measure, section := o.inProcess, sections[0]
	if o.binary != "" {
		measure, section = o.wholeBinary, sections[1]
	}
	began, state := time.Now(), report.Machine()+report.Revision(ctx)
	rows, err := measure(ctx, progress)
	if err != nil {
		return err
	}
	table := report.Table(rows)
	fmt.Fprint(out, table)
	if o.results == "" {
		return nil
	}
	command := strings.Join(args, " ")
	if here, err := os.Getwd(); err == nil {
		command = strings.ReplaceAll(command, filepath.Dir(here)+string(filepath.Separator), "../")
	}
	text := fmt.Sprintf("## %s\n\n- measured %s, in %v\n- command: `go -C bench run . %s`\n%s%s\n%s", section, began.UTC().Format("2006-01-02 15:04 UTC"),
		time.Since(began).Round(time.Second), command, state, report.Versions(modules...), table)
	return report.Replace(o.results, section, text)
}

// sections of the results.
var sections = [...]string{"In process", "Whole binary"}

// modules whose versions belong to the results.
var modules = []string{
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor",
	"go.opentelemetry.io/collector/processor",
	"go.opentelemetry.io/collector/pdata",
}

func (o options) inProcess(ctx context.Context, progress io.Writer) ([]report.Row, error) {
	plan := inprocess.Full()
	if o.quick {
		plan = inprocess.Quick()
	}
	if o.rounds > 0 {
		plan.Rounds = o.rounds
	}
	var err error
	if o.kept != "" {
		if plan.Kept, err = list(o.kept, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }); err != nil {
			return nil, fmt.Errorf("-kept: %w", err)
		}
	}
	if o.procs != "" {
		if plan.Procs, err = list(o.procs, strconv.Atoi); err != nil {
			return nil, fmt.Errorf("-procs: %w", err)
		}
	}
	plan.Only = inprocess.Kind(o.only)
	plan.Profiles = o.profiles
	plan.Data = existing(o.data, progress)
	results, err := plan.Measure(ctx, progress)
	if err != nil {
		return nil, err
	}
	return plan.Rows(results), nil
}

func (o options) wholeBinary(ctx context.Context, progress io.Writer) ([]report.Row, error) {
	plan := wholebinary.Full(o.binary, o.peer)
	if o.quick {
		plan = wholebinary.Quick(o.binary, o.peer)
	}
	if o.rounds > 0 {
		plan.Rounds = o.rounds
	}
	results, err := plan.Measure(ctx, progress)
	if err != nil {
		return nil, err
	}
	return plan.Rows(results), nil
}

// list reads comma-separated values.
func list[T any](text string, read func(string) (T, error)) (values []T, err error) {
	for part := range strings.SplitSeq(text, ",") {
		v, err := read(part)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// existing picks the files that are there.
func existing(files string, progress io.Writer) (there []string) {
	for file := range strings.SplitSeq(files, ",") {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			fmt.Fprintf(progress, "left out: %v\n", err)
			continue
		}
		there = append(there, file)
	}
	return there
}
