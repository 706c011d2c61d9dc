package watch

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	text "text/template"
	"time"

	"github.com/assayhq/assay/internal/sentinel/slo"
)

//go:embed page.html
var pageHTML string

//go:embed page.txt
var pageText string

//go:embed page.css
var pageStyle string

// page is /status for people, as HTML and as text.
type page struct {
	html   *template.Template
	text   *text.Template
	policy string // of the HTML's content: nothing but its own style
}

func newPage() *page {
	hash := sha256.Sum256([]byte(pageStyle))
	functions := map[string]any{
		"style":    func() template.CSS { return template.CSS(pageStyle) }, //nolint:gosec // our own, embedded
		"clock":    func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"traces":   func(n uint64) string { return amount(n, "trace") },
		"promises": promises, "verdicts": verdicts, "sees": sees,
	}
	return &page{
		html:   template.Must(template.New("status").Funcs(functions).Parse(pageHTML)),
		text:   text.Must(text.New("status").Funcs(functions).Parse(pageText)),
		policy: "default-src 'none'; frame-ancestors 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'",
	}
}

// promises says how the promises are kept at a vantage, one after the other.
func promises(v Vantage) (out []string) {
	if v.SLO == nil {
		return nil
	}
	c, l := &v.SLO.Completeness, &v.SLO.Latency
	if c.Good+c.Bad > 0 {
		out = append(out, fmt.Sprintf("whole, unchanged and once: %s of %s (promised %s); %s", number(c.Good), amount(c.Good+c.Bad, "trace"), percent(c.Target), left(c)))
	}
	switch {
	case l.Good+l.Bad > 0:
		out = append(out, fmt.Sprintf("of those within %v: %s of %s (promised %s); %s", v.promised, number(l.Good), number(l.Good+l.Bad), percent(l.Target), left(l)))
	case c.Good > 0:
		out = append(out, "how long they take is not measured here")
	}
	if d := v.Delays; d != nil {
		out = append(out, fmt.Sprintf("half of them take at most %s, 99 %% at most %s, by %s", span(d.P50), span(d.P99), amount(d.Traces, "observed trace")))
	}
	return out
}

// left says what is left of the budget.
func left(o *slo.Objective) string {
	if o.Budget <= 0 {
		return "more went wrong than may in the whole window"
	}
	return percent(o.Budget) + " of the budget is left"
}

// verdicts lists what has become of the traces of a vantage.
func verdicts(v Vantage) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(v.Verdicts)) {
		if n := v.Verdicts[name]; n > 0 {
			parts = append(parts, name+" "+number(n))
		}
	}
	for _, a := range v.Alerts {
		one := a.Name + ": " + a.Outcome
		if a.Broken != "" {
			one += " (" + a.Broken + ")"
		}
		parts = append(parts, one)
	}
	return strings.Join(parts, ", ")
}

// sees says what can be known at a vantage, and what not.
func sees(k Kind) string {
	switch k {
	case Pipeline:
		return "sees what arrives at this exporter, and nothing of what other exporters, the network or a backend lose"
	case Backend:
		return "sees what can be looked up there"
	case Alerts:
		return "sees what becomes of the alerts of bursts"
	case Numbers:
		return "sees metrics that are derived from spans"
	}
	return ""
}

// view is what the page shows.
type view struct {
	*Report
	Name        string
	Lasts       time.Duration
	Watched     string       // how the verdict was before
	Transitions []Transition // newest first
}

const shownTransitions = 20

func (p *page) serve(rw http.ResponseWriter, code int, w *Watch, r *Report, html bool) {
	now := w.clock().Wall
	_, transitions := w.history.transitions()
	slices.Reverse(transitions)
	v := view{
		Report: r, Name: w.config.Name, Lasts: now.Sub(r.Since).Round(time.Second), Watched: w.history.watched(now),
		Transitions: transitions[:min(shownTransitions, len(transitions))],
	}
	var write interface{ Execute(io.Writer, any) error } = p.text
	kind := "text/plain"
	if html {
		write, kind = p.html, "text/html"
	}
	var body bytes.Buffer
	if err := write.Execute(&body, v); err != nil {
		http.Error(rw, "the page cannot be written", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", kind+"; charset=utf-8")
	rw.Header().Set("Content-Security-Policy", p.policy)
	rw.WriteHeader(code)
	_, _ = rw.Write(body.Bytes())
}
