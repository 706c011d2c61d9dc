package simulate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/assayhq/assay/internal/tailsampling"
)

// Report compares what one run kept with the truth. Its JSON form is what assayctl simulate prints; shares and rates are
// 0 to 1, times in seconds, counts in traces where they do not say spans.
type Report struct {
	Input     InputReport     `json:"input"`
	Kept      KeptReport      `json:"kept"`
	Reasons   []ReasonReport  `json:"reasons"`
	Rules     []RuleReport    `json:"rules,omitempty"` // each of the configuration, in its order
	Exceed    bool            `json:"rules_exceed_budget,omitempty"`
	Recovered RecoveredReport `json:"recovered"`
	Decisions DecisionReport  `json:"decisions"`
	Labels    *LabelReport    `json:"labels,omitempty"`
	Fleet     *FleetReport    `json:"gateways,omitempty"`
	Paths     []PathReport    `json:"paths"`
	Histogram []Bucket        `json:"duration_histogram"`
}

// InputReport is what came in.
type InputReport struct {
	Traces     int     `json:"traces"`
	Spans      int     `json:"spans"`
	WarmUp     int     `json:"warm_up_traces"`    // sent before, uncounted
	Sampled    int     `json:"presampled_traces"` // came in with a threshold
	RuledOut   int     `json:"ruled_out_traces"`  // dropped by a rule: not part of what is recovered
	Errors     int     `json:"error_traces"`      // with an error in any span
	RootErrors int     `json:"failed_roots"`
	Paths      int     `json:"paths"`
	Endpoints  int     `json:"endpoints"`
	Seconds    float64 `json:"seconds"` // of virtual time
}

// KeptReport is what was kept of it.
type KeptReport struct {
	Traces       int     `json:"traces"`
	Spans        int     `json:"spans"`
	TraceShare   float64 `json:"trace_share"`
	SpanShare    float64 `json:"span_share"`
	MeanInverseP float64 `json:"mean_inverse_p"` // sum of w^2 over sum of w, w the adjusted counts: grows with the variance of estimates
	Paths        int     `json:"paths"`          // with a kept trace
	Errors       int     `json:"error_traces"`
	RootErrors   int     `json:"failed_roots"`
}

// ReasonReport is what was kept for one reason.
type ReasonReport struct {
	Reason string  `json:"reason"`
	Traces int     `json:"traces"`
	Spans  int     `json:"spans"`
	Share  float64 `json:"share"` // of the kept spans
}

// RuleReport is what matches one rule.
type RuleReport struct {
	Rule   string `json:"rule"`
	Traces int    `json:"traces"`
	Kept   int    `json:"kept"`
}

// RecoveredReport is what the adjusted counts of kept traces tell about all. Durations are seconds.
type RecoveredReport struct {
	Traces     Estimate `json:"traces"`
	Spans      Estimate `json:"spans"`
	Errors     Estimate `json:"error_traces"`
	RootErrors Estimate `json:"failed_roots"`
	ErrorRate  Estimate `json:"error_rate"`
	P50        Estimate `json:"p50"`
	P90        Estimate `json:"p90"`
	P99        Estimate `json:"p99"`
}

// DecisionReport is how well and how soon was decided.
type DecisionReport struct {
	LatencyP50   float64 `json:"latency_p50"`  // seconds from a trace's last span to its decision
	LatencyP99   float64 `json:"latency_p99"`  // the same
	Completeness float64 `json:"completeness"` // share of spans that were there when their trace was decided
	Whole        float64 `json:"whole"`        // share of kept traces of which every span was sent
	LateKept     int     `json:"late_spans_kept"`
	LateDropped  int     `json:"late_spans_dropped"`
	Lost         int     `json:"lost_spans"`
	Refused      int     `json:"refused_spans"`
	Undecided    int     `json:"undecided_traces"`
	Unmarked     int     `json:"unmarked_spans"`        // kept without a threshold
	BelowOwn     int     `json:"contradictory_spans"`   // kept below the threshold that they carry
	Uneven       int     `json:"uneven_spans"`          // kept with another threshold than their trace
	Mixed        int     `json:"mixed_incoming_traces"` // kept, but came in with something that no threshold can state
}

