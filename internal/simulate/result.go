package simulate

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracestate"
)

// Result is what the engine decided and sent.
type Result struct {
	Outcomes    []Outcome // one for each arrival, in their order
	LateKept    int       // spans that came after their trace had been kept
	LateDropped int       // spans that came after their trace had been dropped
	Lost        int       // spans neither kept nor sampled out
	Refused     int       // spans that were answered with an error first
	BelowOwn    int       // kept spans whose randomness is below the threshold that they carry
	Uneven      int       // kept spans with another threshold than their trace's others
	Unmarked    int       // kept spans without a threshold
	Rules       []string  // names of the rules, in their order
	RulesExceed bool      // keep rules took more than the budget less its baseline at the end

	Gateways int                 // 0: a sampler on its own
	Budget   tailsampling.Budget // of all gateways together
}

// recorder takes the place of everything around the engine.
type recorder struct {
	Result
	byID map[pcommon.TraceID]int
	now  *time.Duration
}

var (
	_ tailsampling.Observer = (*recorder)(nil)
	_ tailsampling.Next     = (*recorder)(nil)
)

func newRecorder(arrivals []Arrival, now *time.Duration) *recorder {
	r := &recorder{byID: make(map[pcommon.TraceID]int, len(arrivals)), now: now}
	r.Outcomes = make([]Outcome, len(arrivals))
	for i, a := range arrivals {
		r.Outcomes[i].Arrival = a
		r.byID[a.ID] = i
	}
	return r
}

// Decided implements tailsampling.Observer.
func (r *recorder) Decided(d *tailsampling.Decision) {
	if i, ok := r.byID[d.TraceID]; ok {
		o := &r.Outcomes[i]
		o.Decided, o.Kept, o.Decision, o.At, o.Threshold = true, d.Kept, *d, *r.now, d.Threshold
	}
}

// Selected implements tailsampling.Observer.
func (r *recorder) Selected(s *tailsampling.Stats) { r.RulesExceed = s.RulesExceed }

// Late implements tailsampling.Observer.
func (r *recorder) Late(kept bool, spans int) {
	if kept {
		r.LateKept += spans
	} else {
		r.LateDropped += spans
	}
}

// Lost implements tailsampling.Observer.
func (r *recorder) Lost(_ tailsampling.LossReason, spans int) { r.Result.Lost += spans }

// Refused implements tailsampling.Observer.
func (r *recorder) Refused(spans int) { r.Result.Refused += spans }

// Sent implements tailsampling.Observer.
func (*recorder) Sent(int) {}

// ConsumeTraces implements tailsampling.Next: it reads what was kept as any receiver would.
func (r *recorder) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	for _, s := range spansOf(td) {
		i, ok := r.byID[s.TraceID()]
		if !ok {
			continue
		}
		o := &r.Outcomes[i]
		m := tracestate.Read(s.TraceState().AsRaw())
		switch {
		case !m.HasThreshold:
			r.Unmarked++
		case randomnessOf(m, s.TraceID()) < m.Threshold:
			r.BelowOwn++
		}
		if m.HasThreshold {
			if o.SpansSent > 0 && m.Threshold != o.Threshold {
				r.Uneven++
			}
			o.Threshold = m.Threshold
		}
		o.SpansSent++
	}
	return nil
}
