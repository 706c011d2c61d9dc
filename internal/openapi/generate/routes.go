package main

import (
	"net/http"
	"slices"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/openapi"
	"github.com/assayhq/assay/internal/sentinel/notices"
	"github.com/assayhq/assay/internal/sentinel/watch"
	sampling "github.com/assayhq/assay/internal/smarttailsampling/api"
	tracediff "github.com/assayhq/assay/internal/tracediff/api"
	"github.com/assayhq/assay/internal/wire"
)

// routes are those of all components, and the console's own.
func routes() []console.Route {
	return slices.Concat(
		tracediff.Routes(nil),
		sampling.Routes(nil),
		(*watch.Watch)(nil).Routes(),
		notices.New(nil).Routes(nil),
		(*watch.Watch)(nil).PublicRoutes(),
		[]console.Route{{
			Method: http.MethodGet, Path: "/api/console", Summary: "what there is to ask for, and which components answer",
			About: console.About{Answers: []console.Reply{console.Answers(wire.Console{})}},
		}, {
			Method: http.MethodGet, Path: "/api/public/page", Summary: "what a public status page is about",
			About: console.About{Answers: []console.Reply{console.Answers(wire.PublicPage{})}},
		}, {
			Method: http.MethodGet, Path: openapi.Path, Summary: "the routes that are registered here, described in OpenAPI",
			About: console.About{Answers: []console.Reply{console.Answers(map[string]any{})}},
		}},
	)
}
