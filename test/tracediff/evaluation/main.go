// Command evaluation measures trace diff and writes its part of docs/evaluation.md. "make evaluation-diff" runs it.
//
// Thresholds are compare.DefaultThresholds and the stated prior of compare, as everybody gets them: nothing is tuned here.
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

	"github.com/assayhq/assay/internal/scorecard"
)

// options is the command line.
type options struct {
	out        string // page to write
	recordings string // directory of the recorded traces of the repository
	shared     string // directory of further data sets
	pairs      int    // synthetic pairs without a change
	repeats    int    // pairs for each change, size and system
	bootstraps int    // pairs made of recorded traffic
	rekeyed    int    // runs under fresh trace ids
	weeks      int    // weeks without a change
}

func main() {
	os.Exit(evaluate())
}

func evaluate() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o := options{}
	flag.StringVar(&o.out, "out", "docs/evaluation.md", "page to write; only what stands between the marks of trace_diff is replaced")
	flag.StringVar(&o.recordings, "recordings", "testdata/traces", "directory of recorded traces")
	flag.StringVar(&o.shared, "shared", cmp.Or(os.Getenv("ASSAY_SHARED_DATA"), "../shared/data"), "directory of further data sets")
	flag.IntVar(&o.pairs, "pairs", 500, "pairs without a change")
	flag.IntVar(&o.repeats, "repeats", 20, "pairs for each change, size and system")
	flag.IntVar(&o.bootstraps, "bootstraps", 200, "pairs made of recorded traffic")
	flag.IntVar(&o.rekeyed, "rekeyed", 200, "runs under fresh trace ids")
	flag.IntVar(&o.weeks, "weeks", 10, "weeks of windows without a change")
	flag.Parse()
	if err := o.run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "evaluation: %v\n", err)
		return 1
	}
	return 0
}

func (o *options) run(ctx context.Context) error {
	p := newPart()
	for _, section := range []func(context.Context, *options, *scorecard.Part) error{quiet, bootstrap, labelled, recall, edges, lasting, sampled} {
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
