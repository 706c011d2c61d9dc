package inprocess

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/bench/subject"
	"github.com/assayhq/assay/bench/workload"
)

// watchedSink notes when traces come out, and how much of them was there by then.
type watchedSink struct {
	mu        sync.Mutex // guards everything below
	open      map[pcommon.TraceID]*progress
	measuring bool
	latencies []time.Duration // from the last span in to the trace out, of traces that came out whole
	whole     int             // spans that came out with the first of their trace
	behind    int             // spans that came later
}

// progress is how far a trace has come.
type progress struct {
	lastSent time.Time
	lagged   bool // a piece was sent too late: the machine is busy, and the gap is none that a service makes
	out      bool
	counted  bool
}

var _ consumer.Traces = (*watchedSink)(nil)

// Capabilities implements consumer.Traces.
func (*watchedSink) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// longestLag is how late a piece may be sent.
const longestLag = 50 * time.Millisecond

func (s *watchedSink) sent(id pcommon.TraceID, _ int, lag time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.open[id]
	if p == nil {
		p = &progress{}
		s.open[id] = p
	}
	p.lagged = p.lagged || lag > longestLag
	p.lastSent = time.Now()
}

// ConsumeTraces implements consumer.Traces.
func (s *watchedSink) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	came := map[pcommon.TraceID]int{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				came[span.TraceID()]++
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for id, n := range came {
		s.note(s.open[id], n, now)
	}
	return nil
}

func (s *watchedSink) note(p *progress, n int, now time.Time) {
	if !p.out {
		p.out, p.counted = true, s.measuring && !p.lagged
		if p.counted {
			s.whole += n
		}
		if p.counted && n == spansPerTrace {
			s.latencies = append(s.latencies, now.Sub(p.lastSent))
		}
	} else if p.counted {
		s.behind += n
	}
}

// liveStep is how often due spans are sent: the finest difference of latencies that is told.
const liveStep = 5 * time.Millisecond

// latency measures the time from the last span of a trace to its output, for traces whose spans arrive apart. Traces that
// were decided before their last span came have no such time; they show in the share of late spans.
func (c Case) latency(ctx context.Context) (Figures, error) {
	sink := &watchedSink{open: map[pcommon.TraceID]*progress{}}
	s, err := subject.Start(ctx, c.Subject, c.options(c.Rate), sink)
	if err != nil {
		return nil, err
	}
	err = c.sendLive(ctx, s, sink)
	if err == nil {
		err = s.CheckLosses(ctx)
	}
	if stopped := s.Shutdown(ctx); err == nil {
		err = stopped
	}
	if err != nil {
		return nil, err
	}
	return sink.figures()
}

func (c Case) sendLive(ctx context.Context, s *subject.Subject, sink *watchedSink) error {
	live := workload.NewLive(1)
	started := time.Now()
	tick := time.NewTicker(liveStep)
	defer tick.Stop()
	for opened := 0; ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now := time.Since(started)
		if now > c.Warm+c.Window {
			return nil
		}
		sink.mu.Lock()
		sink.measuring = now >= c.Warm
		sink.mu.Unlock()
		due := int(now.Seconds() * c.Rate / spansPerTrace)
		live.Open(due-opened, now)
		opened = due
		td := live.Take(now, sink.sent)
		if td.SpanCount() == 0 {
			continue
		}
		if err := s.ConsumeTraces(ctx, td); err != nil {
			return fmt.Errorf("a batch was refused: %w", err)
		}
	}
}

func (s *watchedSink) figures() (Figures, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.latencies) == 0 {
		return nil, fmt.Errorf("of %d traces none came out whole that was sent in time; the machine is too busy", len(s.open))
	}
	slices.Sort(s.latencies)
	at := func(q float64) float64 {
		return float64(s.latencies[int(q*float64(len(s.latencies)-1))]) / float64(time.Millisecond)
	}
	return Figures{
		LatencyP50:  at(0.5),
		LatencyP99:  at(0.99),
		LatePercent: 100 * float64(s.behind) / float64(s.whole+s.behind),
		TracesOut:   float64(len(s.latencies)),
	}, nil
}
