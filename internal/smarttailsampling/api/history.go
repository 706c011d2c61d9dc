package api

import (
	"net/http"
	"time"

	"github.com/assayhq/assay/internal/console"
)

// historyBody is what was decided in equal parts of time, the first of which begins at From. Lists have a number for each part.
type historyBody struct {
	From   time.Time           `json:"from"`
	Step   number              `json:"step_seconds"`
	Traces []uint64            `json:"traces"` // decided
	Spans  []uint64            `json:"spans"`
	Kept   []reasonHistoryBody `json:"kept"`
}

type reasonHistoryBody struct {
	Reason string   `json:"reason"`
	Traces []uint64 `json:"traces"`
	Spans  []uint64 `json:"spans"`
}

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
	b := &historyBody{past.From.UTC(), Seconds(past.Step), past.Traces, past.Spans, []reasonHistoryBody{}}
	for _, k := range past.Kept {
		b.Kept = append(b.Kept, reasonHistoryBody(k))
	}
	return b, nil
}
