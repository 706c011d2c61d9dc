package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

const diffLong = `Diff says what changed from A to B: which services, operations, calls, paths and attribute values are
new, missing, slower or failing more, by how much, and how sure that is. Causes come first: where it happened, what, and
since when; then all changes, those of one cause together. Differences are B against A.

A and B are files: recorded traces, as replay reads them, or snapshots, as --save writes them. With --url they are ids of
snapshots that a collector with trace_diff holds, and the collector compares them.

How much two windows of a healthy system differ is not known from two files. Diff then takes a stated prior (5 % in
latency and in error shares, 10 % in calls). Better name earlier healthy windows with --history, oldest first.

Only what answers one question can be compared: snapshots of another --query or --scope are refused, and so are those that hold
the values of other attributes, unless --key names attributes that both have.

With --b-query, two selections of the traces of one FILE are compared side by side: slow against fast, a canary against stable, one
tenant against the rest. B is the traces of which a span matches --b-query, A those that match --a-query, or else all others; a trace
that matches both belongs to B. With two files, A is selected from the first and B from the second. All attributes that the spans and
their resources have are searched for what tells B from A, not only those of --key, together with services, operations, paths and
errors: the share of the traces of each side that have it, and the difference. What traces were selected by differs for that reason,
and stands apart. A query can ask for the duration of the whole trace: --b-query 'trace.duration > 1s'.

A collector's windows hold sums, not spans to select from. With --side-by-side it compares the windows of two of its queries.

A window of recorded traces is cut into 20 slices of at least a second each; some 5 s of traffic is the least that anything
but "not enough data" can be said about. That a change began or ended inside of a window, and when, is seen in windows of 8 s
and more. A few spans that are far from all others in time are left out, which is said.

Exit codes:
  0    no change is flagged, and nothing tells two selections apart
  1    a change is flagged, or something does
  2    the comparison could not be made
  130  interrupted`

const diffExample = `  assayctl diff before.jsonl.zst after.jsonl.zst
  assayctl diff --query 'service IN ("checkout")' --key tenant --output markdown before.jsonl after.jsonl
  assayctl diff --history monday.snapshot --history tuesday.snapshot wednesday.snapshot today.jsonl.zst
  assayctl diff --b-query 'trace.duration > 1s' recorded.jsonl.zst
  assayctl diff --query 'service IN ("checkout")' --a-query 'version = "1.4"' --b-query 'version = "1.5"' recorded.jsonl.zst
  assayctl diff --url http://localhost:4000 SNAPSHOT-A SNAPSHOT-B
  assayctl diff --url http://localhost:4000 --component trace_diff/eu SNAPSHOT-A SNAPSHOT-B`

// diffOptions is the command line of diff and gate.
type diffOptions struct {
	sides      sideReader
	thresholds compare.Thresholds
	history    []string
	selections selections
	server     diffServer
	top        int
	all        bool
	output     string
	save       string
}

func newDiffCommand(s streams) *cobra.Command {
	o := newDiffOptions()
	cmd := &cobra.Command{
		Use:     "diff A B | --b-query TEXT FILE",
		Short:   "Say what changed between two windows of traces",
		Long:    diffLong,
		Example: diffExample,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.selections.given() || cmd.Flags().Changed("a-query") { // which alone is refused for a better reason
				return cobra.RangeArgs(1, 2)(cmd, args)
			}
			return cobra.ExactArgs(2)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.selections.given() || o.selections.sideBySide {
				return o.runSelections(cmd.Context(), args, s)
			}
			d, err := o.compare(cmd.Context(), args[0], args[1], s)
			if err != nil {
				return diffFailed(err)
			}
			if err := o.write(s.out, d); err != nil {
				return diffFailed(err)
			}
			if report.Flagged(d) > 0 {
				return &exitError{exitFailed, nil}
			}
			return nil
		},
	}
	o.flags(cmd, []string{outputText, outputMarkdown, outputJSON})
	o.selections.flags(cmd.Flags())
	return cmd
}

// outputMarkdown is a value of --output of diff.
const outputMarkdown = "markdown"

func newDiffOptions() *diffOptions {
	return &diffOptions{thresholds: compare.DefaultThresholds(), top: 30, output: outputText}
}