// NewReport looks at one run.
func NewReport(plan Plan, res *Result, labels *Labels) *Report {
	outs := res.Outcomes[plan.Warmup:]
	r := &Report{
		Labels:    newLabelReport(plan, outs, labels),
		Fleet:     newFleetReport(outs, res),
		Paths:     pathReports(outs),
		Histogram: histogram(outs),
	}
	r.Input.WarmUp = plan.Warmup
	if len(outs) > 0 {
		r.Input.Seconds = (outs[len(outs)-1].Arrival.At - outs[0].Arrival.At).Seconds()
	}
	r.count(outs)
	r.Reasons = reasonReports(outs)
	r.Rules, r.Exceed = ruleReports(outs, res.Rules), res.RulesExceed
	r.Recovered = recover95(outs)
	r.Decisions = newDecisionReport(outs, res)
	return r
}

func (r *Report) count(outs []Outcome) {
	endpoints := map[string]bool{}
	var sum, squares float64
	for i := range outs {
		o := &outs[i]
		endpoints[o.Trace.Endpoint] = true
		r.Input.Traces++
		r.Input.Spans += o.Trace.Spans
		r.Input.Sampled += one(o.Trace.Threshold > 0)
		r.Input.RuledOut += one(o.ruledOut())
		r.Input.Errors += one(o.Trace.Errors > 0)
		r.Input.RootErrors += one(o.Trace.RootError)
		if !o.Kept {
			continue
		}
		r.Kept.Traces++
		r.Kept.Spans += o.SpansSent
		r.Kept.Errors += one(o.Trace.Errors > 0)
		r.Kept.RootErrors += one(o.Trace.RootError)
		w := o.drawn().weight
		sum += w
		squares += w * w
	}
	r.Input.Paths, r.Input.Endpoints = len(r.Paths), len(endpoints)
	for _, p := range r.Paths {
		r.Kept.Paths += one(p.Kept > 0)
	}
	r.Kept.TraceShare = share(r.Kept.Traces, r.Input.Traces)
	r.Kept.SpanShare = share(r.Kept.Spans, r.Input.Spans)
	if sum > 0 {
		r.Kept.MeanInverseP = squares / sum
	}
}

func reasonReports(outs []Outcome) []ReasonReport {
	by := map[string]*ReasonReport{}
	spans := 0
	for i := range outs {
		o := &outs[i]
		if !o.Kept {
			continue
		}
		r := by[o.Decision.Reason]
		if r == nil {
			r = &ReasonReport{Reason: o.Decision.Reason}
			by[r.Reason] = r
		}
		r.Traces++
		r.Spans += o.SpansSent
		spans += o.SpansSent
	}
	out := make([]ReasonReport, 0, len(by))
	for _, name := range slices.Sorted(maps.Keys(by)) {
		r := by[name]
		r.Share = share(r.Spans, spans)
		out = append(out, *r)
	}
	slices.SortStableFunc(out, func(a, b ReasonReport) int { return cmp.Compare(b.Traces, a.Traces) })
	return out
}

func ruleReports(outs []Outcome, rules []string) []RuleReport {
	var out []RuleReport
	for _, name := range rules {
		r := RuleReport{Rule: name}
		for i := range outs {
			if o := &outs[i]; o.Decision.Rule == name {
				r.Traces++
				r.Kept += one(o.Kept)
			}
		}
		out = append(out, r)
	}
	return out
}

func newDecisionReport(outs []Outcome, res *Result) DecisionReport {
	d := DecisionReport{
		LateKept: res.LateKept, LateDropped: res.LateDropped, Lost: res.Lost, Refused: res.Refused,
		Unmarked: res.Unmarked, BelowOwn: res.BelowOwn, Uneven: res.Uneven,
	}
	var latency distribution
	var spans, there, kept, whole int
	for i := range outs {
		o := &outs[i]
		spans += o.Trace.Spans
		if !o.Decided {
			d.Undecided++
			continue
		}
		there += o.Decision.Spans
		latency.addOne(o.Decision.Latency.Seconds())
		if o.Kept {
			kept++
			whole += one(o.SpansSent == o.Trace.Spans)
			d.Mixed += one(!o.Decision.Marked)
		}
	}
	latency.seal()
	d.LatencyP50, d.LatencyP99 = latency.quantile(0.5), latency.quantile(0.99)
	d.Completeness, d.Whole = share(there, spans), share(whole, kept)
	return d
}

// PathID is how a path is written on kept spans.
func PathID(o *Outcome) string { return tailsampling.PathID(o.Decision.Path) }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// share is n of of; 0 where there is nothing.
func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
