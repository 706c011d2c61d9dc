package tailsampling

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Overview is the state of an engine, as a person wants to see it.
type Overview struct {
	Stats
	Budget  Budget
	DryRun  bool        // everything is forwarded, whatever is decided
	Offered float64     // cost a second that comes up for decision, in the unit of the budget; what drop rules match is left out
	Signs   []SignState // of which a trace can be interesting
	// Decisions are those since Since: the last ones, as many as are logged.
	Decisions []ReasonCount
	Since     time.Time
}

// SignState is what it takes for a sign to be reason enough.
type SignState struct {
	Name   string
	Share  float64 // of the budget above the baseline, as configured
	Enough float64 // strength from which it alone is reason enough, see Sign
}

// ReasonCount is how many traces, and spans of them, were decided for a reason.
type ReasonCount struct {
	Kept          bool
	Reason        string
	Traces, Spans int
}

// Overview says how the sampler stands.
func (e *Engine) Overview(ctx context.Context) (Overview, error) {
	o := Overview{Stats: e.Stats()}
	err := e.ask(ctx, func(d *decider) { d.overview(&o) })
	return o, err
}

func (d *decider) overview(o *Overview) {
	o.DryRun = d.cfg.DryRun
	o.Budget, o.Offered = d.cfg.Budget, d.selector.offered+d.selector.sure
	for k := range signCount {
		o.Signs = append(o.Signs, SignState{Name: k.String(), Share: d.selector.interest[k], Enough: float64(d.selector.enough[k])})
	}
	o.Since = d.at(d.log.since())
	o.Decisions = d.reasonCounts(func(*logged) bool { return true })
}

// reasonCounts counts logged decisions by outcome and reason, the most frequent first.
func (d *decider) reasonCounts(of func(*logged) bool) []ReasonCount {
	counts := make([][2]ReasonCount, len(d.log.reasons)) // by reason, dropped and kept
	for e := range d.log.all() {
		if of(e) {
			n := &counts[e.reason][0]
			if e.kept {
				n = &counts[e.reason][1]
			}
			n.Traces++
			n.Spans += int(e.spans)
		}
	}
	out := []ReasonCount{}
	for code, both := range counts {
		for kept, n := range both {
			if n.Traces > 0 {
				n.Kept, n.Reason = kept == 1, d.log.reasons[code]
				out = append(out, n)
			}
		}
	}
	slices.SortFunc(out, func(a, b ReasonCount) int {
		return cmp.Or(cmp.Compare(b.Traces, a.Traces), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}
