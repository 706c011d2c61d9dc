package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
)

const gateLong = `Gate compares as diff does and answers a pipeline with its exit code. It fails when a change is flagged,
unless --ignore says that changes of this sort are fine, and it does not pass when there was too little data to test
anything: what is unknown is not OK.

With --summary the result is appended to a file as Markdown: GitHub shows what is in $GITHUB_STEP_SUMMARY, and a comment on
a pull request can be made of it.

Exit codes:
  0    no change is flagged, or only such as are ignored
  1    a change is flagged
  2    the comparison could not be made, or there is not enough data
  130  interrupted`

const gateExample = `  assayctl gate baseline.snapshot candidate.jsonl.zst
  assayctl gate --ignore faster,fewer_errors --summary "$GITHUB_STEP_SUMMARY" baseline.snapshot candidate.jsonl.zst
  assayctl gate --url http://localhost:4000 SNAPSHOT-A SNAPSHOT-B`

// verdicts that --ignore takes.
var ignorable = []string{
	string(compare.New), string(compare.Missing), string(compare.Slower), string(compare.Faster), string(compare.MoreErrors),
	string(compare.FewerErrors), string(compare.MoreCalls), string(compare.FewerCalls),
}

func newGateCommand(s streams) *cobra.Command {
	o := newDiffOptions()
	var ignore []string
	var summary string
	cmd := &cobra.Command{
		Use:     "gate A B",
		Short:   "Fail a pipeline when something changed between two windows of traces",
		Long:    gateLong,
		Example: gateExample,
		Args:    cobra.ExactArgs(2),
	}
	o.flags(cmd, []string{outputText, outputMarkdown, outputJSON})
	cmd.Flags().StringSliceVar(&ignore, "ignore", nil, "`VERDICTS` that do not fail: "+strings.Join(ignorable, ", "))
	cmd.Flags().StringVar(&summary, "summary", "", "append the result as Markdown to `FILE`")
	common := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, v := range ignore {
			if !slices.Contains(ignorable, v) {
				return fmt.Errorf("--ignore: must be among %s, got %q", strings.Join(ignorable, ", "), v)
			}
		}
		return common(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := o.compare(cmd.Context(), args[0], args[1], s)
		if err != nil {
			return diffFailed(err)
		}
		if err := o.write(s.out, d); err != nil {
			return diffFailed(err)
		}
		if summary != "" {
			if err := o.summarise(summary, d); err != nil {
				return diffFailed(fmt.Errorf("--summary: %w", err))
			}
		}
		return verdictOf(d, ignore)
	}
	return cmd
}

// verdictOf is how the gate ends.
func verdictOf(d *compare.Diff, ignore []string) error {
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Flagged && !slices.Contains(ignore, string(c.Verdict)) {
			return &exitError{exitFailed, nil}
		}
	}
	known := slices.ContainsFunc(d.Changes, func(c compare.Change) bool { return c.Verdict != compare.NotEnoughData })
	if !known {
		return &exitError{exitUsage, fmt.Errorf("not enough data: %d traces against %d, and nothing could be said about any group; record for longer",
			d.A.Coverage.Traces, d.B.Coverage.Traces)}
	}
	return nil
}

// summarise appends the result as Markdown.
func (o *diffOptions) summarise(path string, d *compare.Diff) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // the runner of the pipeline reads it
	if err != nil {
		return err
	}
	err = report.Markdown(f, "What changed", d, report.Options{Top: o.top, All: o.all})
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
