package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/assayhq/assay/internal/otlpfile"
	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/terminal"
)

const simulateLong = `Simulate shows what a smart_tail_sampling configuration would keep of recorded traces. It runs the
sampler itself, in virtual time and without a network: an hour of traces takes seconds.

Traces are sent as far apart as they were recorded, or --rate a second, under fresh random ids that follow from --seed.
The first traces meet a sampler that knows nothing yet; --warm sends them all once before, uncounted.

Without --config the defaults are simulated. A configuration may be that of a whole collector; simulated is the first
smart_tail_sampling of its traces pipelines, or the one that --processor names. It is read as the collector reads it,
with ${env:NAME} and --set.

With --labels, a JSON file {"traces": {"TRACE ID": ["normal" or "anomalous", "FAULT", "WINDOW"]}}, the result says how
many of the anomalous traces were kept. --thin 0.02 leaves out so many of these, chosen by the seed, that they are 2 %.

With --seeds the same traces are sampled over and over under other ids. That shows what chance does to one run, and
whether estimates are right in the mean and as often as their 95 % intervals say.

With --sweep budgets of 0.5, 1, 2, 5, 10 and 20 % of what comes in are tried, or --sweep=1,3 of these, in the unit of the
configured budget: how many slow and failing traces each keeps, how sure the count is, and how much is kept. Chance has a
part in one run; --seeds 20 shows the mean of 20.

With --gateways 4 traces are dealt out to four samplers by a consistent hash of their id, as the load_balancing exporter does.
Each learns from its own traces only, and has a quarter of a budget of spans, traces or bytes a second, or the same percentage.
The result is that of all four together. --gateways 1,2,4,8 compares fleets of these sizes.

Exit codes:
  0    simulated
  1    a file could not be read whole, or there was nothing to simulate
  2    wrong usage, or a configuration that is not valid
  130  interrupted`

const simulateExample = `  assayctl simulate testdata/traces/hotrod.jsonl.zst
  assayctl simulate --config gateway.yaml --rate 150 --warm traces.jsonl.zst
  assayctl simulate --set processors::smart_tail_sampling::budget::percentage=5 traces.jsonl.zst
  assayctl simulate --sweep --seeds 20 --config gateway.yaml traces.jsonl.zst
  assayctl simulate --gateways 1,2,4,8 --seeds 20 --config gateway.yaml --rate 400 --warm traces.jsonl.zst
  assayctl simulate --labels traces.labels.json --thin 0.02 --seeds 20 --output json traces.jsonl.zst`

// simulateOptions is the command line.
type simulateOptions struct {
	sampler  samplerSource
	labels   string
	schedule simulate.Schedule
	seeds    int
	workers  int
	sweep    sweepBudgets
	gateways fleetSizes
	paths    int
	output   string
	quiet    bool
}

func newSimulateCommand(s streams) *cobra.Command {
	o := simulateOptions{schedule: simulate.Schedule{Seed: 1}, seeds: 1, workers: runtime.GOMAXPROCS(0), paths: 20}
	cmd := &cobra.Command{
		Use:     "simulate FILE...",
		Short:   "Show what a sampler configuration would keep of recorded traces",
		Long:    simulateLong,
		Example: simulateExample,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(o.sweep)+len(o.gateways) > 0 && !cmd.Flags().Changed("workers") {
				o.workers = min(o.workers, sweepWorkers)
			}
			return o.run(cmd.Context(), args, s)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&o.sampler.uris, "config", "c", nil, "`FILE` with the sampler, or yaml:TEXT or env:NAME; may be repeated, the later one wins")
	f.StringArrayVar(&o.sampler.sets, "set", nil, "`KEY=VALUE` of the configuration, as processors::smart_tail_sampling::baseline=0.1; may be repeated")
	f.StringVar(&o.sampler.processor, "processor", "", "`NAME` of the processor in the configuration (default: the first smart_tail_sampling)")
	f.Float64VarP(&o.schedule.Rate, "rate", "r", 0, "traces a second, `N`; 0 for as far apart as they were recorded")
	f.BoolVarP(&o.schedule.Warm, "warm", "w", false, "send all traces but the anomalous once before, uncounted")
	f.StringVarP(&o.labels, "labels", "l", "", "`FILE` that says which traces are anomalous")
	f.Float64Var(&o.schedule.Thin, "thin", 0, "leave out anomalous traces until they are this `SHARE` of all")
	f.Uint64Var(&o.schedule.Seed, "seed", o.schedule.Seed, "`NUMBER` that the ids follow from")
	f.IntVarP(&o.seeds, "seeds", "n", o.seeds, "`N` runs, with this seed and the following ones")
	f.IntVar(&o.workers, "workers", o.workers, "`N` runs side by side; each has its own copy of the traces")
	addSweepFlag(f, &o.sweep)
	f.VarP(&o.gateways, "gateways", "g", "deal traces and budget out to `N` gateways; 1,2,4,8 compares fleets of these sizes")
	f.IntVar(&o.paths, "top", o.paths, "show the `N` most walked paths; 0 for all")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress and no notes, only the result and errors")
	outputFlag(cmd, &o.output)
	return cmd
}

