package api

import (
	"net/http"
	"slices"

	"github.com/assayhq/assay/internal/console"
)

// Parameters of several routes.
var (
	from    = console.Parameter{Name: "from", Text: "begun then or later", Kind: console.Moment}
	to      = console.Parameter{Name: "to", Text: "begun before", Kind: console.Moment}
	offset  = console.Parameter{Name: "offset", Text: "how many are left out before; that of the Link header where one answer has no room for all", Kind: console.Whole}
	ofQuery = console.Parameter{Name: "query", Text: "id of the query; needed where there are several"}
)

// paged adds the parameters of pages.
func paged(parameters ...console.Parameter) []console.Parameter {
	return append(parameters,
		console.Parameter{Name: "limit", Text: "how many on a page", Kind: console.Whole},
		console.Parameter{Name: "cursor", Text: "that of the Link header of the page before"})
}

// stored is how every route refuses that asks the database.
var stored = []console.Reply{
	console.Refuses(http.StatusGone, "What was stored is damaged."),
	console.Refuses(http.StatusServiceUnavailable, "The database does not answer; see Retry-After."),
}

// answers is about a route without a body.
func answers(body any, parameters ...console.Parameter) console.About {
	return console.About{Parameters: parameters, Answers: append([]console.Reply{console.Answers(body)}, stored...)}
}

// also adds another media type to what is answered.
func also(a console.About, media string) console.About {
	a.Answers[0].Media = media
	return a
}

// changes is about a route with a body.
func changes(request, body any) console.About { return sends(request, console.Answers(body)) }

// creates is about a route that makes what its body describes.
func creates(request, body any) console.About { return sends(request, console.Creates(body)) }

func sends(request any, done console.Reply) console.About {
	return console.About{Body: request, Answers: slices.Concat([]console.Reply{
		done,
		console.Refuses(http.StatusConflict, "There are as many queries as there may be."),
		console.Refuses(http.StatusRequestEntityTooLarge, "The body is too large."),
		console.Refuses(http.StatusUnsupportedMediaType, "The body is not application/json."),
	}, stored)}
}
