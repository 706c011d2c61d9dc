package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/scorecard"
)

// newPart is trace_diff's part of the page.
func newPart() *scorecard.Part { return &scorecard.Part{Name: "trace_diff"} }

func (o *options) introduction() string {
	t := compare.DefaultThresholds()
	command := "`make evaluation-diff`"
	if len(o.given) > 0 {
		command = "`go run ./test/tracediff/evaluation " + strings.Join(o.given, " ") + "`"
	}
	return command + fmt.Sprintf(" wrote this part: trace_diff's own code with its defaults, fixed before the run (false discovery rate %v,\n"+
		"latency ratio %v, error delta %v, call ratio %v, %d windows in a row). %d pairs without a change, %d for each change, size and\n"+
		"system; the systems are not those that thresholds and priors were chosen on. Intervals are Wilson's, 95 %%. Machine: %s.",
		t.FDR, t.MinLatencyRatio, t.MinErrorDelta, t.MinCallRatio, t.Persist, o.pairs, o.repeats, scorecard.Machine())
}

// of is how often something happened.
type of struct{ hits, all int }

func (o *of) add(hit bool) {
	o.all++
	if hit {
		o.hits++
	}
}

// join adds what another saw.
func (o *of) join(other of) {
	o.hits += other.hits
	o.all += other.all
}

func (o of) share() float64 { return float64(o.hits) / float64(max(1, o.all)) }

// String writes it as a percentage.
func (o of) String() string {
	if o.all == 0 {
		return "-"
	}
	return scorecard.Number(100*o.share(), 1) + " %"
}

// interval writes it with its interval.
func (o of) interval() string {
	if o.all == 0 {
		return "-"
	}
	const z = 1.96
	n, p := float64(o.all), o.share()
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return fmt.Sprintf("%s (%s to %s)", o, scorecard.Number(100*max(0, mid-half), 1), scorecard.Number(100*min(1, mid+half), 1))
}
