package api

import (
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
)

// mapBody is which services call which. Figures are decayed: a trace of one half-life ago counts half.
type mapBody struct {
	Traces   number        `json:"traces"`   // that the figures rest on
	Kept     number        `json:"kept"`     // share of them
	Unmapped number        `json:"unmapped"` // share of them of which nothing is in the map
	Services []mapPartBody `json:"services"`
	Calls    []mapPartBody `json:"calls"`
}

// mapPartBody is a service, or the calls of one by another. A trace counts once for each that occurs in it.
type mapPartBody struct {
	Caller   string `json:"caller,omitempty"`
	Service  string `json:"service"`
	Traces   number `json:"traces"`
	Rate     number `json:"rate"`
	KeptRate number `json:"kept_rate"`
	// MissedByUniform is the probability that a uniform sample which keeps the same share of all traces holds none of these; Missed is
	// whether that is to be expected.
	MissedByUniform number `json:"missed_by_uniform"`
	Missed          bool   `json:"missed"`
}

func (h *handlers) serviceMap(r *http.Request) (any, error) {
	if err := console.ParametersOf(r).Err(); err != nil {
		return nil, err
	}
	m, err := h.maps.Get(r.Context(), "", h.sampler.ServiceMap)
	if err != nil {
		return nil, err
	}
	return &mapBody{number(m.Traces), number(m.Kept), number(m.Unmapped), partsOf(m.Services), partsOf(m.Calls)}, nil
}

func partsOf(parts []tailsampling.MapPart) []mapPartBody {
	out := []mapPartBody{}
	for _, p := range parts {
		out = append(out, mapPartBody{
			p.Caller, p.Service, number(p.Traces), number(p.Rate), number(p.KeptRate), number(p.MissedByUniform), p.MissedByUniform > 0.5,
		})
	}
	return out
}
