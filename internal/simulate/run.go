package simulate

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"github.com/assayhq/assay/internal/tailsampling"
)

// Tick is how far apart the engine is stepped; a running one does it as often.
const Tick = 10 * time.Millisecond

// Runner sends traces through an engine in virtual time.
type Runner struct {
	Config   tailsampling.Config
	Gateways int                // that share traces and budget; 0: a sampler on its own
	Tick     time.Duration      // 0: Tick
	Progress func(done float64) // nil, or told now and then the share that has been sent
}

// Outcome is what the sampler made of one arrival.
type Outcome struct {
	Arrival
	Gateway   int // that the trace was sent to, from 0 on
	Decided   bool
	Kept      bool
	Decision  tailsampling.Decision
	At        time.Duration // of the decision
	SpansSent int
	Threshold uint64 // that the spans were sent with
}

// ruledOut tells whether the trace had no chance at all: a drop rule matched it. Nothing kept stands for it.
func (o *Outcome) ruledOut() bool { return o.Decided && !o.Kept && o.Decision.Probability == 0 }

// Run sends the arrivals, which are in order of time. It writes their ids into the spans of their traces.
func (r Runner) Run(ctx context.Context, arrivals []Arrival) (*Result, error) {
	if r.Gateways > 0 {
		return r.runFleet(ctx, arrivals)
	}
	s := newSimulation(r, arrivals)
	for n := 0; s.busy(); n++ {
		if n%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s.report()
		}
		if err := s.step(ctx); err != nil {
			return nil, err
		}
	}
	err := s.engine.Shutdown(ctx)
	return &s.observed.Result, err
}

// simulation is one run.
type simulation struct {
	runner   Runner
	arrivals []Arrival
	next     int    // arrival
	queue    pieces // of the arrivals under way
	now      time.Duration
	engine   *tailsampling.Engine
	observed *recorder
}

func newSimulation(r Runner, arrivals []Arrival) *simulation {
	if r.Tick <= 0 {
		r.Tick = Tick
	}
	s := &simulation{runner: r, arrivals: arrivals}
	s.observed = newRecorder(arrivals, &s.now)
	for _, rule := range r.Config.Rules {
		s.observed.Rules = append(s.observed.Rules, rule.Name)
	}
	s.engine = s.newEngine()
	return s
}

func (s *simulation) newEngine() *tailsampling.Engine {
	cfg := s.runner.Config
	cfg.Shards = 1 // one goroutine sends
	epoch := time.Unix(1_700_000_000, 0)
	return tailsampling.New(cfg, s.observed, s.observed, func() time.Time { return epoch.Add(s.now) })
}

func (s *simulation) busy() bool {
	return s.next < len(s.arrivals) || len(s.queue) > 0 || s.engine.Open() > 0
}

// step is one tick.
func (s *simulation) step(ctx context.Context) error {
	for s.next < len(s.arrivals) && s.arrivals[s.next].At <= s.now {
		s.queue.add(&s.arrivals[s.next])
		s.next++
	}
	for len(s.queue) > 0 && s.queue[0].at <= s.now {
		p := heap.Pop(&s.queue).(piece)
		p.rekey()
		if err := s.send(ctx, &p); err != nil {
			return err
		}
	}
	s.decide(ctx)
	s.now += s.runner.Tick
	if s.engine.Open() == 0 && len(s.queue) == 0 && s.next < len(s.arrivals) {
		s.now = max(s.now, s.arrivals[s.next].At) // nothing happens until then
	}
	return nil
}

// send hands a piece to the engine, and as a client would again when memory is full: by then traces have been decided.
func (s *simulation) send(ctx context.Context, p *piece) error {
	for {
		err := s.engine.Consume(ctx, p.piece.Spans)
		if !errors.Is(err, tailsampling.ErrFull) || s.engine.Open() == 0 {
			return err
		}
		s.now += s.runner.Tick
		s.decide(ctx)
	}
}

func (s *simulation) decide(ctx context.Context) {
	s.engine.Step()
	s.engine.Drain(ctx)
}

func (s *simulation) report() {
	if s.runner.Progress != nil {
		s.runner.Progress(float64(s.next) / float64(max(1, len(s.arrivals))))
	}
}

// piece is a piece of an arrival on its way.
type piece struct {
	at      time.Duration
	arrival *Arrival
	n       int
	piece   *Piece
}

// rekey gives the spans the id of the arrival. The engine keeps nothing of them, so they may be used again.
func (p *piece) rekey() {
	for _, s := range spansOf(p.piece.Spans) {
		s.SetTraceID(p.arrival.ID)
	}
}

// pieces is a heap by time.
type pieces []piece

func (q pieces) Len() int { return len(q) }
func (q pieces) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].n < q[j].n
}
func (q pieces) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *pieces) Push(x any)   { *q = append(*q, x.(piece)) }
func (q *pieces) Pop() any {
	old := *q
	p := old[len(old)-1]
	*q = old[:len(old)-1]
	return p
}

func (q *pieces) add(a *Arrival) {
	for n := range a.Trace.Pieces {
		p := &a.Trace.Pieces[n]
		heap.Push(q, piece{at: a.At + p.After, arrival: a, n: n, piece: p})
	}
}
