// Command evaluation measures the sampler in process and writes docs/evaluation.md. "make evaluation" runs it.
//
// Data sets that are not part of the repository are measured where they are found, in the directory that -shared or the
// environment variable ASSAY_SHARED_DATA names.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/assayhq/assay/test/scorecard"
)

// options is the command line.
type options struct {
	out        string // page to write
	recordings string // directory of the recorded traces of the repository
	shared     string // directory of further data sets
	seeds      int    // for labelled data
	rekeyed    int    // for bias and coverage
	recall     bool   // measure nothing but recall
	only       string // of the labelled data set of this name; "": of all
}

func main() {
	os.Exit(evaluate())
}

func evaluate() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o := options{}
	flag.StringVar(&o.out, "out", "docs/evaluation.md", "page to write into, between the sampler's marks")
	flag.StringVar(&o.recordings, "recordings", "testdata/traces", "directory of recorded traces")
	flag.StringVar(&o.shared, "shared", cmp.Or(os.Getenv("ASSAY_SHARED_DATA"), "../shared/data"), "directory of further data sets")
	flag.IntVar(&o.seeds, "seeds", 20, "runs over labelled data")
	flag.IntVar(&o.rekeyed, "rekeyed", 2000, "runs for bias and coverage")
	flag.BoolVar(&o.recall, "recall", false, "measure recall of labelled data only; write it to another page than the usual one")
	flag.StringVar(&o.only, "only", "", "measure recall of the labelled data whose name contains this")
	flag.Parse()
	if err := o.run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "evaluation: %v\n", err)
		return 1
	}
	return 0
}

func (o *options) run(ctx context.Context) error {
	p := newPart()
	sections := []func(context.Context, *options, *scorecard.Part) error{labelled, byHand, unbiased, converging, budgets, latencies}
	if o.recall {
		sections = sections[:1]
	}
	for _, section := range sections {
		if err := section(ctx, o, p); err != nil {
			return err
		}
	}
	return p.Write(o.out, o.introduction())
}

// progress tells on standard error what is measured now.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// kept by hand: the part of the page between these marks survives.
const (
	handBegin = "<!-- by hand: begin -->"
	handEnd   = "<!-- by hand: end -->"
)

// byHand keeps what was written into the page by hand.
func byHand(_ context.Context, o *options, p *scorecard.Part) error {
	old, err := os.ReadFile(o.out)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	_, rest, _ := strings.Cut(string(old), handBegin)
	text, _, found := strings.Cut(rest, handEnd)
	if !found {
		text = "\nNot measured yet.\n"
	}
	p.Section("The built binary", "Measured with the evaluation tool against `_build/otelcol-assay`, over OTLP/HTTP in real time; put here by hand.",
		handBegin+text+handEnd)
	return nil
}
