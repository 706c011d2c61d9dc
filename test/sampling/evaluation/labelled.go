package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/test/sampling/scenarios"
	"github.com/assayhq/assay/test/sampling/synthetic"
	"github.com/assayhq/assay/test/scorecard"
)

// The schedule under which recall is measured: that of the evaluation tool.
const (
	labelledBudget = 5.0  // per cent of the spans
	labelledRate   = 150  // traces a second
	labelledThin   = 0.02 // share of the traces that are anomalous
)

// dataset is labelled traces.
type dataset struct {
	name   string
	traces []*simulate.Trace
	labels *simulate.Labels
}

// loadDataset reads NAME.jsonl.zst and NAME.labels.json; nil where they are not there.
func loadDataset(dir, name string) (*dataset, error) {
	labels, err := simulate.ReadLabels(filepath.Join(dir, name+".labels.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	traces, err := scenarios.Recorded(dir, name)()
	return &dataset{name, traces, labels}, err
}

// labelled measures how many anomalies are kept.
func labelled(ctx context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("data", "traces", "kept spans", "recall", "sd", "least", "windows seen", "paths seen", "mean 1/p", "pooled z",
		"spans there", "decided after, median", "99 %")
	bySize := newSizeTables()
	measured := map[string]*simulate.Summary{}
	for _, load := range o.datasets() {
		d, err := load()
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		s, err := bySize.add(ctx, d, o.seeds)
		if err != nil {
			return err
		}
		measured[d.name] = s
		t.Row(d.name, scorecard.Number(s.Traces.Mean, 0), pct2(s.SpanShare.Mean), pct(s.Recall.Mean), pct(s.Recall.SD), pct(s.Recall.Min),
			pct(s.WindowsSeen.Mean), pct(s.PathsSeen.Mean), scorecard.Number(s.MeanInverseP.Mean, 1), scorecard.Number(s.PooledZ, 2),
			pct2(s.Completeness.Mean), scorecard.Number(1000*s.LatencyP50.Mean, 0)+" ms", scorecard.Number(1000*s.LatencyP99.Mean, 0)+" ms")
	}
	labelledTargets(p, measured)
	p.Section("Recall of labelled anomalies",
		fmt.Sprintf("Budget %v %% of the spans, %d traces a second, anomalies thinned to %v %% of the traces, all normal traces sent once before;\n"+
			"means over %d seeds, each with other anomalies in other places. ob0822, tt0130a and deeptralog are published research data that\n"+
			"are not part of this repository; without them their rows are missing. Synthetic systems are those of\n"+
			"[test/sampling/synthetic](../test/sampling/synthetic), two of them behind a gateway; their faults are explained there.",
			labelledBudget, labelledRate, 100*labelledThin, o.seeds),
		t.String(),
		"Recall at other budgets, beside that of a threshold on the duration that is set when all durations are known, and of chance:",
		bySize.all.String(), "By fault and budget, all runs together:", bySize.faults.String())
	return nil
}

// faulty is the synthetic system with every fault.
func faulty(seed uint64) *dataset {
	traces, labels := synthetic.NewWorkload(synthetic.Faulty(seed)).Traces()
	return &dataset{fmt.Sprintf("synthetic %d", seed), traces, labels}
}

func labelledTargets(p *scorecard.Part, measured map[string]*simulate.Summary) {
	if s := measured["ob0822"]; s != nil {
		p.Target(s.Recall.Mean >= 0.74, "recall on ob0822 at 5 % of the spans", "at least 74 %, goal 85 %", "%s", pct(s.Recall.Mean))
		p.Target(s.SpanShare.Mean >= 0.045 && s.SpanShare.Mean <= 0.055, "kept spans, mean of the runs", "4.5 to 5.5 %", "%s", pct2(s.SpanShare.Mean))
		p.Target(s.MeanInverseP.Mean <= 105, "mean 1/p on ob0822", "at most 105", "%s", scorecard.Number(s.MeanInverseP.Mean, 1))
		p.Target(math.Abs(s.PooledZ) <= 3, "pooled z of the recovered count on ob0822", "within 3", "%s", scorecard.Number(s.PooledZ, 2))
	}
	if s := measured["deeptralog"]; s != nil {
		p.Target(s.Recall.Mean >= 0.9, "recall on deeptralog", "at least 90 %", "%s", pct(s.Recall.Mean))
		p.Target(math.Abs(s.PooledZ) <= 3, "pooled z of the recovered count on deeptralog", "within 3", "%s", scorecard.Number(s.PooledZ, 2))
	}
	below := 0
	for _, s := range measured {
		below += s.BelowOwn
	}
	p.Target(below == 0, "kept spans below their own threshold, all labelled data", "0", "%d", below)
}
