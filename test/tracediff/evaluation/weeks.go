package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// climates are ways in which traffic goes on for weeks while nothing is wrong.
var climates = []struct {
	name    string
	season  simulation.Season
	deploys float64
}{
	{"steady", simulation.Season{}, 0},
	{"seasonal", simulation.Rhythm(), 0},
	{"deploying", simulation.Season{}, 4},
}

// weekly is how long windows are and how much is in them.
var weekly = []struct {
	length   time.Duration
	requests float64
	weeks    int // for one of options.weeks: long windows are fewer
}{{time.Minute, 300, 1}, {10 * time.Minute, 1000, 3}}

// weeks measures how often alerts fire where nothing is wrong.
func weeks(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("window", "requests a window", "traffic", "weeks", "windows", "with a flag", "alerts", "alerts a week")
	worst := 0.0
	for _, w := range weekly {
		for _, c := range climates {
			n, hours := o.weeks*w.weeks, 7*24
			if o.quick {
				n, hours = 2, 12
			}
			progress("weeks: %v, %s", w.length, c.name)
			fired, flags := 0, of{}
			var mu sync.Mutex
			parallel(n, func(k int) { //nolint:contextcheck // windows in memory are read at once
				traffic := simulation.Traffic{
					System: shapes[0].system(k % systems), Weather: simulation.Realistic(), Season: c.season, Deploys: c.deploys,
					Rate: w.requests / w.length.Seconds(), Length: w.length, Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Seed: uint64(k)<<44 + 1<<43,
				}
				r := newRun(w.length, defaultBaselines()...)
				for range int(time.Duration(hours) * time.Hour / w.length) {
					window, traces := traffic.Next()
					out := r.next(traffic.System.Take(window, traces, simulation.Sampling{}))
					mu.Lock()
					fired += len(out.fired)
					for _, d := range out.diffs {
						flags.add(flagged(d) > 0)
					}
					mu.Unlock()
				}
			})
			took := float64(n*hours) / (7 * 24)
			t.Row(short(w.length), scorecard.Number(w.requests, 0), c.name, scorecard.Number(took, 1), strconv.Itoa(flags.all), flags.interval(),
				strconv.Itoa(fired), scorecard.Number(float64(fired)/took, 2))
			worst = max(worst, float64(fired)/took)
		}
	}
	p.Target(worst <= falseAlertsAWeek, "false alerts a week of one query: steady, seasonal and deploying traffic", fmt.Sprintf("at most %v", falseAlertsAWeek),
		"%s at worst", scorecard.Number(worst, 2))
	p.Section("Weeks in which nothing is wrong",
		"One query with the default baselines, twelve services. Seasonal traffic is four times as much in the afternoon as at night, with calls\n"+
			"15 % slower, and less on weekends; deploying traffic puts four versions a day in place, each of which changes the own time of its\n"+
			"service's operations by up to 3 %.", t.String())
	return nil
}

// falseAlertsAWeek is what is promised of one query.
const falseAlertsAWeek = 1.0
