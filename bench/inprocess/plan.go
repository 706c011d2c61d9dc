package inprocess

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/assayhq/assay/bench/subject"
)

// Plan is what to measure.
type Plan struct {
	Kept     []float64 // percent
	Procs    []int     // GOMAXPROCS of the throughput; the first of all other figures
	Flow     Case      // the length of the cases; the rest is filled in
	Learned  Case      // Flow with traces decided as usual, not after the same time
	Held     Case
	Garbage  Case
	Latency  Case
	Data     []string // files of recorded traces, for the memory they take
	Rounds   int
	Only     Kind // one kind of case, all if empty
	Profiles string

	converted map[string]string // Data as files that the cases can read
}

// Full is the plan behind RESULTS.md. tail_sampling decides on a tick of one second, so windows are whole seconds.
func Full() Plan {
	return Plan{
		Kept:    []float64{1, 5, 100},
		Procs:   []int{2, 1, 4},
		Flow:    Case{Hold: time.Second, Warm: 3 * time.Second, Window: 4 * time.Second},
		Learned: Case{Warm: 14 * time.Second, Window: 10 * time.Second},
		Held:    Case{Hold: time.Minute, Spans: 1_000_000},
		Garbage: Case{Hold: 10 * time.Second, Warm: 13 * time.Second, Window: 12 * time.Second, Rate: 100_000},
		Latency: Case{Warm: 22 * time.Second, Window: 10 * time.Second, Rate: 10_000},
		Rounds:  3,
	}
}

// Quick is a plan that shows that everything works; its figures mean nothing.
func Quick() Plan {
	return Plan{
		Kept:    []float64{5},
		Procs:   []int{2},
		Flow:    Case{Hold: time.Second, Warm: 2500 * time.Millisecond, Window: time.Second, Rate: 40_000},
		Learned: Case{Hold: time.Second, Warm: 3 * time.Second, Window: time.Second, Rate: 20_000},
		Held:    Case{Hold: time.Minute, Spans: 40_000},
		Garbage: Case{Hold: time.Second, Warm: 2 * time.Second, Window: 2 * time.Second, Rate: 40_000},
		Latency: Case{Hold: time.Second, Warm: 3 * time.Second, Window: time.Second, Rate: 20_000},
		Rounds:  1,
	}
}

// samplers are compared; Input comes with them where their cost is taken above it.
var (
	samplers     = []subject.Name{subject.Smart, subject.Tail}
	withoutInput = samplers
	withInput    = []subject.Name{subject.Input, subject.Smart, subject.Tail}
)

// usualKept is the share that is kept where it is not what is compared, in percent.
const usualKept = 5

// group is cases that differ in their subject only. They run one after the other, so that what else the machine does
// meets all of them.
type group struct {
	Case
	subjects []subject.Name
	rounds   int    // no more than Plan.Rounds
	learned  bool   // decided as usual, not after the same time
	recorded string // file that Data was converted from
}

func (p *Plan) groups() []group {
	var gs []group
	add := func(g group, kind Kind, kept float64, procs int) {
		if p.Only != "" && p.Only != kind {
			return
		}
		g.Kind, g.Kept, g.Procs, g.Profile = kind, kept, procs, p.Profiles
		g.rounds = min(g.rounds, p.Rounds)
		gs = append(gs, g)
	}
	procs := p.Procs[0]
	for _, kept := range p.Kept {
		rounds := 2
		if kept == usualKept {
			rounds = p.Rounds // what targets are set for
		}
		add(group{Case: p.Flow, subjects: withInput, rounds: rounds}, Flow, kept, procs)
	}
	add(group{Case: p.Learned, subjects: withInput, rounds: 1, learned: true}, Flow, usualKept, procs)
	for _, other := range p.Procs[1:] {
		add(group{Case: p.Flow, subjects: withInput, rounds: 1}, Flow, usualKept, other)
	}
	add(group{Case: p.Held, subjects: withoutInput, rounds: 2}, Held, usualKept, procs)
	for _, file := range slices.Sorted(maps.Keys(p.converted)) {
		g := group{Case: p.Held, subjects: withoutInput, rounds: 1, recorded: file}
		g.Data = p.converted[file]
		add(g, Held, usualKept, procs)
	}
	add(group{Case: p.Garbage, subjects: withInput, rounds: 1}, Garbage, usualKept, procs)
	add(group{Case: p.Latency, subjects: withoutInput, rounds: 1}, Latency, usualKept, procs)
	return gs
}

// Results are the figures of every round of every case.
type Results map[Case][]Figures

// Measure runs the plan, each case in a process of its own, the subjects in turn: forwards in one round, backwards in the
// next. It tells progress what it does.
func (p *Plan) Measure(ctx context.Context, progress io.Writer) (Results, error) {
	results := Results{}
	if len(p.groups()) == 0 {
		return nil, fmt.Errorf("kind of case: must be %s, %s, %s or %s, got %q", Flow, Held, Garbage, Latency, p.Only)
	}
	started := time.Now()
	folder, err := os.MkdirTemp("", "assay-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	if err := p.convertData(folder); err != nil {
		return nil, err
	}
	for round := range p.Rounds {
		for _, g := range p.groups() {
			if round >= g.rounds {
				continue
			}
			subjects := slices.Clone(g.subjects)
			if round%2 == 1 {
				slices.Reverse(subjects)
			}
			for _, name := range subjects {
				c := g.Case
				c.Subject = name
				fmt.Fprintf(progress, "%4.0f s  round %d of %d: %s\n", time.Since(started).Seconds(), round+1, g.rounds, c.Name())
				figures, err := c.attempt(ctx, progress)
				if err != nil {
					return nil, err
				}
				results[c] = append(results[c], figures)
			}
		}
	}
	return results, nil
}

// attempts is how often a case may be tried: something else on the machine may take all of it for a while.
const attempts = 3

func (c Case) attempt(ctx context.Context, progress io.Writer) (figures Figures, err error) {
	for n := 1; ; n++ {
		figures, err = c.InChild(ctx)
		if err == nil || n == attempts || ctx.Err() != nil {
			return figures, err
		}
		fmt.Fprintf(progress, "        tried again: %v\n", err)
	}
}

func (p *Plan) convertData(folder string) error {
	p.converted = map[string]string{}
	for i, file := range p.Data {
		p.converted[file] = filepath.Join(folder, strconv.Itoa(i))
		if err := convert(file, p.converted[file]); err != nil {
			return err
		}
	}
	return nil
}
