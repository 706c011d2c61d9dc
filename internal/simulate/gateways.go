package simulate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tailsampling"
)

// budgetWindow is how long a budget of a rate may not be exceeded in, wherever the window begins.
const budgetWindow = 10 * time.Second

// FleetReport is how traces and budget were spread over gateways.
type FleetReport struct {
	Gateways []GatewayReport `json:"each"`
	All      GatewayReport   `json:"all"`
}

// GatewayReport is what one gateway did, or all of them together.
type GatewayReport struct {
	Traces     int     `json:"traces"`
	Spans      int     `json:"spans"`
	KeptTraces int     `json:"kept_traces"`
	KeptSpans  int     `json:"kept_spans"`
	Load       float64 `json:"load"`                  // its spans, of those that each gateway has in the mean
	Used       float64 `json:"budget_used"`           // what was kept, of what the budget allows from the first decision to the last
	Fullest    float64 `json:"fullest_10s,omitempty"` // most that was kept in 10 s, of what the budget allows in 10 s; 0 for a percentage
}

// newFleetReport returns nil where there is no fleet.
func newFleetReport(outs []Outcome, res *Result) *FleetReport {
	if res.Gateways == 0 {
		return nil
	}
	parts := make([][]*Outcome, res.Gateways)
	all := make([]*Outcome, len(outs))
	for i := range outs {
		o := &outs[i]
		parts[o.Gateway] = append(parts[o.Gateway], o)
		all[i] = o
	}
	r := &FleetReport{All: newGatewayReport(all, res.Budget)}
	r.All.Load = 1
	for _, part := range parts {
		g := newGatewayReport(part, partOf(res.Budget, res.Gateways))
		if r.All.Spans > 0 {
			g.Load = float64(g.Spans*res.Gateways) / float64(r.All.Spans)
		}
		r.Gateways = append(r.Gateways, g)
	}
	return r
}

// newGatewayReport adds up decisions: late spans are none. What no budget caps counts too: keep rules, and single traces that
// cost more than two seconds of it.
func newGatewayReport(outs []*Outcome, budget tailsampling.Budget) GatewayReport {
	var r GatewayReport
	var spent []spending
	var kept, offered float64
	var first, last time.Duration
	for _, o := range outs {
		r.Traces++
		r.Spans += o.Trace.Spans
		if !o.Decided {
			continue
		}
		cost := o.cost(budget.Unit)
		offered += cost
		if first == 0 || o.At < first {
			first = o.At
		}
		last = max(last, o.At)
		if o.Kept {
			r.KeptTraces++
			r.KeptSpans += o.SpansSent
			kept += cost
			spent = append(spent, spending{o.At, cost})
		}
	}
	allowed := budget.Value * (last - first).Seconds()
	if budget.Unit == tailsampling.SharePercent {
		allowed = budget.Value / 100 * offered
	} else {
		r.Fullest = fullest(spent) / (budget.Value * budgetWindow.Seconds())
	}
	if allowed > 0 {
		r.Used = kept / allowed
	}
	return r
}

// spending is what one kept trace takes from a budget.
type spending struct {
	at   time.Duration
	cost float64
}

// fullest is the most that is spent in any window.
func fullest(s []spending) float64 {
	slices.SortStableFunc(s, func(a, b spending) int { return cmp.Compare(a.at, b.at) })
	var most, sum float64
	from := 0
	for _, x := range s {
		sum += x.cost
		for s[from].at <= x.at-budgetWindow {
			sum -= s[from].cost
			from++
		}
		most = max(most, sum)
	}
	return most
}

// cost of a trace, as the budget counts.
func (o *Outcome) cost(unit tailsampling.Unit) float64 {
	switch unit {
	case tailsampling.TracesPerSecond:
		return 1
	case tailsampling.BytesPerSecond:
		return float64(o.Trace.wire())
	default:
		return float64(o.Decision.Spans)
	}
}

func (r *Report) writeFleet(b *strings.Builder) {
	if r.Fleet == nil {
		return
	}
	b.WriteByte('\n')
	t := newTable("gateway", "traces", "load", "kept", "kept spans", "share", "budget used", "fullest 10 s")
	row := func(name string, g *GatewayReport) {
		t.row(name, grouped(g.Traces), percent(g.Load), grouped(g.KeptTraces), grouped(g.KeptSpans), percent(share(g.KeptSpans, g.Spans)),
			percent(g.Used), orDash(g.Fullest))
	}
	for i := range r.Fleet.Gateways {
		row(strconv.Itoa(i+1), &r.Fleet.Gateways[i])
	}
	row("all", &r.Fleet.All)
	t.write(b)
	b.WriteString("Load: its spans, of the mean of all. Fullest 10 s: of the budget for 10 s.\n")
}

// orDash writes a share, a dash where there is none.
func orDash(v float64) string {
	if v == 0 {
		return "-"
	}
	return percent(v)
}
