// Tracediff measures the aggregation and the comparison of trace_diff, next to the algorithm of the tutorial that it began
// with: all spans in an array, averages by key, any difference reported. See ../README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/assayhq/assay/bench/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if isChild() {
		os.Exit(child())
	}
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tracediff:", err)
		os.Exit(1)
	}
}

const section = "Trace diff"

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	var rounds int
	var quick bool
	var results, only string
	var profiles string
	flags := flag.NewFlagSet("tracediff", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&quick, "quick", false, "run everything for a moment, to see that it works; the figures mean nothing")
	flags.IntVar(&rounds, "rounds", 3, "number of rounds")
	flags.StringVar(&only, "only", "", "measure one kind only: aggregate, groups or diff")
	flags.StringVar(&profiles, "profiles", "", "folder for CPU and allocation profiles")
	flags.StringVar(&results, "results", "", "Markdown file in which the results take the place of those before")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p := full
	if quick {
		p, rounds = quickly, 1
	}
	began, state := time.Now(), report.Machine()+report.Revision(ctx)
	measured, err := p.measure(ctx, rounds, kind(only), profiles, progress)
	if err != nil {
		return err
	}
	table := report.TableOf("trace_diff", "tutorial", p.rows(measured))
	fmt.Fprint(out, table)
	if results == "" {
		return nil
	}
	text := fmt.Sprintf("## %s\n\n- measured %s, in %v\n- command: `go -C bench run ./tracediff %s`\n%s%s\n%s", section,
		began.UTC().Format("2006-01-02 15:04 UTC"), time.Since(began).Round(time.Second), strings.Join(args, " "), state,
		report.Versions("go.opentelemetry.io/collector/pdata"), table)
	return report.Replace(results, section, text)
}
