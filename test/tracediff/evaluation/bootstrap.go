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

	"github.com/assayhq/assay/internal/scorecard"
	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
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
	for _, name := range []string{"ob0822", "hotrod", "mixed"} {
		traces, err := quietTraces(o, name)
		if err != nil {
			return err
		}
		if len(traces) == 0 {
			continue
		}
		progress("bootstrap: %s", name)
		without, with, err := bootstrapped(stretches(traces, pauseOver), o.bootstraps) //nolint:contextcheck // aggregating takes no context: it cannot wait
		if err != nil {
			return err
		}
		t.Row(name, strconv.Itoa(len(traces)), strconv.Itoa(without.all), without.interval(), with.interval())
		if name == "ob0822" {
			worst := max(without.share(), with.share())
			p.Target(worst <= 0.05, "pairs with any flag, block bootstrap over normal traces of ob0822", "at most 5 %",
				"%s without history, %s with one of 10 pairs", without.interval(), with.interval())
		}
	}
	p.Section("Pairs made of recorded traffic",
		fmt.Sprintf("Windows of %d blocks of %v each, drawn with replacement from recorded traffic without faults (all of hotrod and mixed, which\n"+
			"have no windows of faults). ob0822 is published research data that is not part of this repository; without it its row is missing.",
			blocks, block), t.String())
	return nil
}

// quietTraces are the traces of a recording without faults.
func quietTraces(o *options, name string) ([]*recorded, error) {
	if name != "ob0822" {
		return readRecording(filepath.Join(o.recordings, name+".jsonl.zst"))
	}
	traces, err := readRecording(filepath.Join(o.shared, name+".jsonl.zst"))
	if err != nil || traces == nil {
		return nil, err
	}
	labels, err := simulate.ReadLabels(filepath.Join(o.shared, name+".labels.json"))
	if err != nil {
		return nil, err
	}
	var quiet []*recorded
	for _, t := range traces {
		if l := labels.Traces[t.id.String()]; len(l) > 0 && l[0] == simulate.ClassNormal {
			quiet = append(quiet, t)
		}
	}
	return quiet, nil
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
	var total time.Duration
	for i := range from {
		total += from[i].until.Sub(from[i].from)
	}
	start := at(n)
	var traces []moved
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
	return aggregated(traces, start, blocks*block)
}
