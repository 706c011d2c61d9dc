package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/scorecard"
)

// Blocks of the bootstrap, and the windows made of them.
const (
	block     = 12 * time.Second
	blocks    = 10
	pauseOver = 20 * time.Second // what is longer is no part of the traffic
)

// bootstrap measures pairs made of recorded traffic without faults: windows of blocks drawn with replacement, as in H. R. Kuensch's
// moving block bootstrap (Annals of Statistics 17, 1989), which keeps what is correlated within seconds together.
func bootstrap(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("recording", "traces", "pairs", "trace_diff without history", "with a history of 10 pairs")
	measure := func(name string, traces []*recorded) (worst of, err error) { //nolint:contextcheck // aggregating takes no context: it cannot wait
		progress("bootstrap: %s", name)
		without, with, err := bootstrapped(stretches(traces, pauseOver), o.bootstraps)
		t.Row(name, strconv.Itoa(len(traces)), strconv.Itoa(without.all), without.interval(), with.interval())
		if with.hits > without.hits {
			return with, err
		}
		return without, err
	}
	sets, err := o.datasets()
	if err != nil {
		return err
	}
	for _, d := range sets {
		worst, err := measure(d.name, d.quiet)
		if err != nil {
			return err
		}
		p.Target(worst.share() <= 0.05, "pairs with any flag, block bootstrap over normal traces of "+d.name, "at most 5 %", "%s, with or without history", worst.interval())
	}
	for _, name := range []string{"hotrod", "mixed"} {
		traces, err := readRecording(filepath.Join(o.recordings, name+".jsonl.zst"))
		if err != nil {
			return err
		}
		if len(traces) == 0 {
			continue
		}
		if _, err = measure(name, traces); err != nil {
			return err
		}
	}
	p.Section("Pairs made of recorded traffic",
		fmt.Sprintf("Windows of %d blocks of %v each, drawn with replacement from recorded traffic without faults (all of hotrod and mixed, which\n"+
			"have no windows of faults). Recordings with labelled faults are published research data that is not part of this repository; without\n"+
			"it their rows are missing.", blocks, block), t.String())
	return nil
}

// bootstrapped compares so many pairs.
func bootstrapped(from []stretch, pairs int) (without, with of, err error) {
	history := &compare.History{}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		a, err := resampled(r, from, 0)
		if err != nil {
			return without, with, err
		}
		b, err := resampled(r, from, 1)
		if err != nil {
			return without, with, err
		}
		history.Learn(a, b)
	}
	var mu sync.Mutex
	var failed error
	parallel(pairs, func(n int) {
		r := rand.New(rand.NewPCG(uint64(n), 3))
		a, errA := resampled(r, from, 0)
		b, errB := resampled(r, from, 1)
		mu.Lock()
		defer mu.Unlock()
		if errA != nil || errB != nil {
			failed = errors.Join(failed, errA, errB)
			return
		}
		without.add(flagged(compare.Compare(a, b, nil, compare.DefaultThresholds())) > 0)
		with.add(flagged(compare.Compare(a, b, history, compare.DefaultThresholds())) > 0)
	})
	return without, with, failed
}

// resampled makes a window of blocks drawn with replacement. Stretches are as likely as they are long.
func resampled(r *rand.Rand, from []stretch, n int) (*snapshot.Snapshot, error) {
	start := at(n)
	return aggregated(drawn(r, from, start, blocks), start, blocks*block)
}

// drawn are the traces of so many blocks, one after the other.
func drawn(r *rand.Rand, from []stretch, start time.Time, blocks int) (traces []moved) {
	var total time.Duration
	for i := range from {
		total += from[i].until.Sub(from[i].from)
	}
	for i := range blocks {
		where := time.Duration(r.Float64() * float64(total))
		k := 0
		for k < len(from)-1 && where > from[k].until.Sub(from[k].from) {
			where -= from[k].until.Sub(from[k].from)
			k++
		}
		begin := from[k].from.Add(where)
		// A block that reaches over the end of its stretch goes on at its beginning.
		for _, t := range from[k].traces {
			offset := t.start.Sub(begin)
			if offset < 0 {
				offset += from[k].until.Sub(from[k].from)
			}
			if offset >= 0 && offset < block {
				traces = append(traces, moved{t, start.Add(time.Duration(i)*block + offset).Sub(t.start)})
			}
		}
	}
	return traces
}
