// Package slo measures verdicts against objectives: how much of the error budget is used, and how fast it burns.
//
//	objective      good                                       bad
//	completeness   delivered, late                            missing, incomplete, duplicate, corrupt, unexpected, refused_at_source
//	latency        whole within the time that is allowed      whole, but later; a trace whose delay was not observed is neither
//
// Traces that are sampled out count for neither. A generator_gap and unknown count against coverage: the share of the
// traces of which something is known.
//
// The burn rate is the share of bad traces by the share that is allowed: at 1, the budget lasts for just the window. It is
// taken over the window, and over a twelfth of it (as in chapter 5 of The Site Reliability Workbook, where an hour goes with
// five minutes): what burns in the short one is going on now.
package slo

import (
	"errors"
	"fmt"
	"time"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Config is what is promised.
type Config struct {
	Completeness float64       // share of the traces that arrive whole and unchanged, once
	P99          time.Duration // 99 % of them arrive within it
	Window       time.Duration // over which this is promised
}

// Default returns the usual promises.
func Default() Config {
	return Config{Completeness: 0.9999, P99: 15 * time.Second, Window: time.Hour}
}

// Validate reports all that is wrong at once.
func (c *Config) Validate() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !(c.Completeness > 0 && c.Completeness < 1) {
		add("completeness: must be more than 0 and less than 1 (nothing is perfect), got %v", c.Completeness)
	}
	if c.P99 <= 0 {
		add("p99: must be positive, got %v", c.P99)
	}
	if c.Window < time.Minute || c.Window > 31*24*time.Hour {
		add("window: must be between 1m and 744h, got %v", c.Window)
	}
	return errors.Join(problems...)
}

// cells is in how many parts the window is counted. What is older than the window leaves it part by part.
const cells = 120

// shortCells is a twelfth.
const shortCells = cells / 12

// cell is what was judged in a part of the window.
type cell struct {
	number                          int64 // of the part, since 0 on the clock
	good, bad, fast, slow, unjudged uint64
	seen                            uint64 // slow ones, without those that they stand for
}

// Tracker counts verdicts. It is not safe for concurrent use.
type Tracker struct {
	config Config
	cells  [cells]cell
}

// NewTracker makes one of a valid configuration.
func NewTracker(config Config) *Tracker { return &Tracker{config: config} }

// at returns the cell of a moment, emptied where it was of another.
func (t *Tracker) at(now time.Duration) *cell {
	number := int64(now / (t.config.Window / cells))
	c := &t.cells[number%cells]
	if c.number != number {
		*c = cell{number: number}
	}
	return c
}

// Add counts a verdict, and takes back the one that it replaces, in the present: when that was given is not known any more.
func (t *Tracker) Add(now time.Duration, j *verify.Judgement) {
	c, n := t.at(now), uint64(max(1, j.Traces))
	add := func(to *uint64, n uint64) { *to += n }
	back := func(from *uint64, n uint64) { *from -= min(*from, n) }
	t.count(c, j.Verdict, j, n, add)
	t.count(c, j.Was, j, n, back)
}

// count changes the counts of a verdict. A trace whose delay was observed in the place of others counts for all of them.
func (t *Tracker) count(c *cell, v verify.Verdict, j *verify.Judgement, n uint64, change func(*uint64, uint64)) {
	stands := max(n, uint64(j.Stands))
	switch {
	case v == verify.Late:
		change(&c.good, n)
		change(&c.slow, n)
		change(&c.seen, n)
	case v == verify.Delivered:
		change(&c.good, n)
		if j.Delay > t.config.P99 {
			change(&c.slow, stands)
			change(&c.seen, n)
		} else if j.Delay > 0 {
			change(&c.fast, stands)
		}
	case Bad(v):
		change(&c.bad, n)
	case v == verify.Unknown || v == verify.GeneratorGap:
		change(&c.unjudged, n)
	}
}

// Bad says whether a verdict counts against completeness.
func Bad(v verify.Verdict) bool {
	return v == verify.RefusedAtSource || v.Failing() && v != verify.Late
}

// Objective is how one promise is kept.
type Objective struct {
	Target    float64 // share that must be good
	Good      uint64  // over the window
	Bad       uint64  // over the window
	Budget    float64 // share of the allowed bad ones that is left; negative: more than all is used
	Burn      float64 // over the window
	ShortBurn float64 // over a twelfth of it
	Short     uint64  // good and bad over a twelfth
	ShortBad  uint64  // of these, bad
	State     State
}

// State is how an objective stands.
type State string

// The states.
const (
	OK        State = "ok"
	Burning   State = "burning"   // at the present rate, more than the budget goes
	Exhausted State = "exhausted" // the budget of the window is used up
	NoData    State = "no_data"
)

// Report is how the promises are kept.
type Report struct {
	Completeness Objective
	Latency      Objective
	Coverage     float64 // share of the traces of the window of which something is known; 1 where there are none
	Recent       float64 // the same over a twelfth
	Judged       uint64  // traces of a twelfth that something is known of
}

// latencyTarget is what P99 means.
const latencyTarget = 0.99

// enough is how many slow traces must be seen in the short window, where each stands for others too, before that is no chance: where half of
// the slow ones that may be are, there are as many once in 25 times.
const enough = 3

// Report sums up. overdue traces, which have no verdict yet, count against completeness.
func (t *Tracker) Report(now time.Duration, overdue uint64) Report {
	long, short := cell{bad: overdue}, cell{bad: overdue}
	newest := t.at(now).number
	for i := range t.cells {
		c := &t.cells[i]
		age := newest - c.number
		if age < 0 || age >= cells {
			continue
		}
		long.add(c)
		if age < shortCells {
			short.add(c)
		}
	}
	shortSlow := short.slow
	if short.slow > short.seen && short.seen < enough {
		shortSlow = 0
	}
	return Report{
		Completeness: objective(t.config.Completeness, long.good, long.bad, short.good, short.bad),
		Latency:      objective(latencyTarget, long.fast, long.slow, short.fast, shortSlow),
		Coverage:     long.coverage(), Recent: short.coverage(), Judged: short.good + short.bad,
	}
}

func (c *cell) add(o *cell) {
	c.good, c.bad, c.fast, c.slow, c.unjudged, c.seen = c.good+o.good, c.bad+o.bad, c.fast+o.fast, c.slow+o.slow, c.unjudged+o.unjudged, c.seen+o.seen
}

func (c *cell) coverage() float64 {
	known := float64(c.good + c.bad)
	if known+float64(c.unjudged) == 0 {
		return 1
	}
	return known / (known + float64(c.unjudged))
}

func objective(target float64, good, bad, shortGood, shortBad uint64) Objective {
	o := Objective{
		Target: target, Good: good, Bad: bad, Burn: burn(target, good, bad), ShortBurn: burn(target, shortGood, shortBad),
		Short: shortGood + shortBad, ShortBad: shortBad, State: OK,
	}
	o.Budget = 1 - o.Burn
	switch {
	case good+bad == 0:
		o.State = NoData
	case o.Burn > 1:
		o.State = Exhausted
	case o.ShortBurn > 1:
		o.State = Burning
	}
	return o
}

// burn is the share of bad ones by the share that is allowed.
func burn(target float64, good, bad uint64) float64 {
	if bad == 0 {
		return 0
	}
	return float64(bad) / float64(good+bad) / (1 - target)
}