func (o *simulateOptions) validate() error {
	errs := []error{o.schedule.Validate()}
	for _, n := range [...]struct {
		flag  string
		value int
		least int
	}{{"--seeds", o.seeds, 1}, {"--workers", o.workers, 1}, {"--top", o.paths, 0}} {
		if n.value < n.least {
			errs = append(errs, fmt.Errorf("%s: must be at least %d, got %d", n.flag, n.least, n.value))
		}
	}
	if len(o.sweep) > 0 && len(o.gateways) > 1 {
		errs = append(errs, fmt.Errorf("--gateways %s: must be one number with --sweep", &o.gateways))
	}
	return errors.Join(errs...)
}

func (o *simulateOptions) run(ctx context.Context, files []string, s streams) error {
	if o.labels != "" {
		l, err := simulate.ReadLabels(o.labels)
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("--labels: %w", err)}
		}
		o.schedule.Labels = l
	}
	if err := o.validate(); err != nil {
		return err
	}
	var bar *terminal.Progress
	if !o.quiet {
		bar = terminal.NewProgress(s.err)
		defer bar.Done()
	}
	sampler, err := o.sampler.load(ctx, bar.Print)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	rec, err := simulate.Source{
		Files: files, Stdin: s.in,
		Broken:   func(e *otlpfile.RecordError) { bar.Print(e.Error()) },
		Progress: func(done float64) { bar.Set(done, "reading") },
	}.Load(ctx)
	if err != nil {
		return simulateFailed(err)
	}
	result, err := o.simulate(ctx, sampler, rec, bar)
	if err != nil {
		return simulateFailed(err)
	}
	bar.Done()
	result.Files = files
	if o.output == outputJSON {
		err = writeJSON(s.out, result)
	} else {
		err = result.writeText(s.out, simulate.TextOptions{Width: columns(s.out), Paths: o.paths})
	}
	if err != nil {
		return &exitError{exitFailed, err}
	}
	if rec.Broken > 0 {
		return &exitError{code: exitFailed}
	}
	return nil
}

func simulateFailed(err error) error {
	if errors.Is(err, context.Canceled) {
		return &exitError{code: exitInterrupted}
	}
	return &exitError{exitFailed, err}
}

// simulate runs one seed or many.
func (o *simulateOptions) simulate(ctx context.Context, sampler *sampler, rec *simulate.Recording, bar *terminal.Progress) (*simulation, error) {
	out := &simulation{
		Sampler: sampler.describe(), Seed: o.schedule.Seed, Seeds: o.seeds, Rate: o.schedule.Rate,
		Gateways: o.gateways, Warm: o.schedule.Warm, Thin: o.schedule.Thin, Broken: rec.Broken, WithoutID: rec.WithoutID,
	}
	progress := func(done float64) { bar.Set(done, "simulating") }
	if len(o.sweep) > 0 {
		var err error
		o.noteShort(o.schedule.Plan(rec.Traces), sampler, bar)
		out.Sweep, err = o.runSweep(ctx, sampler, rec, progress)
		return out, err
	}
	if len(o.gateways) > 1 {
		var err error
		o.noteShort(o.schedule.Plan(rec.Traces), sampler, bar)
		out.Fleet, err = o.runFleet(ctx, sampler, rec, progress)
		return out, err
	}
	if o.seeds > 1 {
		_, sum, err := simulate.Repetition{
			Config: sampler.engine, Gateways: o.gateways.one(), Schedule: o.schedule, Seeds: o.seeds, Workers: o.workers, Progress: progress,
		}.Run(ctx, rec.Traces)
		out.Summary = sum
		return out, err
	}
	plan := o.schedule.Plan(rec.Traces)
	o.noteShort(plan, sampler, bar)
	res, err := simulate.Runner{Config: sampler.engine, Gateways: o.gateways.one(), Progress: progress}.Run(ctx, plan.Arrivals)
	if err != nil {
		return nil, err
	}
	out.Report = simulate.NewReport(plan, res, o.schedule.Labels)
	return out, nil
}

// noteShort says that a recording is too short to show what steady traffic would.
func (o *simulateOptions) noteShort(plan simulate.Plan, sampler *sampler, bar *terminal.Progress) {
	if lasts, wait := plan.Lasts(), sampler.engine.Completion.InitialWait; lasts < wait && !o.quiet {
		bar.Print(fmt.Sprintf("the traces begin within %v, less than completion::initial_wait (%v): none is decided before all have come, and "+
			"nothing is usual yet; --warm sends them once before, --rate spreads them", lasts.Round(time.Millisecond), wait))
	}
}

// columns is the width of the terminal, 0 where there is none.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !terminal.IsTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
