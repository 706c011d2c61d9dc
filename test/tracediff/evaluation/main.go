// Command evaluation measures trace diff and writes its part of docs/evaluation.md. "make evaluation-diff" runs it.
//
// With -quick it takes few repeats, for a first look; with -only it measures some of its sections. Both write to
// _build/evaluation-diff.md.
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
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/test/scorecard"
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
	weeks      int    // weeks of windows of one minute without a change, for each kind of traffic
	onsets     int    // onsets for each kind of change, size and window length
	lasting    int    // changes that last, for each kind
	causes     int    // faults of each kind, for each way to name client spans
	quick      bool
	only       string
	given      []string // flags that differ from a full run

	read []*dataset // that were read
}

// sections are what is measured, in the order of the page.
var sections = []struct {
	name    string
	measure func(context.Context, *options, *scorecard.Part) error
}{
	{"quiet", quiet},
	{"networks", networks},
	{"bootstrap", bootstrap},
	{"healthy", healthy},
	{"weeks", weeks},
	{"labelled", labelled},
	{"long", long},
	{"causes", named},
	{"onsets", onsets},
	{"spikes", spikes},
	{"lasting", lasting},
	{"recall", recall},
	{"edges", edges},
	{"sampled", sampled},
	{"tenth", tenth},
}

func main() {
	os.Exit(evaluate())
}

func evaluate() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o := options{}
	flag.StringVar(&o.out, "out", "", "page to write, of which only what stands between the marks of trace_diff is replaced (default docs/evaluation.md for a full run, else _build/evaluation-diff.md)")
	flag.StringVar(&o.recordings, "recordings", "testdata/traces", "directory of recorded traces")
	flag.StringVar(&o.shared, "shared", cmp.Or(os.Getenv("ASSAY_SHARED_DATA"), "../shared/data"), "directory of further data sets")
	flag.IntVar(&o.pairs, "pairs", 500, "pairs without a change")
	flag.IntVar(&o.repeats, "repeats", 10, "pairs for each change, size and system")
	flag.IntVar(&o.bootstraps, "bootstraps", 100, "pairs made of recorded traffic")
	flag.IntVar(&o.rekeyed, "rekeyed", 200, "runs under fresh trace ids")
	flag.IntVar(&o.weeks, "weeks", 2, "weeks of windows of one minute without a change, for each kind of traffic")
	flag.IntVar(&o.onsets, "onsets", 30, "onsets for each kind of change, size and window length")
	flag.IntVar(&o.lasting, "lasting", 20, "changes that last, for each kind")
	flag.IntVar(&o.causes, "causes", 20, "faults of each kind, for each way to name client spans")
	flag.BoolVar(&o.quick, "quick", false, "few repeats, for a first look")
	flag.StringVar(&o.only, "only", "", "sections to measure, separated by commas (default all)")
	flag.Parse()
	flag.Visit(func(f *flag.Flag) {
		if f.Name != "out" {
			o.given = append(o.given, "-"+f.Name+" "+f.Value.String())
		}
	})
	if o.quick {
		o.few()
	}
	if o.out == "" {
		o.out = "docs/evaluation.md"
		if o.quick || o.only != "" {
			o.out = "_build/evaluation-diff.md"
		}
	}
	if err := o.run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "evaluation: %v\n", err)
		return 1
	}
	return 0
}

// few sets what a quick run repeats, where the command line does not say.
func (o *options) few() {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, v := range map[string]struct {
		to *int
		n  int
	}{
		"pairs": {&o.pairs, 60}, "repeats": {&o.repeats, 1}, "bootstraps": {&o.bootstraps, 6}, "rekeyed": {&o.rekeyed, 20},
		"onsets": {&o.onsets, 6}, "lasting": {&o.lasting, 2}, "causes": {&o.causes, 3},
	} {
		if !given[name] {
			*v.to = v.n
		}
	}
}

func (o *options) run(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(o.out), 0o750); err != nil {
		return err
	}
	p := newPart()
	begin := time.Now()
	for _, s := range sections {
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), s.name) {
			continue
		}
		if err := s.measure(ctx, o, p); err != nil {
			return err
		}
		progress("%s done after %v", s.name, time.Since(begin).Round(time.Second))
	}
	progress("writing %s", o.out)
	return p.Write(o.out, o.introduction())
}

// progress tells on standard error what is measured now.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
