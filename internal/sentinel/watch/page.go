package watch

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"time"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// page is /status for people.
type page struct {
	template *template.Template
	policy   string // of its content: nothing but its own style
}

func newPage() *page {
	hash := sha256.Sum256([]byte(pageStyle))
	functions := template.FuncMap{
		"style":   func() template.CSS { return template.CSS(pageStyle) }, //nolint:gosec // our own, embedded
		"percent": func(share float64) string { return fmt.Sprintf("%.3f %%", 100*share) },
		"clock":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"keys":    func(m map[string]uint64) []string { return slices.Sorted(maps.Keys(m)) },
	}
	return &page{
		template: template.Must(template.New("status").Funcs(functions).Parse(pageText)),
		policy:   "default-src 'none'; frame-ancestors 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'",
	}
}

// view is what the page shows.
type view struct {
	*Report
	Name        string
	Lasts       time.Duration
	Day         Uptime
	Month       Uptime
	Transitions []Transition // newest first
}

const shownTransitions = 20

func (p *page) serve(rw http.ResponseWriter, code int, w *Watch, r *Report) {
	now := w.clock().Wall
	_, transitions := w.history.transitions()
	slices.Reverse(transitions)
	v := view{
		Report: r, Name: w.config.Name, Lasts: now.Sub(r.Since).Round(time.Second), Day: w.history.uptime(now, 24), Month: w.history.uptime(now, keptHours),
		Transitions: transitions[:min(shownTransitions, len(transitions))],
	}
	var body bytes.Buffer
	if err := p.template.Execute(&body, v); err != nil {
		http.Error(rw, "the page cannot be written", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Content-Security-Policy", p.policy)
	rw.WriteHeader(code)
	_, _ = rw.Write(body.Bytes())
}
