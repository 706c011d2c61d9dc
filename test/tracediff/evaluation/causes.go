package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// cause is a fault whose place is known.
type cause struct {
	name   string
	change func(*site) []simulation.Change
	places func(*site) []string // services of which a report should name one
}

var causes = []cause{
	{"network delay of 20 ms", func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Delay(s.service(), 20*time.Millisecond, true)}
	}, onService},
	{"CPU contention x3", func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Contention(s.service(), 3)}
	}, onService},
	{"operation x2", slowed(2), onService},
	{"5 % errors of a service", func(s *site) []simulation.Change {
		return []simulation.Change{simulation.ServiceFailures(s.service(), 0.05, 0.5)}
	}, onService},
	{"new service", func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Added(s.from, s.fresh, 1)}
	}, func(s *site) []string { return []string{s.system.Operations[s.fresh].Service} }},
	{"missing call", func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Dropped(s.from, s.op)}
	}, func(s *site) []string { return []string{s.service(), s.system.Operations[s.from].Service} }},
}

func onService(s *site) []string { return []string{s.service()} }

// reported is how faults were reported.
type reported struct {
	flagged, first, three of
	lines, messages       []int
}

func (t *reported) add(o *reported) {
	t.flagged.join(o.flagged)
	t.first.join(o.first)
	t.three.join(o.three)
	t.lines, t.messages = append(t.lines, o.lines...), append(t.messages, o.messages...)
}

// report takes in the report of a fault whose place is one of some services; nil where nothing was flagged.
func (t *reported) report(d *compare.Diff, places []string) {
	t.flagged.add(d != nil)
	rank := 0
	if d != nil {
		rank = lineOf(d, places...)
		t.lines = append(t.lines, reportLines(d))
	}
	t.first.add(rank == 1)
	t.three.add(rank > 0 && rank <= 3)
}

// named measures whether the first lines of a report name the cause of what changed.
func named(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("client spans", "fault", "flagged", "cause in the first line", "in the first three", "lines, median", "messages, median")
	all := &reported{}
	for _, in := range shapes {
		progress("causes: %v", in)
		for i := range causes {
			got := causes[i].measured(o.causes, in, 0) //nolint:contextcheck // windows in memory are read at once
			t.Row(in.String(), causes[i].name, got.flagged.String(), got.first.interval(), got.three.interval(), middle(got.lines), middle(got.messages))
			all.add(got)
		}
	}
	all.targets(p, "simulated faults")
	p.Section("Causes",
		fmt.Sprintf("Faults that begin with a window of one minute with 2,500 calls of the operation, after %d windows without; default baselines. The first\n"+
			"report with a flag within %d windows: the line that first names the service in which the fault is (the callee or the caller, for a\n"+
			"call that is missing). What is not flagged is not named. Messages are alerts that begin within %d windows.", warm, within, 2*within), t.String())
	return nil
}

// targets adds those of the issue.
func (t *reported) targets(p *scorecard.Part, of string) {
	p.Target(t.first.share() >= 0.8, of+": cause named in the first line", "at least 80 %", "%s", t.first.interval())
	p.Target(t.three.share() >= 0.95, of+": cause named in the first three lines", "at least 95 %", "%s", t.three.interval())
	if len(t.lines) > 0 {
		p.Target(quantile(t.lines, 0.5) <= 3, of+": lines of a report", "median at most 3", "median %s, 95th percentile %d", middle(t.lines), quantile(t.lines, 0.95))
	}
	if len(t.messages) > 0 {
		p.Target(quantile(t.messages, 0.5) == 1, of+": alert messages for a fault", "1", "median %s, 95th percentile %d", middle(t.messages), quantile(t.messages, 0.95))
	}
}

// measured runs a fault so many times.
func (c *cause) measured(runs int, in shape, sampled float64) *reported {
	got := &reported{}
	var mu sync.Mutex
	parallel(runs, func(n int) {
		e := newEpisode(newSite(n%systems, in, 2500), &kind{change: c.change}, time.Minute, 1<<12+n)
		e.from, e.sampled = warm, sampled
		r := newRun(time.Minute, defaultBaselines()...)
		for range warm {
			r.next(e.next())
		}
		var report *compare.Diff
		messages := 0
		for i := range 2 * within {
			out := r.next(e.next())
			messages += len(out.fired)
			for _, d := range out.diffs {
				if report == nil && i < within && reportLines(d) > 0 {
					report = d
				}
			}
		}
		mu.Lock()
		defer mu.Unlock()
		got.report(report, c.places(e.site))
		if messages > 0 {
			got.messages = append(got.messages, messages)
		}
	})
	return got
}

func quantile(v []int, q float64) int {
	slices.Sort(v)
	return v[min(len(v)-1, int(q*float64(len(v))))]
}

// middle is the median.
func middle(v []int) string {
	if len(v) == 0 {
		return "-"
	}
	return strconv.Itoa(quantile(v, 0.5))
}
