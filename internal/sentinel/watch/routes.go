package watch

import (
	"net/http"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/console"
)

// Routes are what the console serves.
func (w *Watch) Routes() []console.Route {
	page := newPage()
	return []console.Route{
		{Method: http.MethodGet, Path: "/status", Summary: "Does the pipeline work? 200 while ok or starting, else 503 (?format=json, text or html)", Handler: http.HandlerFunc(
			func(rw http.ResponseWriter, r *http.Request) { w.serveStatus(rw, r, page) })},
		{Method: http.MethodGet, Path: "/live", Summary: "200 while the sentinel runs", Handler: http.HandlerFunc(w.serveLive)},
		{Method: http.MethodGet, Path: "/ready", Summary: "200 once the sentinel has reached a verdict", Handler: http.HandlerFunc(w.serveReady)},
		{Method: http.MethodGet, Path: "/api/sentinel/uptime", Summary: "How the sentinel's verdict was, up to 30 days back", Handler: http.HandlerFunc(w.serveUptime)},
	}
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
		console.Answer(rw, status(report.State), report)
	case "html", "text":
		page.serve(rw, status(report.State), w, report, format == "html")
	default:
		console.Refuse(rw, http.StatusBadRequest, "format: must be html, text or json, got "+format)
	}
}

// health is the answer of /live and /ready.
type health struct {
	State State     `json:"state"`
	At    time.Time `json:"at"` // of the verdict
}

func (w *Watch) serveLive(rw http.ResponseWriter, _ *http.Request) {
	r, code := w.report.Load(), http.StatusOK
	if w.clock().Wall.Sub(r.At) > stale {
		code = http.StatusServiceUnavailable
	}
	console.Answer(rw, code, health{r.State, r.At})
}

func (w *Watch) serveReady(rw http.ResponseWriter, _ *http.Request) {
	r, code := w.Report(), http.StatusOK
	if r.State == Starting {
		code = http.StatusServiceUnavailable
	}
	console.Answer(rw, code, health{r.State, r.At})
}

// uptimes is the answer of /api/sentinel/uptime.
type uptimes struct {
	State       State             `json:"state"`
	Since       time.Time         `json:"since"` // the first verdict of all
	Uptime      map[string]Uptime `json:"uptime"`
	Transitions []Transition      `json:"transitions"` // oldest first, the last 500
}

func (w *Watch) serveUptime(rw http.ResponseWriter, _ *http.Request) {
	now := w.clock().Wall
	since, transitions := w.history.transitions()
	console.Answer(rw, http.StatusOK, uptimes{
		State: w.State(), Since: since, Transitions: transitions, Uptime: w.uptime(now),
	})
}

func (w *Watch) uptime(now time.Time) map[string]Uptime {
	return map[string]Uptime{
		"1h": w.history.uptime(now, 1), "24h": w.history.uptime(now, 24), "7d": w.history.uptime(now, 7*24), "30d": w.history.uptime(now, keptHours),
	}
}
