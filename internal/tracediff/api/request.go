package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request, in bytes; the console may be set to less.
const maxBody = 1 << 20

// decode reads a JSON body into v: one value, no unknown fields, of the right type.
func decode(r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return refusal{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type: must be application/json, got %q", r.Header.Get("Content-Type"))}
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
	switch {
	case errors.As(err, &large):
		return refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body must have at most %d bytes", large.Limit)}
	case errors.Is(err, io.EOF):
		return bad("the body must be a JSON object, and is empty")
	case errors.As(err, &kind) && kind.Field != "":
		return bad(fmt.Sprintf("%s: must be %s, got a %s", strings.ReplaceAll(kind.Field, ".", "::"), named(kind.Type.Kind().String()), kind.Value))
	}
	return bad("the body is not the JSON object that is expected: " + strings.TrimPrefix(err.Error(), "json: "))
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

// parameters reads the query string of a request, and collects what is wrong with it.
type parameters struct {
	values url.Values
	wrong  []string
}

// parametersOf refuses what is not one of known; component is the console's.
func parametersOf(r *http.Request, known ...string) *parameters {
	p := &parameters{values: r.URL.Query()}
	for name, values := range p.values {
		switch {
		case name != "component" && !slices.Contains(known, name):
			p.wrong = append(p.wrong, fmt.Sprintf("%s: is no parameter of this route; there are %s", name, strings.Join(append(known, "component"), ", ")))
		case len(values) > 1:
			p.wrong = append(p.wrong, name+": is given more than once")
		}
	}
	slices.Sort(p.wrong)
	return p
}

func (p *parameters) text(name string) string { return p.values.Get(name) }

func (p *parameters) oneOf(name string, allowed ...string) string {
	v := p.values.Get(name)
	if v != "" && !slices.Contains(allowed, v) {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: must be one of %s, got %q", name, strings.Join(allowed, ", "), v))
	}
	return v
}

func (p *parameters) number(name string, standard, least, most int) int {
	text := p.values.Get(name)
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: must be a number between %d and %d, got %q", name, least, most, text))
		return standard
	}
	return n
}

// seconds reads a time in seconds since 1970.
func (p *parameters) seconds(name string) time.Time {
	text := p.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > latest {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: must be a time in seconds since 1970, got %q", name, text))
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// latest is the end of the year 2200, in seconds since 1970: what nanoseconds in 64 bits can hold.
const latest = 7_289_654_399

func (p *parameters) err() error {
	if len(p.wrong) == 0 {
		return nil
	}
	return bad(strings.Join(p.wrong, "; "))
}
