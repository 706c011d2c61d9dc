package simulate

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Summary is what many runs with different seeds show together. Shares are 0 to 1, times seconds.
type Summary struct {
	Seeds        int             `json:"seeds"`
	Traces       Spread          `json:"traces"`
	Spans        Spread          `json:"spans"`
	TraceShare   Spread          `json:"kept_trace_share"`
	SpanShare    Spread          `json:"kept_span_share"`
	KeptTraces   Spread          `json:"kept_traces"`
	MeanInverseP Spread          `json:"mean_inverse_p"`
	Completeness Spread          `json:"completeness"`
	Whole        Spread          `json:"whole"`
	LatencyP50   Spread          `json:"latency_p50"`
	LatencyP99   Spread          `json:"latency_p99"`
	PathsSeen    Spread          `json:"paths_seen"` // share of the paths with a kept trace
	Reasons      []SummaryReason `json:"reasons"`
	Recall       *Spread         `json:"recall,omitempty"`
	WindowsSeen  *Spread         `json:"windows_seen,omitempty"` // share
	Faults       []SummaryFault  `json:"faults,omitempty"`
	PooledZ      float64         `json:"pooled_z"`   // of the trace counts of all runs together
	Quantities   []Quantity      `json:"quantities"` // unbiased: totals
	Derived      []Derived       `json:"derived"`    // consistent, not unbiased: a rate and quantiles
	BelowOwn     int             `json:"contradictory_spans"`
	Lost         int             `json:"lost_spans"`
}

// Spread is a figure over the runs.
type Spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // from run to run; 0 for one run
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// SummaryReason is the mean number of traces kept for one reason.
type SummaryReason struct {
	Reason string  `json:"reason"`
	Traces float64 `json:"traces"`
	Share  float64 `json:"share"` // of the kept spans, mean
}

// SummaryFault is one kind of anomaly in all runs.
type SummaryFault struct {
	Fault  string  `json:"fault"`
	Traces int     `json:"traces"`
	Kept   int     `json:"kept"`
	Recall float64 `json:"recall"`
}

// Quantity is how well a total is recovered over the runs.
type Quantity struct {
	Name     string  `json:"name"`
	Truth    float64 `json:"truth"`    // mean
	Estimate float64 `json:"estimate"` // mean
	Kept     float64 `json:"kept"`     // traces that an estimate rests on, mean
	// Bias is by how many standard errors of the mean estimates are off: beyond 3 they are biased. The error is what the
	// runs show, or what the probabilities of all traces say if that is more: a trace that is kept once in 500 runs and
	// counts for 500 then shows in few of them.
	Bias     float64 `json:"bias"`
	SD       float64 `json:"sd"`             // of the error, from run to run
	StdErr   float64 `json:"std_err"`        // that the runs state for themselves, root mean square
	Design   float64 `json:"design_std_err"` // that follows from the probabilities of all traces, root mean square
	Coverage float64 `json:"coverage"`       // share of the runs whose 95 % interval holds the truth
	Wald     float64 `json:"wald"`           // the same for estimate +- 1.96 standard errors
	Exact    bool    `json:"exact"`          // every trace that counts was kept for certain, in every run
}

// Enough tells whether a quantity rests on so many kept traces that its interval is expected to hold as often as it says:
// 100 in the mean. (A run's own number is no criterion: those with many are those that overestimate.)
func (q *Quantity) Enough() bool { return q.Kept >= 100 }

// Derived is how well a rate, or a quantile of the duration, is recovered.
type Derived struct {
	Quantity
	Ratio Spread `json:"ratio"` // estimate over truth
}

func spreadOf(v []float64) Spread {
	if len(v) == 0 {
		return Spread{}
	}
	s := Spread{Min: slices.Min(v), Max: slices.Max(v)}
	for _, x := range v {
		s.Mean += x / float64(len(v))
	}
	if len(v) > 1 {
		for _, x := range v {
			s.SD += (x - s.Mean) * (x - s.Mean) / float64(len(v)-1)
		}
		s.SD = math.Sqrt(s.SD)
	}
	return s
}

// spread collects a figure of every run.
func spread(runs []*run, f func(*Report) float64) Spread {
	v := make([]float64, len(runs))
	for i, r := range runs {
		v[i] = f(r.report)
	}
	return spreadOf(v)
}

func summarize(runs []*run) *Summary {
	s := &Summary{
		Seeds:        len(runs),
		Traces:       spread(runs, func(r *Report) float64 { return float64(r.Input.Traces) }),
		Spans:        spread(runs, func(r *Report) float64 { return float64(r.Input.Spans) }),
		TraceShare:   spread(runs, func(r *Report) float64 { return r.Kept.TraceShare }),
		SpanShare:    spread(runs, func(r *Report) float64 { return r.Kept.SpanShare }),
		KeptTraces:   spread(runs, func(r *Report) float64 { return float64(r.Kept.Traces) }),
		MeanInverseP: spread(runs, func(r *Report) float64 { return r.Kept.MeanInverseP }),
		Completeness: spread(runs, func(r *Report) float64 { return r.Decisions.Completeness }),
		Whole:        spread(runs, func(r *Report) float64 { return r.Decisions.Whole }),
		LatencyP50:   spread(runs, func(r *Report) float64 { return r.Decisions.LatencyP50 }),
		LatencyP99:   spread(runs, func(r *Report) float64 { return r.Decisions.LatencyP99 }),
		PathsSeen:    spread(runs, func(r *Report) float64 { return share(r.Kept.Paths, r.Input.Paths) }),
		Reasons:      summarizeReasons(runs),
		Quantities:   summarizeQuantities(runs),
		Derived:      summarizeDerived(runs),
	}
	var off, variance float64
	for _, r := range runs {
		e := r.report.Recovered.Traces
		off += e.Value - e.Truth
		variance += e.StdErr * e.StdErr
		s.BelowOwn += r.report.Decisions.BelowOwn
		s.Lost += r.report.Decisions.Lost
	}
	if variance > 0 {
		s.PooledZ = off / math.Sqrt(variance)
	}
	s.summarizeLabels(runs)
	return s
}

func (s *Summary) summarizeLabels(runs []*run) {
	if runs[0].report.Labels == nil {
		return
	}
	recall := spread(runs, func(r *Report) float64 { return r.Labels.Recall })
	windows := spread(runs, func(r *Report) float64 { return share(r.Labels.WindowsSeen, r.Labels.Windows) })
	s.Recall, s.WindowsSeen = &recall, &windows
	by := map[string]*SummaryFault{}
	for _, r := range runs {
		for _, f := range r.report.Labels.Faults {
			if by[f.Fault] == nil {
				by[f.Fault] = &SummaryFault{Fault: f.Fault}
			}
			by[f.Fault].Traces += f.Traces
			by[f.Fault].Kept += f.Kept
		}
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		f := by[name]
		f.Recall = share(f.Kept, f.Traces)
		s.Faults = append(s.Faults, *f)
	}
}

func summarizeReasons(runs []*run) []SummaryReason {
	by := map[string]*SummaryReason{}
	for _, r := range runs {
		for _, k := range r.report.Reasons {
			if by[k.Reason] == nil {
				by[k.Reason] = &SummaryReason{Reason: k.Reason}
			}
			by[k.Reason].Traces += float64(k.Traces) / float64(len(runs))
			by[k.Reason].Share += k.Share / float64(len(runs))
		}
	}
	var out []SummaryReason
	for _, name := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[name])
	}
	slices.SortStableFunc(out, func(a, b SummaryReason) int { return cmp.Compare(b.Traces, a.Traces) })
	return out
}
