package console

import (
	"net/http"

	"github.com/assayhq/assay/internal/wire"
)

// About says what a route takes and answers: the OpenAPI document is made of it. What all routes have in common is added there: parameters of the
// path, the parameter component, and how the console itself refuses.
type About struct {
	Parameters []Parameter // of the query
	Body       any         // of the request: a value of its type; nil: there is none
	Answers    []Reply
}

// Parameter is one of a route's.
type Parameter struct {
	Name string
	Text string   // what it means
	Kind Kind     // of its value
	Of   []string // all values, where they are known
}

// Kind is what the value of a parameter is.
type Kind string

// The kinds.
const (
	Text   Kind = ""
	Whole  Kind = "whole"  // a whole number
	Moment Kind = "moment" // RFC 3339, or seconds since 1970
)

// Reply is a way in which a route answers.
type Reply struct {
	Status int
	Text   string // what it means
	Body   any    // a value of the type of the JSON body; nil: no JSON
	Media  string // media type of another body; empty: there is none
}

// Answers is a success with a JSON body.
func Answers(body any) Reply { return Reply{Status: http.StatusOK, Text: "The answer.", Body: body} }

// AnswersText is a success with a body that is no JSON.
func AnswersText(media string) Reply {
	return Reply{Status: http.StatusOK, Text: "The answer.", Media: media}
}

// Creates is a success with what was made.
func Creates(body any) Reply {
	return Reply{Status: http.StatusCreated, Text: "Done.", Body: body}
}

// Refuses is a refusal.
func Refuses(status int, text string) Reply {
	return Reply{Status: status, Text: text, Body: wire.Problem{}}
}
