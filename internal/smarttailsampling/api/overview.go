package api

import (
	"net/http"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/jsonnumber"
	"github.com/assayhq/assay/internal/tailsampling"
)

type number = jsonnumber.Number

type overviewBody struct {
	Budget    budgetBody   `json:"budget"`
	Decisions []reasonBody `json:"decisions"` // since Since
	Since     time.Time    `json:"since"`
	Cutoffs   cutoffsBody  `json:"cutoffs"`
	Memory    memoryBody   `json:"memory"`
	Learned   learnedBody  `json:"learned"`
	Warnings  []string     `json:"warnings"`
}

type budgetBody struct {
	Unit    string `json:"unit"` // as in the configuration
	Value   number `json:"value"`
	Used    number `json:"used"`    // share of the last 10 s' budget that was spent
	Offered number `json:"offered"` // what comes up for decision a second: spans, traces or bytes
}

// reasonBody is how many traces were decided for a reason; share is of all that were decided.
type reasonBody struct {
	Kept   bool   `json:"kept"`
	Reason string `json:"reason"`
	Traces int    `json:"traces"`
	Spans  int    `json:"spans"`
	Share  number `json:"share"`
}

type cutoffsBody struct {
	Baseline number     `json:"baseline"` // probability that every trace has
	Weight   number     `json:"weight"`   // from which a trace is kept for certain; null while the budget holds only the baseline
	Signs    []signBody `json:"signs"`
}

// signBody is a sign, with the strength from which it alone is reason enough: multiples of the excess that is not yet remarkable for
// latency, bits of surprise for error and rarity.
type signBody struct {
	Name   string `json:"name"`
	Share  number `json:"share"` // of the budget above the baseline, as configured
	Enough number `json:"enough"`
}

type memoryBody struct {
	Bytes  int64 `json:"bytes"`
	Limit  int64 `json:"limit_bytes"`
	Traces int   `json:"traces"` // undecided, or kept and not yet sent
	Spans  int   `json:"spans"`
}

type learnedBody struct {
	Paths        int    `json:"paths"`
	Operations   int    `json:"operations"`
	FoldedTraces uint64 `json:"folded_traces"` // of paths that had no place of their own
}

// units are named as in the configuration.
var units = map[tailsampling.Unit]string{
	tailsampling.SharePercent: "percentage", tailsampling.SpansPerSecond: "spans_per_second",
	tailsampling.TracesPerSecond: "traces_per_second", tailsampling.BytesPerSecond: "bytes_per_second",
}

func (h *handlers) overview(r *http.Request) (any, error) {
	if err := console.ParametersOf(r).Err(); err != nil {
		return nil, err
	}
	o, err := h.overviews.Get(r.Context(), "", h.sampler.Overview)
	if err != nil {
		return nil, err
	}
	b := &overviewBody{
		Budget:    budgetBody{units[o.Budget.Unit], number(o.Budget.Value), number(o.BudgetUsed), number(o.Offered)},
		Decisions: reasonsOf(o.Decisions), Since: o.Since.UTC(),
		Cutoffs:  cutoffsBody{Baseline: number(o.Floor), Weight: number(o.Cutoff)},
		Memory:   memoryBody{o.Bytes, o.Limit, o.Traces, o.Spans},
		Learned:  learnedBody{o.Paths, o.Operations, o.FoldedPaths},
		Warnings: append([]string{}, h.sampler.Warnings()...),
	}
	for _, s := range o.Signs {
		b.Cutoffs.Signs = append(b.Cutoffs.Signs, signBody{s.Name, number(s.Share), number(s.Enough)})
	}
	return b, nil
}

func reasonsOf(counts []tailsampling.ReasonCount) []reasonBody {
	all := 0
	for _, c := range counts {
		all += c.Traces
	}
	out := []reasonBody{}
	for _, c := range counts {
		out = append(out, reasonBody{c.Kept, c.Reason, c.Traces, c.Spans, number(c.Traces) / number(all)})
	}
	return out
}
