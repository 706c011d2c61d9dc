package consoleextension

import (
	"encoding/json"
	"net/http"

	"github.com/assayhq/assay/internal/console"
)

// index is the start page.
type index struct {
	Name   string         `json:"name"`
	Routes []indexedRoute `json:"routes"`
}

type indexedRoute struct {
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Summary    string   `json:"summary"`
	Components []string `json:"components"`
}

func (t *table) serveIndex(w http.ResponseWriter, _ *http.Request) {
	page := index{Name: "assay console", Routes: make([]indexedRoute, len(t.index))}
	for i := range t.index {
		o := &t.index[i]
		page.Routes[i] = indexedRoute{Method: o.Method, Path: o.Path, Summary: o.Summary, Components: o.names()}
	}
	console.Answer(w, http.StatusOK, page)
}

// serveDocument describes what is registered, in OpenAPI.
func (t *table) serveDocument(w http.ResponseWriter, _ *http.Request) {
	console.Answer(w, http.StatusOK, json.RawMessage(t.document))
}
