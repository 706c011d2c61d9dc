package consoleextension

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/openapi"
)

// routes sends each request to the component that registered for it. The table is built anew whenever a component
// comes or goes; requests see the old one or the new one.
type routes struct {
	profile profile
	table   atomic.Pointer[table]

	mu         sync.Mutex // guards everything below
	components map[component.ID][]console.Route
}

// profile is what a console has to say of itself.
type profile struct {
	version  string // of the collector
	traceURL string
	title    string // of the status page
	public   bool   // it serves chosen routes to everybody
	pages    *pages
}

// table is what one moment's components answer.
type table struct {
	profile  profile
	mux      *http.ServeMux
	index    []operation
	document []byte // OpenAPI
}

// operation is a method and path, and those who answer it.
type operation struct {
	console.Route
	by   map[string]http.Handler // component id -> handler
	only bool                    // there is one, whose name is nobody's business
}

func newRoutes(profile profile) *routes {
	r := &routes{profile: profile, components: map[component.ID][]console.Route{}}
	first, err := profile.build(nil)
	if err != nil {
		panic(err) // a table without components cannot overlap
	}
	r.table.Store(first)
	return r
}

// Register implements console.Router.
func (r *routes) Register(id component.ID, added []console.Route) (func(), error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.register(id, added)
}

// register registers a component. The lock is held.
func (r *routes) register(id component.ID, added []console.Route) (func(), error) {
	if _, ok := r.components[id]; ok {
		return nil, fmt.Errorf("%s: %w", id, console.ErrRegistered)
	}
	r.components[id] = slices.Clone(added)
	next, err := r.profile.build(r.components)
	if err != nil {
		delete(r.components, id)
		return nil, fmt.Errorf("%s cannot register its routes: %w", id, err)
	}
	r.table.Store(next)
	return sync.OnceFunc(func() { r.remove(id) }), nil
}

func (r *routes) remove(id component.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.components, id)
	if next, err := r.profile.build(r.components); err == nil { // fewer routes cannot overlap where more did not
		r.table.Store(next)
	}
}

// ServeHTTP answers with the table of the moment.
func (r *routes) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.table.Load().mux.ServeHTTP(w, request)
}

func (p profile) build(components map[component.ID][]console.Route) (t *table, err error) {
	defer func() {
		if problem := recover(); problem != nil { // ServeMux says so of patterns that are broken or overlap
			t, err = nil, fmt.Errorf("%v", problem)
		}
	}()
	byPattern := map[string]*operation{}
	for id, routes := range components {
		for _, route := range routes {
			pattern := route.Method + " " + route.Path
			o, ok := byPattern[pattern]
			if !ok {
				o = &operation{Route: route, by: map[string]http.Handler{}, only: p.public}
				byPattern[pattern] = o
			}
			o.by[id.String()] = route.Handler
		}
	}
	t = &table{profile: p, mux: http.NewServeMux()}
	for pattern, o := range byPattern {
		t.mux.Handle(pattern, o)
		t.index = append(t.index, *o)
	}
	slices.SortFunc(t.index, func(a, b operation) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	p.pages.add(t.mux)
	if p.public {
		p.addPublic(t.mux)
		return t, nil
	}
	described := []string{http.MethodGet + " " + indexPath, http.MethodGet + " " + openapi.Path}
	for i := range t.index {
		described = append(described, t.index[i].Method+" "+t.index[i].Path)
	}
	if t.document, err = openapi.Part(described); err != nil {
		return nil, err
	}
	t.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { p.pages.serveIndex(w, r, t.serveIndex) })
	t.mux.HandleFunc("GET "+indexPath, t.serveIndex)
	t.mux.HandleFunc("GET "+openapi.Path, t.serveDocument)
	t.mux.HandleFunc("/", t.serveUnknown)
	return t, nil
}

// ServeHTTP chooses the component: the one that ?component= names, or the only one.
func (o *operation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	names := o.names()
	name := r.URL.Query().Get("component")
	if name == "" || o.only {
		if len(names) > 1 {
			console.Refuse(w, http.StatusBadRequest, fmt.Sprintf("component: several answer here, %s; choose one with ?component=%s",
				strings.Join(names, " and "), names[0]))
			return
		}
		name = names[0]
	}
	handler, ok := o.by[name]
	if !ok {
		console.Refuse(w, http.StatusNotFound, fmt.Sprintf("component: %q does not answer here; there is %s", name, strings.Join(names, " and ")))
		return
	}
	handler.ServeHTTP(w, r)
}

func (o *operation) names() []string {
	names := make([]string, 0, len(o.by))
	for name := range o.by {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// serveUnknown answers what no route matches: 405 where another method would, else 404.
func (t *table) serveUnknown(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := t.mux.Handler(other); pattern != "" && pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		console.Refuse(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s has %s, not %s", r.URL.Path, strings.Join(allowed, " and "), r.Method))
		return
	}
	console.Refuse(w, http.StatusNotFound, fmt.Sprintf("there is nothing at %s; GET / lists what there is", r.URL.Path))
}
