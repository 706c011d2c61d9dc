package api

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/assayhq/assay/internal/console"
)

// parameters are those of a request, with what is this API's own.
type parameters struct{ *console.Parameters }

func parametersOf(r *http.Request, known ...string) parameters {
	return parameters{console.ParametersOf(r, known...)}
}

// seconds reads a time in seconds since 1970.
func (p parameters) seconds(name string) time.Time {
	text := p.Text(name)
	if text == "" {
		return time.Time{}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > latest {
		p.Wrong(fmt.Sprintf("%s: must be a time in seconds since 1970, got %q", name, text))
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// latest is the end of the year 2200, in seconds since 1970: what nanoseconds in 64 bits can hold.
const latest = 7_289_654_399
