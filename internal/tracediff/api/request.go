package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/console"
)

// maxBody bounds a request, in bytes; the console may be set to less.
const maxBody = 1 << 20

// decode reads a JSON body into v: one value, no unknown fields, of the right type.
func decode(r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return console.RefusalError{Status: http.StatusUnsupportedMediaType, Message: fmt.Sprintf("Content-Type: must be application/json, got %q", r.Header.Get("Content-Type"))}
	}
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.New("there is more behind it")
		}
	}
	var large *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	var moment *time.ParseError
	switch {
	case errors.As(err, &large):
		return console.RefusalError{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("the body must have at most %d bytes", large.Limit)}
	case errors.Is(err, io.EOF):
		return console.Bad("the body must be a JSON object, and is empty")
	case errors.As(err, &moment):
		return console.Bad(fmt.Sprintf("%s: must be a time such as \"2026-03-01T12:00:00Z\"", moment.Value))
	case errors.As(err, &kind) && kind.Field != "":
		return console.Bad(fmt.Sprintf("%s: must be %s, got a %s", strings.ReplaceAll(kind.Field, ".", "::"), named(kind.Type.Kind().String()), kind.Value))
	}
	return console.Bad("the body is not the JSON object that is expected: " + strings.TrimPrefix(err.Error(), "json: "))
}

func named(kind string) string {
	switch kind {
	case "slice":
		return "a list"
	case "struct", "map":
		return "an object"
	case "string":
		return "a string"
	case "bool":
		return "true or false"
	}
	return "a number"
}

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
