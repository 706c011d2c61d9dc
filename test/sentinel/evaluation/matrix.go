package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
)

// Settings of the matrix: short times, so that there are many trials. Verdicts depend on them in nothing but scale.
const (
	matrixRate = 4
	matrixLate = 5 * time.Second
	matrixLost = 15 * time.Second
)

// tallied is what the trials of one cell have shown.
type tallied struct {
	mu                                     sync.Mutex
	trials, wrongTrials, unknownTrials     int
	traces, harmed, judged, wrong, unknown int
	example                                string
}

func (t *tallied) add(o *rehearsal.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trials++
	t.traces += o.Traces
	t.harmed += o.Harmed
	t.judged += o.Judged
	t.unknown += o.Unknown
	t.wrong += len(o.Wrong)
	if o.Unknown > 0 {
		t.unknownTrials++
	}
	if len(o.Wrong) > 0 {
		t.wrongTrials++
		t.example = o.Wrong[0]
	}
}

// cell runs the trials of a class at a vantage. In every other one, manifests come on a road of their own.
func cell(o *options, change func(*rehearsal.Setting), class rehearsal.Class, vantage rehearsal.Vantage, trials int) (*tallied, error) {
	s, err := stream(matrixRate)
	if err != nil {
		return nil, err
	}
	t := &tallied{}
	return t, parallel(trials, func(i int) error {
		set := rehearsal.Setting{Stream: s, LateAfter: matrixLate, LostAfter: matrixLost, Direct: i%2 == 0}
		if change != nil {
			change(&set)
		}
		outcome, err := set.Trial(class, vantage, o.seed+uint64(i))
		if err == nil {
			t.add(&outcome)
		}
		return err
	})
}

// matrix runs every class of faults at every vantage.
func matrix(o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("fault", "vantage", "trials", "traces", "of these harmed", "told wrong", "rightly unknown")
	var all, wrong, downTrials, downUnknown int
	for _, class := range rehearsal.Classes() {
		for _, vantage := range rehearsal.Vantages() {
			c, err := cell(o, nil, class, vantage, o.trials)
			if err != nil {
				return err
			}
			if c.wrong > 0 {
				fmt.Fprintf(os.Stderr, "%s at %s: %s\n", class, vantage, c.example)
			}
			if c.judged == 0 {
				return fmt.Errorf("%s at %s: nothing was judged: such a run proves nothing", class, vantage)
			}
			if class == rehearsal.BackendDown && vantage != rehearsal.PipelineEnd {
				downTrials += c.trials
				downUnknown += c.unknownTrials
			}
			all += c.trials
			wrong += c.wrongTrials
			t.Row(string(class), string(vantage), strconv.Itoa(c.trials), strconv.Itoa(c.traces), strconv.Itoa(c.harmedOf(class)), strconv.Itoa(c.wrong), strconv.Itoa(c.unknown))
		}
	}
	p.Target(wrong == 0, "trials in which a trace is told wrong", "0", "%d of %d", wrong, all)
	p.Target(downUnknown == downTrials, "trials with the backend down that end unknown", "all", "%d of %d", downUnknown, downTrials)
	p.Section("Fault matrix", "Each trial is some healthy seconds, then a fault that begins at random, harms a random share of the traces (5 to 100 %) for 2 to 10 s, "+
		"and ends. Each trace has one right verdict, which follows from what was done to it; a trace without a verdict is told wrong, too. "+
		"Corruption changes one field, drawn from all fields that the vantage can show, and the verdict has to name it. In half of the trials the "+
		"generator's manifests have no other road than the pipeline, so that some losses are rightly unknown. "+
		"A delay is longer than late_after and shorter than lost_after; reordering scatters single spans over a third of late_after. "+
		"The backend that is down answers 503 in half of the trials, and not at all in the others. Tempo shows a span once, however often it has it: a trace that was doubled is delivered there.", t.String())
	return nil
}

// harmedOf leaves out classes that do no harm to single traces.
func (t *tallied) harmedOf(class rehearsal.Class) int {
	switch class {
	case rehearsal.Healthy, rehearsal.Source, rehearsal.BackendDown, rehearsal.Reordering:
		return 0
	}
	return t.harmed
}

// controls are runs that must fail.
func controls(o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("control", "fault", "trials", "found out")
	var all, found int
	trials := max(10, o.trials/10)
	for _, class := range []rehearsal.Class{rehearsal.Loss, rehearsal.Incomplete, rehearsal.Delay, rehearsal.Duplication, rehearsal.Corruption} {
		c, err := cell(o, func(s *rehearsal.Setting) { s.Blind, s.Share = true, 0.5 }, class, rehearsal.PipelineEnd, trials)
		if err != nil {
			return err
		}
		all, found = all+c.trials, found+c.wrongTrials
		t.Row("a verifier that is shown a healthy pipeline", string(class), strconv.Itoa(c.trials), strconv.Itoa(c.wrongTrials))
	}
	c, err := cell(o, func(s *rehearsal.Setting) { s.Deaf = true }, rehearsal.Healthy, rehearsal.PipelineEnd, trials)
	if err != nil {
		return err
	}
	all, found = all+c.trials, found+c.wrongTrials
	t.Row("a verifier that is shown nothing", string(rehearsal.Healthy), strconv.Itoa(c.trials), strconv.Itoa(c.wrongTrials))
	p.Target(found == all, "negative controls that are found out", "all", "%d of %d trials", found, all)
	p.Section("Negative controls", "A matrix that cannot fail proves nothing. Here the verifier does not see what the matrix believes that it sees.", t.String())
	return nil
}
