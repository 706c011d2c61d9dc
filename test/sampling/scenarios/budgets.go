package scenarios

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/sampling/synthetic"
)

const (
	// Window is how long a budget in spans may not be exceeded in, wherever it begins.
	Window = 10 * time.Second
	// interval is how long the sampler collects traces before it selects some of them.
	interval = 100 * time.Millisecond
	// flowFor is how long traffic flows in a budget scenario.
	flowFor = time.Minute
)

// Storm is traffic that a budget must withstand.
type Storm struct {
	Name   string
	Traces func() ([]*simulate.Trace, error)
	Burst  float64 // factor of the rate in the third quarter; 1: none
}

// Storms lists quiet times, a burst, a time in which nearly every trace has an error, and both.
func Storms(dir string) []Storm {
	usual, errors := Made(func(o *synthetic.Options) { o.Traces = 3000 }), Recorded(dir, "hotrod")
	return []Storm{
		{"steady", usual, 1},
		{"10x burst", usual, 10},
		{"error storm", errors, 1},
		{"10x burst of errors", errors, 10},
	}
}

// Spent is what a sampler took from a budget of spans a second.
type Spent struct {
	Budget  float64 // spans a second
	Window  int     // most that were kept in any Window
	At      time.Duration
	Largest int     // spans of the largest kept trace
	Used    float64 // share of the budget from the first decision to the last
	Apart   int     // spans that a keep rule kept, or of traces larger than the bucket
}

// Large tells whether traces were kept that cost more than an interval earns.
func (s *Spent) Large() bool { return float64(s.Largest) > s.Budget*interval.Seconds() }

// Allowed is how many spans a Window may hold: 2 % over the budget. Large traces could be counted apart. Yet the sampler lets
// only the last one overdraw, which the next ones pay; there may be one at either end of a Window, for that of the sampler
// begins and ends where an interval does.
func (s *Spent) Allowed() float64 {
	allowed := 1.02 * s.Budget * Window.Seconds()
	if s.Large() {
		allowed = max(allowed, s.Budget*Window.Seconds()+2*float64(s.Largest))
	}
	return allowed
}

// Over is the most that was kept in a Window, of what the budget allows there.
func (s *Spent) Over() float64 { return float64(s.Window) / (s.Budget * Window.Seconds()) }

// Spend lets a storm of two and a half times the budget loose on a sampler.
func (s *Storm) Spend(ctx context.Context, perSecond float64, change func(*tailsampling.Config)) (*Spent, []simulate.Outcome, error) {
	traces, err := s.Traces()
	if err != nil {
		return nil, nil, err
	}
	cfg := tailsampling.Defaults()
	SpansPerSecond(perSecond)(&cfg)
	Quick(&cfg)
	if change != nil {
		change(&cfg)
	}
	res, err := simulate.Runner{Config: cfg}.Run(ctx, Flow(traces, 2.5*perSecond, flowFor, s.Burst))
	if err != nil {
		return nil, nil, err
	}
	return newSpent(perSecond, res.Outcomes), res.Outcomes, nil
}

// newSpent adds up decisions: late spans are none.
func newSpent(perSecond float64, outs []simulate.Outcome) *Spent {
	s := &Spent{Budget: perSecond}
	var kept []simulate.Outcome
	total := 0
	var first, last time.Duration
	for i := range outs {
		if o := &outs[i]; o.Decided {
			if last == 0 || o.At < first {
				first = o.At
			}
			last = max(last, o.At)
		}
		switch o := &outs[i]; {
		case !o.Kept:
		case o.Decision.Reason == "rule:"+RuleKeep, o.Decision.Reason == "large":
			s.Apart += o.Decision.Spans
			total += o.Decision.Spans
		default:
			kept = append(kept, *o)
			total += o.Decision.Spans
			s.Largest = max(s.Largest, o.Decision.Spans)
		}
	}
	slices.SortFunc(kept, func(a, b simulate.Outcome) int { return cmp.Compare(a.At, b.At) })
	sum, from := 0, 0
	for i := range kept {
		sum += kept[i].Decision.Spans
		for kept[from].At <= kept[i].At-Window {
			sum -= kept[from].Decision.Spans
			from++
		}
		if sum > s.Window {
			s.Window, s.At = sum, kept[from].At
		}
	}
	// Not from the first arrival to the last: kinds of traces that have not been seen are waited for, InitialWait at the
	// beginning, and who decides nothing has nothing to spend on.
	if long := last - first; long > 0 {
		s.Used = float64(total) / (perSecond * long.Seconds())
	}
	return s
}

// WithRules counts what keep rules kept with the rest, for they take from the budget.
func WithRules(perSecond float64, outs []simulate.Outcome) *Spent {
	outs = slices.Clone(outs)
	for i := range outs {
		if strings.HasPrefix(outs[i].Decision.Reason, "rule:") {
			outs[i].Decision.Reason = ""
		}
	}
	return newSpent(perSecond, outs)
}

// Flow repeats traces at so many spans a second, for so long, and in the third quarter of that at a multiple of it.
func Flow(traces []*simulate.Trace, offered float64, long time.Duration, burst float64) []simulate.Arrival {
	spans := 0
	for _, t := range traces {
		spans += t.Spans
	}
	rate := offered * float64(len(traces)) / float64(max(1, spans))
	var out []simulate.Arrival
	at := 0.0
	for seed := uint64(1); at < long.Seconds() && len(traces) > 0; seed++ {
		for _, a := range (simulate.Schedule{Rate: 1, Seed: seed}).Plan(traces).Arrivals {
			a.At = time.Duration(at * float64(time.Second))
			out = append(out, a)
			r := rate
			if q := at / long.Seconds(); q >= 0.5 && q < 0.75 {
				r *= burst
			}
			if at += 1 / r; at >= long.Seconds() {
				break
			}
		}
	}
	return out
}

// Share lets steady traffic of 2,000 spans a second through a percentage for a minute and a half, and returns which
// percentage of the last minute's spans was kept.
func Share(ctx context.Context, traces []*simulate.Trace, percentage float64) (float64, error) {
	const settled = 30 * time.Second
	cfg := tailsampling.Defaults()
	Percent(percentage)(&cfg)
	Quick(&cfg)
	res, err := simulate.Runner{Config: cfg}.Run(ctx, Flow(traces, 2000, settled+time.Minute, 1))
	if err != nil {
		return 0, err
	}
	var offered, kept int
	for i := range res.Outcomes {
		o := &res.Outcomes[i]
		if o.At <= settled {
			continue
		}
		offered += o.Decision.Spans
		if o.Kept {
			kept += o.Decision.Spans
		}
	}
	return 100 * float64(kept) / float64(max(1, offered)), nil
}
