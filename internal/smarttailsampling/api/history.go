package api

import (
	"net/http"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

func (h *handlers) history(r *http.Request) (any, error) {
	p := console.ParametersOf(r, "from", "to")
	now := time.Now()
	from, to := p.Time("from", now.Add(-time.Hour)), p.Time("to", now)
	if from.After(to) {
		p.Wrong("from: must not be later than to")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	past, err := h.sampler.History(r.Context(), from, to)
	if err != nil {
		return nil, err
	}
	b := &wire.SamplingHistory{From: past.From.UTC(), StepSeconds: past.Step.Seconds(), Traces: past.Traces, Spans: past.Spans, Kept: []wire.ReasonHistory{}}
	for _, k := range past.Kept {
		b.Kept = append(b.Kept, wire.ReasonHistory(k))
	}
	return b, nil
}
