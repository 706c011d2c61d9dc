package api

import (
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/wire"
)

func (h *handlers) listAlerts(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "offset")
	offset := p.offset()
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	alerts, err := h.service.Alerts(r.Context(), p.Text("query"))
	if err != nil {
		return reply{}, err
	}
	list := []wire.Alert{}
	for i := range alerts {
		a := &alerts[i]
		w := wire.Alert{
			Target: a.Target, Fingerprint: a.Fingerprint, QueryID: a.QueryID, Baseline: baseline.Parse(a.Baseline).Value(), Status: wire.AlertStatus(a.Status),
			Delivered: wire.AlertStatus(a.Delivered), Attempts: a.Attempts, StartsAt: a.StartsAt.UTC(), EndsAt: wire.Moment(a.EndsAt),
		}
		if w.Content, err = alert.Unpack(a); err != nil {
			return reply{}, err
		}
		w.Content.Cause.Explains = console.Fit(w.Content.Cause.Explains, mostOfMany)
		list = append(list, w)
	}
	return rest(r, list, offset), nil
}
