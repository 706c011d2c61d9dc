package main

import (
	"runtime"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

const (
	systems = 10 // that are drawn
	learnt  = 20 // windows of history, where there is one
	length  = 10 * time.Minute
)

// world is a simulated system in realistic weather, or worse.
type world struct {
	number   int
	system   *simulation.System
	requests float64
	stormy   bool
	sampled  float64 // probability with which traces are kept; 0: all
}

// firstSystem is the number of the first system: those before it were looked at when thresholds and priors were chosen.
const firstSystem = 100

func newWorld(number int, requests float64) world {
	number += firstSystem
	return world{number: number, system: simulation.NewSystem(microservices.Options{Seed: uint64(number), Services: 12, Endpoints: 12}), requests: requests}
}

// play executes a window. Equal seeds give equal windows.
func (w world) play(seed int, changes ...simulation.Change) []simulation.Trace {
	weather := simulation.Realistic()
	if w.stormy {
		weather = simulation.Stormy()
	}
	return w.system.Play(simulation.Window{
		Requests: w.requests, Weather: weather, Seed: uint64(w.number)<<40 + uint64(seed), Changes: changes,
	})
}

// at is the start of the n-th window.
func at(n int) time.Time { return time.Unix(1_000_000_000, 0).Add(time.Duration(n) * length) }

func (w world) snapshot(traces []simulation.Trace, n int) *snapshot.Snapshot {
	return w.system.Snapshot(traces, at(n), simulation.Sampling{Probability: w.sampled, Seed: uint64(n)})
}

// histories are learned once for each system and size.
type histories struct {
	mu   sync.Mutex
	have map[world]*compare.History
}

// of is the history of a world. It is only read.
func (h *histories) of(w world) *compare.History {
	key := world{number: w.number, requests: w.requests, stormy: w.stormy}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.have == nil {
		h.have = map[world]*compare.History{}
	}
	if h.have[key] == nil {
		h.have[key] = w.learn()
	}
	return h.have[key]
}

// learn is a history of healthy windows, each compared with the one before. Its seeds are its own.
func (w world) learn() *compare.History {
	h := &compare.History{}
	a := w.snapshot(w.play(1<<32), 0)
	for n := 1; n <= learnt; n++ {
		b := w.snapshot(w.play(1<<32+n), n)
		h.Learn(a, b)
		a = b
	}
	return h
}

// target is an operation that is called in in half of the requests or more, if there is one, another one in each system.
func (w world) target() (op int, calls float64) {
	mean := w.system.Calls()
	var fit []int
	for least := 0.5; len(fit) == 0; least /= 2 {
		for i, m := range mean {
			if m >= least && m <= 2 {
				fit = append(fit, i)
			}
		}
	}
	op = fit[w.number*7%len(fit)]
	return op, mean[op]
}

// operation is the identity of the group of an operation.
func (w world) operation(op int) snapshot.Identity {
	o := &w.system.Operations[op]
	return snapshot.Identity{Kind: snapshot.Operation, Service: o.Service, Value: o.Name}
}

// verdictOn is what a diff says of a measure of a group.
func verdictOn(d *compare.Diff, id snapshot.Identity, m compare.Measure) (compare.Verdict, bool) {
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Identity == id && c.Measure == m {
			return c.Verdict, c.Flagged
		}
	}
	return "", false
}

// parallel runs jobs on all cores.
func parallel(jobs int, do func(job int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for job := range next {
				do(job)
			}
		})
	}
	for job := range jobs {
		next <- job
	}
	close(next)
	wg.Wait()
}
