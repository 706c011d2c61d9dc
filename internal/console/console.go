// Package console is where components and the console extension meet: a component hands its routes over, the extension
// serves them. Neither imports the other.
package console

import (
	"errors"
	"net/http"

	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/extensions"
)

// Router is what the console extension offers to other components, through host.GetExtensions.
type Router interface {
	// Register serves the routes of a component until remove is called. Several components may register the same routes:
	// requests then choose one with ?component=ID. It fails if the component is registered already, or if a route
	// overlaps with another one so that neither is more specific. ErrRegistered is the error of the former.
	Register(id component.ID, routes []Route) (remove func(), err error)
	// URL is the address under which people reach the console, without a slash at its end, for links to what is registered;
	// empty if none is known. It does not change after the extension's Start.
	URL() string
}

// ErrRegistered is the error of a component that is registered already.
var ErrRegistered = errors.New("its routes are registered already")

// Route is one operation of a component's API.
type Route struct {
	Method  string // as in net/http
	Path    string // a pattern of http.ServeMux without method and host: "/api/queries/{id}"
	Summary string // one line for the start page
	Handler http.Handler
	About   About // for the OpenAPI document
}

// Find returns the extension that serves the console: the one named, or the only one there is. It is nil, without an
// error, when none is named and there is none.
func Find(all map[component.ID]component.Component, name *component.ID) (Router, error) {
	return extensions.Find[Router](all, name, "console", "serves no routes of others; name one of type console")
}
