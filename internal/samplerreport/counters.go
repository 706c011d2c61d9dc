// Package samplerreport tells what a running collector's smart_tail_sampling has decided, from the metrics that the
// collector exposes about itself.
package samplerreport

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

const prefix = "otelcol_processor_smart_tail_sampling_"

// Counters are the sampler's metrics at one moment, summed over all instances.
type Counters struct {
	Traces   map[Outcome]float64 // decided
	Spans    map[Outcome]float64 // of decided traces
	Adjusted float64             // traces that the kept ones stand for
	Variance float64             // of Adjusted
	Buffered float64             // traces that are undecided or not yet handed on
	Late     float64             // spans
}

// Outcome is a decision and its reason.
type Outcome struct {
	Kept   bool
	Reason string
}

// Scrape reads a Prometheus endpoint. It returns an error where there is no sampler in it.
func Scrape(ctx context.Context, client *http.Client, url string) (*Counters, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s; expected Prometheus metrics", url, resp.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(http.MaxBytesReader(nil, resp.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("%s does not answer with Prometheus metrics: %w", url, err)
	}
	if families[prefix+"buffered_traces"] == nil {
		return nil, fmt.Errorf("%s has no metrics of smart_tail_sampling; is the processor in a pipeline?", url)
	}
	c := &Counters{Traces: map[Outcome]float64{}, Spans: map[Outcome]float64{}}
	each(families, "traces", func(o Outcome, v float64) { c.Traces[o] += v })
	each(families, "spans", func(o Outcome, v float64) { c.Spans[o] += v })
	each(families, "adjusted_traces", func(_ Outcome, v float64) { c.Adjusted += v })
	each(families, "adjusted_traces_variance", func(_ Outcome, v float64) { c.Variance += v })
	each(families, "buffered_traces", func(_ Outcome, v float64) { c.Buffered += v })
	each(families, "late_spans", func(_ Outcome, v float64) { c.Late += v })
	return c, nil
}

const maxBody = 32 << 20

// each visits the series of a metric, under its name with or without the suffix of a counter.
func each(families map[string]*dto.MetricFamily, name string, visit func(Outcome, float64)) {
	f := families[prefix+name]
	if f == nil {
		f = families[prefix+name+"_total"]
	}
	for _, m := range f.GetMetric() {
		var o Outcome
		for _, l := range m.GetLabel() {
			switch l.GetName() {
			case "decision":
				o.Kept = l.GetValue() == "kept"
			case "reason":
				o.Reason = l.GetValue()
			}
		}
		visit(o, m.GetCounter().GetValue()+m.GetGauge().GetValue()+m.GetUntyped().GetValue())
	}
}

// spans is how many have gone one way or another.
func (c *Counters) spans() float64 { return sum(c.Spans, anyOutcome) + c.Late }

// traces is how many have been decided.
func (c *Counters) traces() float64 { return sum(c.Traces, anyOutcome) }

// since returns what has happened after an earlier moment.
func (c *Counters) since(before *Counters) *Counters {
	d := &Counters{
		Traces: map[Outcome]float64{}, Spans: map[Outcome]float64{},
		Adjusted: c.Adjusted - before.Adjusted, Variance: c.Variance - before.Variance,
		Buffered: c.Buffered, Late: c.Late - before.Late,
	}
	for o, v := range c.Traces {
		d.Traces[o] = v - before.Traces[o]
	}
	for o, v := range c.Spans {
		d.Spans[o] = v - before.Spans[o]
	}
	return d
}

// sum adds up the outcomes that are wanted.
func sum(m map[Outcome]float64, want func(Outcome) bool) float64 {
	total := 0.0
	for o, v := range m {
		if want(o) {
			total += v
		}
	}
	return total
}

func anyOutcome(Outcome) bool    { return true }
func keptOutcome(o Outcome) bool { return o.Kept }

// sampledOutcome is one that chance had a part in: what a rule drops, nothing stands for.
func sampledOutcome(o Outcome) bool { return o.Kept || !strings.HasPrefix(o.Reason, "drop:") }
