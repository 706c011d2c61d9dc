package simulation

import (
	"math"
	"math/rand/v2"
	"time"
)

const (
	mostSlices  = 20 // time slices of a window, unless they would be shorter than a second
	usualLength = 10 * time.Minute
)

// Window is what goes on in one window.
type Window struct {
	Requests float64 // mean number
	Weather  Weather
	Season   Season
	Seed     uint64
	Start    time.Time
	Length   time.Duration // 0: ten minutes
	Changes  []Change
}

func (w *Window) length() time.Duration {
	if w.Length <= 0 {
		return usualLength
	}
	return w.Length
}

// slice is the length of a time slice.
func (w *Window) slice() time.Duration {
	return max(time.Second, (w.length()+mostSlices-1)/mostSlices)
}

func (w *Window) slices() int { return int((w.length() + w.slice() - 1) / w.slice()) }

// player executes the requests of one window.
type player struct {
	system  *System
	r       *rand.Rand
	net     *rand.Rand // of everything that client spans, added operations and times bring, so that the rest stays as it is without
	weather Weather
	speed   []float64   // of each operation in this window
	minutes [][]float64 // of each operation's service in each slice
	waits   []float64   // factor of the waiting for each service
	burst   []int       // calls of an operation that fail next
	regime  *regime     // that holds now
	arena   []span
	spans   []span
	trace   float64
	slice   int
}

// Play executes a window.
func (s *System) Play(w Window) []Trace {
	traces, _ := s.play(w, nil)
	return traces
}

// play executes a window that goes on where the one before it ended.
func (s *System) play(w Window, before *climate) ([]Trace, *climate) {
	n := w.slices()
	p := &player{
		system: s, weather: w.Weather, r: rand.New(rand.NewPCG(w.Seed, 0x77)), net: rand.New(rand.NewPCG(w.Seed, 0x2e7)),
		burst: make([]int, len(s.Operations)),
	}
	regimes := s.regimes(w.Changes)
	after := p.draw(&w, regimes, before)
	var lastRate *float64
	if before != nil {
		lastRate = &before.rate
	}
	rates := autoregressive(p.r, n, w.Weather.Rate, correlation(w.slice()), lastRate)
	after.rate = rates[n-1]
	mix := make([]float64, len(s.Popular))
	var sum float64
	for i := range mix {
		mix[i] = s.Popular[i] * math.Exp(w.Weather.Mix*p.r.NormFloat64())
		sum += mix[i]
	}
	var traces []Trace
	correct := math.Exp(-w.Weather.Rate * w.Weather.Rate / 2)
	for p.slice = range n {
		season := w.Season.rate(w.Start.Add(time.Duration(p.slice) * w.slice()))
		for i := range mix {
			mean := w.Requests / float64(n) * math.Exp(rates[p.slice]) * correct * mix[i] / sum * season
			together := 1.0
			if s.Popular[i] < 0.05 {
				together = max(1, w.Weather.Sessions)
			}
			for range poisson(p.r, mean/together) {
				for range geometric(p.r, together) {
					at := (float64(p.slice) + p.net.Float64()) / float64(n)
					p.regime = regimeAt(regimes, at)
					traces = append(traces, p.request(s.Endpoints[i], at))
				}
			}
		}
	}
	return traces, after
}

// regimeAt finds the regime of a fraction of the window.
func regimeAt(list []*regime, at float64) *regime {
	for _, r := range list {
		if at < r.until {
			return r
		}
	}
	return list[len(list)-1]
}

// draw draws the weather of the window.
func (p *player) draw(w *Window, regimes []*regime, before *climate) *climate {
	n := w.slices()
	services := make([][]float64, len(p.system.Services))
	after := &climate{minutes: make([]float64, len(services))}
	for i := range p.system.Operations {
		o := &p.system.Operations[i]
		r := p.r
		if i >= p.system.Drawn() {
			r = p.net
		}
		p.speed = append(p.speed, math.Exp(p.weather.Between*r.NormFloat64()))
		failing := math.Exp(p.weather.Failing*r.NormFloat64() - p.weather.Failing*p.weather.Failing/2)
		for _, g := range regimes {
			g.fails = append(g.fails, g.operations[i].Fails*failing)
		}
		if services[o.Home] == nil {
			services[o.Home] = autoregressive(r, n, p.weather.Minute, correlation(w.slice()), before.last(o.Home))
			after.minutes[o.Home] = services[o.Home][n-1]
			services[o.Home] = w.Season.slower(services[o.Home], w)
		}
		p.minutes = append(p.minutes, services[o.Home])
	}
	for range services {
		p.waits = append(p.waits, math.Exp(p.weather.Between*p.net.NormFloat64()))
	}
	return after
}

// slower adds the season to the speeds of a service, which are logarithms.
func (s Season) slower(minutes []float64, w *Window) []float64 {
	out := make([]float64, len(minutes))
	for i := range minutes {
		out[i] = minutes[i] + s.slowness(w.Start.Add(time.Duration(i)*w.slice()))
	}
	return out
}
