package api

import (
	"context"
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/wire"
)

// What a map may have, in bytes. Services and calls are sorted by their rates: the rarest ones are left out.
const (
	servicesOfMap = 384 << 10
	callsOfMap    = 576 << 10
)

func (h *handlers) serviceMap(r *http.Request) (any, error) {
	if err := console.ParametersOf(r).Err(); err != nil {
		return nil, err
	}
	return h.maps.Get(r.Context(), "", func(ctx context.Context) (*wire.ServiceMap, error) {
		m, err := h.sampler.ServiceMap(ctx)
		return mapOf(&m), err
	})
}

func mapOf(m *tailsampling.ServiceMap) *wire.ServiceMap {
	services, calls := console.Fit(partsOf(m.Services), servicesOfMap), console.Fit(partsOf(m.Calls), callsOfMap)
	return &wire.ServiceMap{
		Traces: wire.Number(m.Traces), Kept: wire.Number(m.Kept), Unmapped: wire.Number(m.Unmapped), Services: services, Calls: calls,
		Truncated: len(services) < len(m.Services) || len(calls) < len(m.Calls),
	}
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
