package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/scorecard"
)

const (
	longer    = 5 * time.Second // what a long call takes more
	longBlock = 50              // blocks of recorded traffic in a window
	busiest   = 6               // services in which calls are made long, those with most spans
)

// long measures whether a few calls that take much longer are found in recorded traffic, and laid to their service.
func long(_ context.Context, o *options, p *scorecard.Part) error {
	sets, err := o.datasets()
	if err != nil {
		return err
	}
	t := scorecard.NewTable("recording", "long calls", "windows", "flagged", "service in the first line", "in the first three")
	for _, d := range sets {
		for _, share := range []float64{0, 0.01, 0.03} {
			progress("long calls: %s, %v", d.name, share)
			got, err := d.long(o.causes, share)
			if err != nil {
				return err
			}
			name := "none"
			if share > 0 {
				name = scorecard.Number(100*share, 0) + " %"
			}
			first, three := got.first.interval(), got.three.interval()
			if share == 0 {
				first, three = "-", "-"
			}
			t.Row(d.name, name, strconv.Itoa(got.flagged.all), got.flagged.interval(), first, three)
		}
	}
	p.Section("Few long calls in recorded traffic",
		fmt.Sprintf("Pairs of windows of %d blocks of %v as above. In the newer one a share of the calls to one service takes %v longer, and so do those that\n"+
			"wait for them: each of the %d services with most spans in turn. Without history, and without windows before.", longBlock, block, longer, busiest), t.String())
	return nil
}

// long compares so many pairs for each of the busiest services.
func (d *dataset) long(pairs int, share float64) (*reported, error) {
	from := stretches(d.quiet, pauseOver)
	services := d.busiest()
	got := &reported{}
	var mu sync.Mutex
	var failed error
	parallel(pairs*len(services), func(n int) {
		service := services[n%len(services)]
		r := rand.New(rand.NewPCG(uint64(n), 4))
		start := at(0)
		a, errA := aggregated(drawn(r, from, start, longBlock), start, longBlock*block)
		start = at(1)
		traces := drawn(r, from, start, longBlock)
		for i := range traces {
			traces[i].recorded = traces[i].delayed(r, service, share)
		}
		b, errB := aggregated(traces, start, longBlock*block)
		mu.Lock()
		defer mu.Unlock()
		if errA != nil || errB != nil {
			failed = errors.Join(failed, errA, errB)
			return
		}
		report := compare.Compare(a, b, nil, compare.DefaultThresholds())
		if reportLines(report) == 0 {
			report = nil
		}
		got.report(report, []string{service})
	})
	return got, failed
}

// busiest are the services with most spans.
func (d *dataset) busiest() []string {
	spans := map[string]int{}
	for _, t := range d.quiet {
		for _, piece := range t.pieces {
			spans[serviceOf(piece)]++
		}
	}
	var list []string
	for s := range spans {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(spans[b], spans[a]), cmp.Compare(a, b)) })
	return list[:min(busiest, len(list))]
}

func serviceOf(piece ptrace.Traces) string {
	v, _ := piece.ResourceSpans().At(0).Resource().Attributes().Get("service.name")
	return v.AsString()
}

func spanOf(piece ptrace.Traces) ptrace.Span {
	return piece.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
}

// delayed is the trace in which a share of the calls that a service takes last longer, and with them all that wait for them.
func (t *recorded) delayed(r *rand.Rand, service string, share float64) *recorded {
	at := map[pcommon.SpanID]int{}
	for i, piece := range t.pieces {
		at[spanOf(piece).SpanID()] = i
	}
	by := map[int]time.Duration{}
	for i, piece := range t.pieces {
		parent, ok := at[spanOf(piece).ParentSpanID()]
		if serviceOf(piece) != service || ok && serviceOf(t.pieces[parent]) == service || r.Float64() >= share {
			continue
		}
		for n := 0; n < len(t.pieces); n++ { // up to the root, and no further where spans go in a circle
			by[i] += longer
			if i, ok = at[spanOf(t.pieces[i]).ParentSpanID()]; !ok {
				break
			}
		}
	}
	if len(by) == 0 {
		return t
	}
	copied := *t
	copied.pieces = slices.Clone(t.pieces)
	for i, d := range by {
		td := ptrace.NewTraces()
		t.pieces[i].CopyTo(td)
		spanOf(td).SetEndTimestamp(pcommon.NewTimestampFromTime(spanOf(td).EndTimestamp().AsTime().Add(d)))
		copied.pieces[i] = td
	}
	return &copied
}
