package api

import (
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/wire"
)

func (h *handlers) serviceMap(r *http.Request) (any, error) {
	if err := console.ParametersOf(r).Err(); err != nil {
		return nil, err
	}
	m, err := h.maps.Get(r.Context(), "", h.sampler.ServiceMap)
	if err != nil {
		return nil, err
	}
	return &wire.ServiceMap{
		Traces: wire.Number(m.Traces), Kept: wire.Number(m.Kept), Unmapped: wire.Number(m.Unmapped), Services: partsOf(m.Services), Calls: partsOf(m.Calls),
	}, nil
}

func partsOf(parts []tailsampling.MapPart) []wire.MapPart {
	out := []wire.MapPart{}
	for _, p := range parts {
		out = append(out, wire.MapPart{
			Caller: p.Caller, Service: p.Service, Traces: wire.Number(p.Traces), Rate: wire.Number(p.Rate), KeptRate: wire.Number(p.KeptRate),
			MissedByUniform: wire.Number(p.MissedByUniform), Missed: p.MissedByUniform > 0.5,
		})
	}
	return out
}
