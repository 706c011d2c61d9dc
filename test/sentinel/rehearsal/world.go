package rehearsal

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Tick is how often verifiers look at the clock.
const Tick = 500 * time.Millisecond

// World is a moment, and what is going to happen.
type World struct {
	Stream   *traffic.Stream
	Instance uint16
	Rand     *rand.Rand
	Fault    Fault
	Direct   bool // manifests also go to the verifier past the pipeline

	Verifier *verify.Verifier
	Store    *Store // what the verifier looks traces up in; nil: it observes what arrives

	source         source
	now            time.Duration
	wall           time.Time     // at 0
	step           time.Duration // that the wall clock of the verifier has been set ahead
	queue          events
	serial         int
	onTick         func()
	begun          bool
	lookups, early int      // that were made
	paused         []func() // what came since the verifier was stopped; nil: it runs
}

// NewWorld makes a world at a wall clock time, in which nothing happens yet.
func NewWorld(stream *traffic.Stream, wall time.Time, seed uint64) *World {
	w := &World{Stream: stream, Instance: 7, Rand: rand.New(rand.NewPCG(seed, 1)), Fault: None{}, wall: wall}
	w.source = source{run: seed + 1, delivered: map[uint32]time.Duration{}, fates: map[uint32][]traffic.Exception{}}
	return w
}

// Now is the present of the verifier.
func (w *World) Now() verify.Instant {
	return verify.Instant{Wall: w.wall.Add(w.now + w.step), Mono: w.now}
}

// At lets something happen at a time since the beginning.
func (w *World) At(at time.Duration, do func()) {
	w.serial++
	heap.Push(&w.queue, event{max(at, w.now), w.serial, do})
}

// Run lets time pass until the end, since the beginning.
func (w *World) Run(end time.Duration) {
	if !w.begun {
		w.begun = true
		w.At(w.now, w.tick)
		w.source.begin(w)
	}
	for len(w.queue) > 0 && w.queue[0].at <= end {
		e := heap.Pop(&w.queue).(event)
		w.now = e.at
		e.do()
	}
	w.now = end
}

func (w *World) tick() {
	w.At(w.now+Tick, w.tick)
	if w.paused != nil {
		return
	}
	w.Verifier.Advance(w.Now())
	if w.Store != nil {
		w.ask()
	}
	if w.onTick != nil {
		w.onTick()
	}
}

// deliver brings spans to where the verifier stands.
func (w *World) deliver(td ptrace.Traces) {
	if w.Store != nil {
		w.Store.add(td)
		return
	}
	w.whenAwake(func() { w.Verifier.Observe(w.Now(), td) })
}

// whenAwake does what the verifier's process does, now or when it runs again.
func (w *World) whenAwake(do func()) {
	if w.paused != nil {
		w.paused = append(w.paused, do)
		return
	}
	do()
}

// event is something that will happen.
type event struct {
	at     time.Duration
	serial int // what was planned first, comes first
	do     func()
}

type events []event

func (q events) Len() int { return len(q) }
func (q events) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].serial < q[j].serial
}
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *events) Push(x any)   { *q = append(*q, x.(event)) }
func (q *events) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
