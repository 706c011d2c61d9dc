// Command evaluation measures how a sentinel's verdicts agree with what was done to its traces, and writes its part of
// docs/evaluation.md.
//
//	main.go      options, what is run
//	matrix.go    300 trials of each fault at each vantage, and the negative controls
//	notice.go    how soon a loss is noticed
//	latency.go   how long traces take at a backend, against how long they do
//	soak.go      72 hours in which everything but the pipeline is disturbed
//	oracle.go    samplers: honest ones, and ones that cheat
//	sampled.go   how soon partial loss behind a tail sampler is noticed
//	engine.go    the engine of smart_tail_sampling, for half a day
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
)

type options struct {
	out    string
	trials int
	seed   uint64
}

func main() {
	var o options
	flag.StringVar(&o.out, "out", "docs/evaluation.md", "page to write")
	flag.IntVar(&o.trials, "trials", 300, "trials of each fault at each vantage")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the first trial")
	flag.Parse()
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "evaluation:", err)
		os.Exit(1)
	}
}

func run(o *options) error {
	began := time.Now()
	p := &scorecard.Part{Name: "sentinel"}
	for _, part := range []func(*options, *scorecard.Part) error{matrix, controls, notice, latency, soak, oracle, sampled, engine} {
		if err := part(o, p); err != nil {
			return err
		}
	}
	return p.Write(o.out, fmt.Sprintf("`make evaluation-sentinel` wrote this part in %s: the verifier's own code in virtual time, between a generator, "+
		"a pipeline that breaks in\na known way, and stores that show spans as Jaeger and Tempo do. %d trials of each of %d faults at each of %d vantages.\n\nMachine: %s.",
		time.Since(began).Round(time.Second), o.trials, len(rehearsal.Classes()), len(rehearsal.Vantages()), scorecard.Machine()))
}

// secret is public: nothing here meets real traffic.
const secret = "an entirely public secret"

func stream(rate float64) (*traffic.Stream, error) {
	key, err := identity.NewKey(secret)
	if err != nil {
		return nil, err
	}
	shop, err := topology.Load(topology.Shop)
	if err != nil {
		return nil, err
	}
	return traffic.NewStream(key, traffic.Config{Name: "ambient", Topology: shop, Rate: rate, Batches: 6, Reorder: 0.2, Long: 0.001})
}

// parallel runs n jobs on all processors and returns the first error.
func parallel(n int, job func(i int) error) error {
	next, errs := make(chan int), make(chan error)
	workers := runtime.GOMAXPROCS(0)
	for range workers {
		go func() {
			var first error
			for i := range next {
				if err := job(i); err != nil && first == nil {
					first = err
				}
			}
			errs <- first
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	var first error
	for range workers {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
