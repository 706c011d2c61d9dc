package console

import (
	"go.opentelemetry.io/collector/component"
)

// PublicRouter is a console that serves chosen groups of routes only, to everybody: what is registered there must name nothing internal.
type PublicRouter interface {
	// RegisterPublic serves the routes of a group, if it was chosen. Only one component can register; another one is an error.
	RegisterPublic(id component.ID, group Group, routes []Route) (remove func(), err error)
}

// Group is a group of routes that a console can be told to serve.
type Group string

// Status is the public status page.
const Status Group = "status"

// Groups are all there are.
func Groups() []Group { return []Group{Status} }

// RegisterPublic hands the routes of a group to every console that serves it. remove takes them back everywhere.
func RegisterPublic(all map[component.ID]component.Component, id component.ID, group Group, routes []Route) (remove func(), err error) {
	var removes []func()
	remove = func() {
		for _, r := range removes {
			r()
		}
	}
	for _, extension := range all {
		if public, ok := extension.(PublicRouter); ok {
			r, err := public.RegisterPublic(id, group, routes)
			if err != nil {
				remove()
				return nil, err
			}
			removes = append(removes, r)
		}
	}
	return remove, nil
}
