package watch

import (
	"context"
	"net/http"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// announced is how long before it begins maintenance is shown to everybody.
const announced = 14 * 24 * time.Hour

// PublicRoutes may be served to everybody.
func (w *Watch) PublicRoutes() []console.Route {
	answers := &console.Shared[*wire.PublicStatus]{}
	return []console.Route{
		{
			Method: http.MethodGet, Path: "/api/public/status", Summary: "what everybody may know of the verdict",
			About: console.About{Answers: []console.Reply{console.Answers(wire.PublicStatus{})}},
			Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if err := console.ParametersOf(r).Err(); err != nil {
					console.RefuseFor(rw, err)
					return
				}
				answer, err := answers.Get(r.Context(), "", func(context.Context) (*wire.PublicStatus, error) { return w.public(), nil })
				if err != nil {
					console.RefuseFor(rw, err)
					return
				}
				console.Answer(rw, http.StatusOK, answer)
			}),
		},
		{
			Method: http.MethodGet, Path: "/api/public/badge.svg", Summary: "a badge with the verdict, or with how it was",
			About: aboutBadge(), Handler: http.HandlerFunc(w.serveBadge),
		},
	}
}

// public is the verdict without all that is internal: what has failed where, and why, stays inside.
func (w *Watch) public() *wire.PublicStatus {
	r, now := w.Report(), w.clock().Wall
	p := &wire.PublicStatus{
		Since: r.Since.UTC(), At: r.At.UTC(), Announcements: w.notices.Announced(now), Maintenance: []wire.Maintenance{}, Uptime: map[string]wire.Uptime{},
	}
	switch {
	case w.notices.Planned(now):
		p.State, p.Text = wire.PublicMaintenance, "Maintenance is under way."
	case r.State == OK:
		p.State, p.Text = wire.PublicOperational, "All that is watched works."
	case r.State == Degraded:
		p.State, p.Text = wire.PublicDegraded, "Something does not work as promised. We know of it."
	default:
		p.State, p.Text = wire.PublicUnknown, "Whether all works is not known at the moment."
	}
	for _, m := range w.notices.Maintenance() {
		if now.Before(m.To) && m.From.Before(now.Add(announced)) {
			p.Maintenance = append(p.Maintenance, m)
		}
	}
	for period, u := range w.uptime(now) {
		if period != "1h" {
			p.Uptime[period] = uptimeOf(&u)
		}
	}
	return p
}
