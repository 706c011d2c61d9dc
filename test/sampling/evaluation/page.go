package main

import (
	"fmt"

	"github.com/assayhq/assay/test/scorecard"
)

// newPart is the sampler's part of the page.
func newPart() *scorecard.Part { return &scorecard.Part{Name: "smart_tail_sampling"} }

func (o *options) introduction() string {
	return fmt.Sprintf("`make evaluation` wrote this part: the sampler's own code in virtual time, with its defaults but for the budget,\n"+
		"%d runs over labelled data and %d runs for bias and coverage, each under fresh trace ids.\n\nMachine: %s.",
		o.seeds, o.rekeyed, scorecard.Machine())
}

// pct writes a share as a percentage.
func pct(share float64) string { return scorecard.Percent(share, 1) }

// pct2 writes a share as a percentage, more exactly.
func pct2(share float64) string { return scorecard.Percent(share, 2) }
