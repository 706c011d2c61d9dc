package simulation

import (
	"math"
	"math/rand/v2"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Slices is the number of time slices of a window.
const Slices = 20

// Window is what goes on in one window.
type Window struct {
	Requests float64 // mean number
	Weather  Weather
	Seed     uint64
	Changes  []Change
}

// span is one call.
type span struct {
	op     int32
	parent int32 // in the trace; -1 for the first
	failed bool
	status uint8 // index into statuses, of the first span
	total  float64
	self   float64

	log, logSelf       float64 // ln of total and self
	bucket, bucketSelf int16   // of a histogram, from 0
}

// Trace is one request.
type Trace struct {
	slice  uint32
	tenant uint8
	spans  []span
}

// Spans is the number of its spans.
func (t *Trace) Spans() int { return len(t.spans) }

// player executes the requests of one window.
type player struct {
	system  *System
	r       *rand.Rand
	weather Weather
	speed   []float64            // of each operation in this window
	minutes map[string][]float64 // of each service in each slice
	fails   []float64            // share of the calls of each operation that fail now
	burst   []int                // calls of an operation that fail next
	factor  []float64            // of its duration
	arena   []span
	spans   []span
	trace   float64
	slice   int
}

// Play executes a window.
func (s *System) Play(w Window) []Trace {
	changed := s.apply(w.Changes)
	p := &player{
		system: changed, weather: w.Weather, r: rand.New(rand.NewPCG(w.Seed, 0x77)),
		minutes: map[string][]float64{}, burst: make([]int, len(s.Operations)),
	}
	p.draw()
	for _, c := range w.Changes {
		if c.Slower > 0 {
			p.factor[c.Operation] = c.Slower
		}
	}
	rates := autoregressive(p.r, Slices, w.Weather.Rate)
	mix := make([]float64, len(s.popular))
	var sum float64
	for i := range mix {
		mix[i] = s.popular[i] * math.Exp(w.Weather.Mix*p.r.NormFloat64())
		sum += mix[i]
	}
	var traces []Trace
	correct := math.Exp(-w.Weather.Rate * w.Weather.Rate / 2)
	for p.slice = range Slices {
		for i := range mix {
			mean := w.Requests / Slices * math.Exp(rates[p.slice]) * correct * mix[i] / sum
			together := 1.0
			if s.popular[i] < 0.05 {
				together = max(1, w.Weather.Sessions)
			}
			for range poisson(p.r, mean/together) {
				for range geometric(p.r, together) {
					traces = append(traces, p.request(s.Endpoints[i]))
				}
			}
		}
	}
	return traces
}

// draw draws the weather of the window.
func (p *player) draw() {
	for i := range p.system.Operations {
		o := &p.system.Operations[i]
		p.speed = append(p.speed, math.Exp(p.weather.Between*p.r.NormFloat64()))
		p.fails = append(p.fails, o.fails*math.Exp(p.weather.Failing*p.r.NormFloat64()-p.weather.Failing*p.weather.Failing/2))
		p.factor = append(p.factor, 1)
		if p.minutes[o.Service] == nil {
			p.minutes[o.Service] = autoregressive(p.r, Slices, p.weather.Minute)
		}
	}
}

// request executes one request.
func (p *player) request(endpoint int) Trace {
	p.spans = p.spans[:0]
	p.trace = math.Exp(p.weather.Trace * p.r.NormFloat64())
	p.call(endpoint, -1)
	if len(p.arena) < len(p.spans) {
		p.arena = make([]span, 1<<14+len(p.spans))
	}
	n := copy(p.arena, p.spans)
	spans := p.arena[:n:n]
	p.arena = p.arena[n:]
	switch {
	case spans[0].failed:
		spans[0].status = 2
	case p.r.IntN(50) == 0:
		spans[0].status = 1
	}
	tenant := uint8(0)
	for tenant < tenants-1 && p.r.IntN(2) == 0 {
		tenant++
	}
	return Trace{uint32(p.slice), tenant, spans}
}

// call executes a call and what it calls. A failure of one call in two is passed on by its caller.
func (p *player) call(op, parent int) (total float64, failed bool) {
	o := &p.system.Operations[op]
	at := len(p.spans)
	p.spans = append(p.spans, span{op: int32(op), parent: int32(parent)})
	self := o.median * math.Exp(o.spread*p.r.NormFloat64()+p.minutes[o.Service][p.slice]) * p.speed[op] * p.trace
	total = self
	for _, c := range o.calls {
		if c.chance < 1 && p.r.Float64() >= c.chance {
			continue
		}
		for range c.times {
			t, f := p.call(c.to, at)
			total += t
			failed = failed || f && p.r.IntN(2) == 0
		}
	}
	self += total * (p.factor[op] - 1)
	total *= p.factor[op]
	failed = p.fail(op) || failed && !o.exact
	s := &p.spans[at]
	s.total, s.self, s.failed = total, self, failed
	s.log, s.logSelf = math.Log(max(1, total)), math.Log(max(1, self))
	s.bucket, s.bucketSelf = snapshot.BucketOf(total)+1, snapshot.BucketOf(self)+1
	return total, failed
}

// fail tells whether a call fails by itself: alone, or because calls just before did.
func (p *player) fail(op int) bool {
	if p.burst[op] > 0 {
		p.burst[op]--
		return true
	}
	together := max(1, p.weather.Bursts)
	if p.r.Float64() >= p.fails[op]/together {
		return false
	}
	p.burst[op] = geometric(p.r, together) - 1
	return true
}
