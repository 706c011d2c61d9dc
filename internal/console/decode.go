package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// MaxBody bounds a request, in bytes; the console may be set to less.
const MaxBody = 1 << 20

// Decode reads a JSON body into v: one value, no unknown fields, of the right type. What is wrong is a RefusalError.
func Decode(r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return RefusalError{Status: http.StatusUnsupportedMediaType, Message: fmt.Sprintf("Content-Type: must be application/json, got %q", r.Header.Get("Content-Type"))}
	}
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, MaxBody))
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
		return RefusalError{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("the body must have at most %d bytes", large.Limit)}
	case errors.Is(err, io.EOF):
		return Bad("the body must be a JSON object, and is empty")
	case errors.As(err, &moment):
		return Bad(moment.Value + `: must be a time such as "2026-03-01T12:00:00Z"`)
	case errors.As(err, &kind) && kind.Field != "":
		return Bad(fmt.Sprintf("%s: must be %s, got a %s", strings.ReplaceAll(kind.Field, ".", "::"), named(kind.Type.Kind().String()), kind.Value))
	}
	return Bad("the body is not the JSON object that is expected: " + strings.TrimPrefix(err.Error(), "json: "))
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
