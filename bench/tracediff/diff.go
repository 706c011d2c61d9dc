package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// diffSpansPerGroup is how many spans there are for each group, so that nearly all groups can be tested.
const diffSpansPerGroup = 40

// diff measures the comparison of two windows of the same traffic. The best of many repetitions is taken: the first ones warm
// caches, and others may be disturbed.
func (m measurement) diff() (figures, error) {
	const repetitions = 20
	var once func() (int, error)
	var err error
	if m.Subject == ours {
		once, err = m.ourDiff()
	} else {
		once = m.seedDiff()
	}
	if err != nil {
		return nil, err
	}
	runtime.GC() // the spans are gone
	best := time.Hour
	for range repetitions {
		began := time.Now()
		compared, err := once()
		best = min(best, time.Since(began))
		if err != nil || compared == 0 {
			return nil, fmt.Errorf("nothing was compared: %w", err)
		}
	}
	return figures{milliseconds: float64(best.Microseconds()) / 1000}, nil
}

// twice feeds two windows.
func (m measurement) twice(feed func(which int, td ptrace.Traces)) {
	for which := range 2 {
		w := &wide{r: rand.New(rand.NewPCG(uint64(which), 3)), groups: m.Groups, trace: uint64(which) << 40}
		for range max(1, m.Groups*diffSpansPerGroup/2/2000) {
			feed(which, w.batch(2000, begin, windowLength))
		}
	}
}

func (m measurement) ourDiff() (func() (int, error), error) {
	q, err := query.Parse(`service != "nobody"`)
	if err != nil {
		return nil, err
	}
	var fed [2][]ptrace.Traces
	m.twice(func(which int, td ptrace.Traces) { fed[which] = append(fed[which], td) })
	var sides [2]*snapshot.Snapshot
	for i, batches := range fed {
		sides[i], err = window.Replay(window.Query{ID: "q", Query: q, Keys: wideKeys()}, window.DefaultLimits(), begin, begin.Add(windowLength),
			func() (ptrace.Traces, error) {
				if len(batches) == 0 {
					return ptrace.Traces{}, io.EOF
				}
				td := batches[0]
				batches = batches[1:]
				return td, nil
			})
		if err != nil {
			return nil, err
		}
	}
	return func() (int, error) {
		return len(compare.Compare(sides[0], sides[1], nil, compare.DefaultThresholds()).Changes), nil
	}, nil
}

// seedDiff groups what was stored by each key and compares, as the tutorial does for each diff.
func (m measurement) seedDiff() func() (int, error) {
	var sides [2]archive
	m.twice(func(which int, td ptrace.Traces) { sides[which].consume(td) })
	by := append([]string{"service", "operation"}, wideKeys()...)
	return func() (n int, err error) {
		for _, k := range by {
			n += len(compareAnalyses(sides[0].groupBy(k), sides[1].groupBy(k)).diffs)
		}
		return n, nil
	}
}
