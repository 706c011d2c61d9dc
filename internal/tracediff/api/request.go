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

// time reads a time: RFC 3339, or as the tutorial has them, in seconds since 1970.
func (p parameters) time(name string) time.Time {
	text := p.Text(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if n, failed := strconv.ParseInt(text, 10, 64); failed == nil {
		t, err = time.Unix(n, 0), nil
	}
	if err != nil || t.Unix() < 0 || t.Unix() > latest {
		p.Wrong(fmt.Sprintf("%s: must be a time such as 2026-03-01T12:00:00Z, or in seconds since 1970, got %q", name, text))
		return time.Time{}
	}
	return t.UTC()
}