// flags adds what diff and gate have in common.
func (o *diffOptions) flags(cmd *cobra.Command, outputs []string) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.sides.query, "query", "Q", query.Everything, "`TEXT` of a query, LightStep form or OTTL: compare only traces that match it; * matches all")
	f.StringVar(&o.sides.scope, "scope", scopeTrace, "`SCOPE` of the query: trace, all spans of a trace that matches, or span, only those that match")
	f.StringSliceVarP(&o.sides.keys, "key", "k", defaultKeys(), "`ATTRIBUTE` whose values are compared; may be repeated")
	f.StringArrayVar(&o.history, "history", nil, "`FILE` of an earlier healthy window; may be repeated, oldest first")
	f.Float64Var(&o.thresholds.FDR, "fdr", o.thresholds.FDR, "false discovery rate, `SHARE`")
	f.Float64Var(&o.thresholds.MinLatencyRatio, "min-latency-ratio", o.thresholds.MinLatencyRatio, "smallest `RATIO` of latencies worth flagging")
	f.Float64Var(&o.thresholds.MinErrorDelta, "min-error-delta", o.thresholds.MinErrorDelta, "smallest difference of error `SHARE`s worth flagging")
	f.Float64Var(&o.thresholds.MinCallRatio, "min-call-ratio", o.thresholds.MinCallRatio, "smallest `RATIO` of calls per trace worth flagging")
	f.StringVar(&o.save, "save", "", "write B as a snapshot to `FILE`, to compare with next time")
	f.IntVar(&o.top, "top", o.top, "list `N` causes and as many changes; 0 for all")
	f.BoolVar(&o.all, "all", false, "list also what did not change, and what there is not enough data about")
	o.server.flags(f)
	f.StringVarP(&o.output, "output", "o", outputText, "`FORMAT` of the result: "+strings.Join(outputs, ", "))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp)) // fails for unknown flags only
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("key") {
			o.sides.named = true
			o.server.keys = o.sides.keys
		}
		for _, own := range []string{"query", "scope", "history", "fdr", "min-latency-ratio", "min-error-delta", "min-call-ratio", "save"} {
			if o.server.url != "" && cmd.Flags().Changed(own) {
				return fmt.Errorf("--%s: with --url the collector compares as its query says; leave it out, or compare files", own)
			}
		}
		if !slices.Contains(outputs, o.output) {
			return fmt.Errorf("--output: must be %s, got %q", strings.Join(outputs, " or "), o.output)
		}
		return errors.Join(o.selections.validate(), o.validate())
	}
}

// validate collects all that is wrong with the command line.
func (o *diffOptions) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	t := &o.thresholds
	check(t.FDR > 0 && t.FDR < 1, "--fdr: must be between 0 and 1, got %v", t.FDR)
	check(t.MinLatencyRatio >= 1, "--min-latency-ratio: must be at least 1, got %v", t.MinLatencyRatio)
	check(t.MinErrorDelta >= 0 && t.MinErrorDelta < 1, "--min-error-delta: must be from 0 to 1, got %v", t.MinErrorDelta)
	check(t.MinCallRatio >= 1, "--min-call-ratio: must be at least 1, got %v", t.MinCallRatio)
	check(o.top >= 0, "--top: must not be negative, got %d", o.top)
	check(o.server.component == "" || o.server.url != "", "--component: chooses among the exporters of a collector; name its console with --url")
	check(o.sides.scope == scopeTrace || o.sides.scope == scopeSpan, "--scope: must be trace or span, got %q", o.sides.scope)
	return errors.Join(errs...)
}

// compare compares two sides.
func (o *diffOptions) compare(ctx context.Context, a, b string, s streams) (*compare.Diff, error) {
	if o.server.url != "" {
		return o.server.compare(ctx, a, b)
	}
	if err := o.sides.parse(s); err != nil {
		return nil, err
	}
	x, err := o.sides.read(ctx, a)
	if err != nil {
		return nil, err
	}
	y, err := o.sides.read(ctx, b)
	if err != nil {
		return nil, err
	}
	if err := o.sides.alike(x, y); err != nil {
		return nil, err
	}
	h, err := o.learn(ctx, y)
	if err != nil {
		return nil, err
	}
	if o.save != "" {
		if err := saveSnapshot(o.save, y.Snapshot); err != nil {
			return nil, fmt.Errorf("--save: %w", err)
		}
	}
	return compare.Compare(o.sides.narrowed(x), o.sides.narrowed(y), h, o.thresholds), nil
}

// learn takes in earlier windows, each against the one before; nil where there are not two. They must be like what they are to
// judge.
func (o *diffOptions) learn(ctx context.Context, of side) (*compare.History, error) {
	switch len(o.history) {
	case 0:
		return nil, nil
	case 1:
		return nil, errors.New("--history: how much windows differ takes at least two of them; name more")
	}
	h := &compare.History{}
	var before *snapshot.Snapshot
	for _, path := range o.history {
		s, err := o.sides.read(ctx, path)
		if err == nil {
			err = o.sides.alike(s, of)
		}
		if err != nil {
			return nil, fmt.Errorf("--history: %w", err)
		}
		after := o.sides.narrowed(s)
		if before != nil {
			h.Learn(before, after)
		}
		before = after
	}
	return h, nil
}

// write writes the result in the chosen format.
func (o *diffOptions) write(w io.Writer, d *compare.Diff) error {
	options := report.Options{Top: o.top, All: o.all}
	switch o.output {
	case outputJSON:
		return writeJSON(w, report.NewComparison(d, options))
	case outputMarkdown:
		return report.Markdown(w, "What changed", d, options)
	default:
		return report.Text(w, d, options)
	}
}

// diffFailed gives an error its exit code.
func diffFailed(err error) error {
	var exit *exitError
	switch {
	case errors.As(err, &exit):
		return err
	case errors.Is(err, context.Canceled):
		return &exitError{exitInterrupted, nil}
	}
	return &exitError{exitUsage, err}
}
