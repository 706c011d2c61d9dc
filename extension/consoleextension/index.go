package consoleextension

import (
	"encoding/json"
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// indexPath is where the list of what there is stands, also for those who accept HTML.
const indexPath = "/api/console"

func (t *table) serveIndex(w http.ResponseWriter, _ *http.Request) {
	list := wire.Console{Name: "assay console", Version: t.profile.version, TraceURL: t.profile.traceURL, Routes: make([]wire.Route, len(t.index))}
	for i := range t.index {
		o := &t.index[i]
		list.Routes[i] = wire.Route{Method: o.Method, Path: o.Path, Summary: o.Summary, Components: o.names()}
	}
	console.Answer(w, http.StatusOK, list)
}

// serveDocument describes what is registered, in OpenAPI.
func (t *table) serveDocument(w http.ResponseWriter, _ *http.Request) {
	console.Answer(w, http.StatusOK, json.RawMessage(t.document))
}
