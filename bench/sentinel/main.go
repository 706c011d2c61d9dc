// Sentinel measures the generator of sentinel traffic: spans made a second of processor time, and what arrives of what is claimed
// to be sent, next to telemetrygen. See ../README.md.
package main

import (
	"context"
	"errors"
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
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sentinel:", err)
		os.Exit(1)
	}
}

const section = "Sentinel"

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	var p plan
	var results string
	var quick bool
	flags := flag.NewFlagSet("sentinel", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&quick, "quick", false, "run everything for a moment, to see that it works; the figures mean nothing")
	flags.IntVar(&p.rounds, "rounds", 3, "number of rounds")
	flags.StringVar(&p.telemetrygen, "telemetrygen", "", "binary of telemetrygen; without it ours is measured alone")
	flags.StringVar(&p.binary, "binary", "", "binary of the collector; without it the cost of its sentinel is not measured")
	flags.StringVar(&results, "results", "", "Markdown file in which the results take the place of those before")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p.length, p.ambient = 6*time.Second, 90*time.Second
	if quick {
		p.length, p.ambient, p.rounds = 1500*time.Millisecond, 3*time.Second, 1
	}
	if p.rounds < 1 {
		return errors.New("-rounds: must be at least 1")
	}
	began, state := time.Now(), report.Machine()+report.Revision(ctx)
	rows, err := p.measure(ctx, progress)
	if err != nil {
		return err
	}
	table := report.TableOf("sentinel", "telemetrygen", rows)
	fmt.Fprint(out, table)
	if results == "" {
		return nil
	}
	text := fmt.Sprintf("## %s\n\n- measured %s, in %v\n- command: `go -C bench run ./sentinel %s`\n%s- telemetrygen v0.155.0\n%s\n%s", section,
		began.UTC().Format("2006-01-02 15:04 UTC"), time.Since(began).Round(time.Second), strings.Join(args, " "), state,
		report.Versions("go.opentelemetry.io/collector/pdata"), table)
	return report.Replace(results, section, text)
}
