package watch

import (
	"net/http"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// Routes are what the console serves.
func (w *Watch) Routes() []console.Route {
	page := newPage()
	route := func(path, summary string, handle http.HandlerFunc, about console.About) console.Route {
		return console.Route{Method: http.MethodGet, Path: path, Summary: summary, Handler: handle, About: about}
	}
	return []console.Route{
		route("/status", "Does the pipeline work? 200 while ok or starting, else 503 (?format=json, text or html)",
			func(rw http.ResponseWriter, r *http.Request) { w.serveStatus(rw, r, page) }, aboutStatus()),
		route("/live", "200 while the sentinel runs", w.serveLive, aboutHealth("It has stopped to reach verdicts.")),
		route("/ready", "200 once the sentinel has reached a verdict", w.serveReady, aboutHealth("There is no verdict yet.")),
		route("/api/sentinel/uptime", "How the sentinel's verdict was, up to 90 days back", w.serveUptime,
			console.About{Answers: []console.Reply{console.Answers(wire.SentinelUptime{})}}),
		route("/api/sentinel/badge.svg", "a badge with the verdict, or with how it was", w.serveBadge, aboutBadge()),
	}
}

// NoticeRoutes serve what people say beside what is measured.
func (w *Watch) NoticeRoutes() []console.Route {
	return w.notices.Routes(w.save)
}

func aboutStatus() console.About {
	const pages = "text/plain text/html"
	fine := console.Answers(wire.SentinelStatus{})
	fine.Media = pages
	return console.About{
		Parameters: []console.Parameter{{Name: "format", Text: "what is answered; as the header Accept says where it is not given", Of: []string{"html", "text", "json"}}},
		Answers: []console.Reply{
			fine,
			{Status: http.StatusServiceUnavailable, Text: "The verdict is degraded or unknown.", Body: wire.SentinelStatus{}, Media: pages},
		},
	}
}

func aboutHealth(otherwise string) console.About {
	return console.About{Answers: []console.Reply{
		console.Answers(wire.SentinelHealth{}), {Status: http.StatusServiceUnavailable, Text: otherwise, Body: wire.SentinelHealth{}},
	}}
}

// status is that of HTTP for a verdict.
func status(s State) int {
	if s == OK || s == Starting {
		return http.StatusOK
	}
	return http.StatusServiceUnavailable
}

func (w *Watch) serveStatus(rw http.ResponseWriter, r *http.Request, page *page) {
	report := w.Report()
	format, accept := r.URL.Query().Get("format"), r.Header.Get("Accept")
	switch {
	case format != "":
	case strings.Contains(accept, "application/json"):
		format = "json"
	case strings.Contains(accept, "text/html"):
		format = "html"
	default: // curl
		format = "text"
	}
	switch format {
	case "json":
		console.Answer(rw, status(report.State), statusOf(report))
	case "html", "text":
		page.serve(rw, status(report.State), w, report, format == "html")
	default:
		console.Refuse(rw, http.StatusBadRequest, "format: must be html, text or json, got "+format)
	}
}

func (w *Watch) serveLive(rw http.ResponseWriter, _ *http.Request) {
	r, code := w.report.Load(), http.StatusOK
	if w.clock().Wall.Sub(r.At) > stale {
		code = http.StatusServiceUnavailable
	}
	console.Answer(rw, code, wire.SentinelHealth{State: wire.SentinelState(r.State), At: r.At.UTC()})
}

func (w *Watch) serveReady(rw http.ResponseWriter, _ *http.Request) {
	r, code := w.Report(), http.StatusOK
	if r.State == Starting {
		code = http.StatusServiceUnavailable
	}
	console.Answer(rw, code, wire.SentinelHealth{State: wire.SentinelState(r.State), At: r.At.UTC()})
}

func (w *Watch) serveUptime(rw http.ResponseWriter, _ *http.Request) {
	now := w.clock().Wall
	since, transitions := w.history.transitions()
	console.Answer(rw, http.StatusOK, uptimesOf(w.State(), since, transitions, w.uptime(now)))
}

func (w *Watch) uptime(now time.Time) map[string]Uptime {
	return map[string]Uptime{
		"1h": w.history.uptime(now, 1), "24h": w.history.uptime(now, 24), "7d": w.history.uptime(now, 7*24), "30d": w.history.uptime(now, 30*24),
		"90d": w.history.uptime(now, keptHours),
	}
}
