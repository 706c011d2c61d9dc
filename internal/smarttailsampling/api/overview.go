package api

import (
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/wire"
)

// units are named as in the configuration.
var units = map[tailsampling.Unit]wire.BudgetUnit{
	tailsampling.SharePercent: wire.BudgetPercentage, tailsampling.SpansPerSecond: wire.BudgetSpansPerSecond,
	tailsampling.TracesPerSecond: wire.BudgetTracesPerSecond, tailsampling.BytesPerSecond: wire.BudgetBytesPerSecond,
}

func (h *handlers) overview(r *http.Request) (any, error) {
	if err := console.ParametersOf(r).Err(); err != nil {
		return nil, err
	}
	o, err := h.overviews.Get(r.Context(), "", h.sampler.Overview)
	if err != nil {
		return nil, err
	}
	b := &wire.Sampling{
		Budget:    wire.Budget{Unit: units[o.Budget.Unit], Value: wire.Number(o.Budget.Value), Used: wire.Number(o.BudgetUsed), Offered: wire.Number(o.Offered)},
		DryRun:    o.DryRun,
		Decisions: reasonsOf(o.Decisions), Since: o.Since.UTC(),
		Cutoffs:  wire.Cutoffs{Baseline: wire.Number(o.Floor), Weight: wire.Number(o.Cutoff), Signs: []wire.SignCutoff{}},
		Memory:   wire.Memory{Bytes: o.Bytes, Limit: o.Limit, Traces: o.Traces, Spans: o.Spans},
		Learned:  wire.Learned{Paths: o.Paths, Operations: o.Operations, FoldedTraces: o.FoldedPaths},
		Warnings: append([]string{}, h.sampler.Warnings()...),
	}
	for _, s := range o.Signs {
		b.Cutoffs.Signs = append(b.Cutoffs.Signs, wire.SignCutoff{Name: s.Name, Share: wire.Number(s.Share), Enough: wire.Number(s.Enough)})
	}
	return b, nil
}

func reasonsOf(counts []tailsampling.ReasonCount) []wire.ReasonCount {
	all := 0
	for _, c := range counts {
		all += c.Traces
	}
	out := []wire.ReasonCount{}
	for _, c := range counts {
		out = append(out, wire.ReasonCount{
			Kept: c.Kept, Reason: c.Reason, Traces: c.Traces, Spans: c.Spans, Share: wire.Number(c.Traces) / wire.Number(all),
		})
	}
	return out
}
