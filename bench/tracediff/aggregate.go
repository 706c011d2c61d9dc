package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/bench/process"
	"github.com/assayhq/assay/bench/workload"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

var keys = []string{"service", "operation", "http.response.status_code"}

// aggregate takes spans to the end: until there is a snapshot, or, for the tutorial, the averages of its keys.
func (m measurement) aggregate() (figures, error) {
	var all [feeders][]*batch
	for i := range all {
		var err error
		if all[i], err = newBatches(uint64(i), m.Sampled); err != nil {
			return nil, err
		}
	}
	s, err := m.start()
	if err != nil {
		return nil, err
	}
	runtime.GC()
	before, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	var sent atomic.Int64
	requests := int64(m.Spans / workload.SpansPerRequest)
	var group sync.WaitGroup
	for _, batches := range all {
		group.Go(func() {
			for {
				n := sent.Add(1) - 1
				if n >= requests {
					return
				}
				at := begin.Add(windowLength * time.Duration(n) / time.Duration(requests))
				b := batches[n/feeders%distinct]
				b.refresh(uint64(n), at)
				s.take(b.traces, at)
			}
		})
	}
	group.Wait()
	if err := s.finish(requests * workload.SpansPerRequest); err != nil {
		return nil, err
	}
	after, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	spans := float64(requests * workload.SpansPerRequest)
	return figures{
		secondsPerMillion: after.Wall.Sub(before.Wall).Seconds() / spans * 1e6,
		cpuPerSpan:        float64((after.CPU - before.CPU).Microseconds()) / spans,
		bytesPerSpan:      float64(after.Bytes-before.Bytes) / spans,
	}, nil
}

// aggregator is what is fed.
type aggregator struct {
	take   func(ptrace.Traces, time.Time)
	finish func(spans int64) error
}

func (m measurement) start() (aggregator, error) {
	switch m.Subject {
	case ours:
		return newWindows(window.DefaultLimits())
	case seeds:
		var a archive
		return aggregator{
			take: func(td ptrace.Traces, _ time.Time) { a.consume(td) },
			finish: func(spans int64) error {
				for _, k := range keys {
					if len(a.groupBy(k)) == 0 {
						return fmt.Errorf("no values of %s", k)
					}
				}
				if int64(len(a.spans)) != spans {
					return fmt.Errorf("%d spans of %d are there", len(a.spans), spans)
				}
				return nil
			},
		}, nil
	}
	return aggregator{take: func(ptrace.Traces, time.Time) {}, finish: func(int64) error { return nil }}, nil
}

// newWindows is an Engine with one query, whose clock is that of the traffic. It steps once a second of that.
func newWindows(limits window.Limits) (aggregator, error) {
	q, err := query.Parse(`service IN ("frontend", "cart", "checkout")`)
	if err != nil {
		return aggregator{}, err
	}
	var now, stepped atomic.Int64
	now.Store(begin.UnixNano())
	stepped.Store(begin.UnixNano())
	var closed *snapshot.Snapshot
	e, err := window.New(window.Config{
		Queries: []window.Query{{ID: "q", Query: q, Keys: keys, Window: windowLength, Lateness: 30 * time.Second}},
		Limits:  limits,
		Clock:   func() time.Time { return time.Unix(0, now.Load()) },
		Closed:  func(w window.Window) { closed = w.Snapshot },
	})
	if err != nil {
		return aggregator{}, err
	}
	step := func(at time.Time) {
		last := stepped.Load()
		if at.UnixNano() > now.Load() {
			now.Store(at.UnixNano())
		}
		if at.UnixNano()-last > int64(time.Second) && stepped.CompareAndSwap(last, at.UnixNano()) {
			e.Step()
		}
	}
	return aggregator{
		take: func(td ptrace.Traces, at time.Time) {
			step(at)
			_ = e.Consume(td) // fails after Shutdown only
		},
		finish: func(spans int64) error {
			for at := begin.Add(windowLength); closed == nil && at.Before(begin.Add(2*windowLength)); at = at.Add(5 * time.Second) {
				step(at)
			}
			if closed == nil || int64(closed.Coverage.Spans) != spans {
				return fmt.Errorf("the snapshot does not hold %d spans: %+v", spans, closed)
			}
			return e.Shutdown(context.Background())
		},
	}, nil
}
