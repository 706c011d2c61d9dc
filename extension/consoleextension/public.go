package consoleextension

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// publicConsole serves chosen groups of routes to everybody, and nothing else: no list of what there is, no names of components.
type publicConsole struct{ console *consoleExtension }

var (
	_ extension.Extension  = (*publicConsole)(nil)
	_ console.PublicRouter = (*publicConsole)(nil)
)

// Start implements component.Component.
func (p *publicConsole) Start(ctx context.Context, host component.Host) error {
	return p.console.Start(ctx, host)
}

// Shutdown implements component.Component.
func (p *publicConsole) Shutdown(ctx context.Context) error { return p.console.Shutdown(ctx) }

// RegisterPublic implements console.PublicRouter.
func (p *publicConsole) RegisterPublic(id component.ID, group console.Group, routes []console.Route) (func(), error) {
	if !slices.Contains(p.console.config.Serve, group) {
		return func() {}, nil
	}
	// Several would have to be told apart by their names, which are nobody's business.
	return p.console.routes.registerOnly(id, routes)
}

// registerOnly registers a component that must be the only one.
func (r *routes) registerOnly(id component.ID, added []console.Route) (func(), error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other := range r.components {
		if other != id {
			return nil, fmt.Errorf("%s: a console with serve shows one component, which is %s already; give this one a console of its own", id, other)
		}
	}
	return r.register(id, added)
}

// addPublic adds what a public console serves beside the routes of its component.
func (p profile) addPublic(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { p.pages.servePublic(w, r) })
	mux.HandleFunc("GET /api/public/page", func(w http.ResponseWriter, _ *http.Request) {
		console.Answer(w, http.StatusOK, wire.PublicPage{Title: p.title})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		console.Refuse(w, http.StatusNotFound, "there is nothing here; the status page is at /")
	})
}
