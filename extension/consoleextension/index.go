package consoleextension

import (
	"encoding/json"
	"net/http"

	"github.com/assayhq/assay/internal/console"
)

// index is what there is to ask for, and what the pages need to know beside it.
type index struct {
	Name     string         `json:"name"`
	Version  string         `json:"version"`
	TraceURL string         `json:"trace_url"` // where traces open, with {trace_id} for the id; empty: nowhere
	Routes   []indexedRoute `json:"routes"`
}

type indexedRoute struct {
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Summary    string   `json:"summary"`
	Components []string `json:"components"`
}

func (t *table) serveList(w http.ResponseWriter, _ *http.Request) {
	list := index{Name: "assay console", Version: t.about.version, TraceURL: t.about.traceURL, Routes: make([]indexedRoute, len(t.index))}
	for i := range t.index {
		o := &t.index[i]
		list.Routes[i] = indexedRoute{Method: o.Method, Path: o.Path, Summary: o.Summary, Components: o.names()}
	}
	console.Answer(w, http.StatusOK, list)
}

// serveDocument describes what is registered, in OpenAPI.
func (t *table) serveDocument(w http.ResponseWriter, _ *http.Request) {
	console.Answer(w, http.StatusOK, json.RawMessage(t.document))
}
