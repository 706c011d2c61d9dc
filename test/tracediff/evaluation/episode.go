package main

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// episode is windows that follow each other, with a change that begins and ends.
type episode struct {
	*site
	traffic       simulation.Traffic
	always        []simulation.Change
	change        []simulation.Change
	from, until   float64 // of the change, in windows since the beginning
	played        int
	sampled       float64 // probability with which traces are kept; 0: all
	samplingSeeds uint64
}

// forGood is the end of a change that stays.
const forGood = 1e9

// newEpisode plays a kind of change at a site. Equal numbers give equal traffic.
func newEpisode(s *site, k *kind, length time.Duration, number int) *episode {
	seed := uint64(s.number)<<40 + 1<<39 + uint64(length/time.Second)<<29 + uint64(number)<<16
	e := &episode{site: s, until: forGood, samplingSeeds: seed, change: k.change(s), traffic: simulation.Traffic{
		System: s.system, Weather: simulation.Realistic(), Rate: s.requests / length.Seconds(), Length: length, Start: at(0), Seed: seed,
	}}
	if k.always != nil {
		e.always = k.always(s)
	}
	return e
}

// next is the snapshot of the next window.
func (e *episode) next() *snapshot.Snapshot {
	k := float64(e.played)
	changes := append([]simulation.Change(nil), e.always...)
	if begin, end := max(e.from-k, 0), min(e.until-k, 1); begin < end {
		changes = append(changes, simulation.During(begin, end, e.change)...)
	}
	e.played++
	w, traces := e.traffic.Next(changes...)
	return e.system.Take(w, traces, simulation.Sampling{Probability: e.sampled, Seed: e.samplingSeeds + uint64(e.played)})
}
