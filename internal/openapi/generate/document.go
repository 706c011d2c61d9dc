package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

type object = map[string]any

const description = "What the components of a collector answer through its console. Names are in snake_case, times in RFC 3339, durations in seconds with " +
	"_seconds in the name, shares from 0 to 1; what is not known is null. The routes /api/queries, /api/snapshots and /api/diffs also answer in the words " +
	"of the tutorial that they come from: fields in camelCase, times in seconds since 1970, avg_latency in microseconds."

// generate makes the document. root is the repository's, for the comments.
func generate(root string) ([]byte, error) {
	s, err := newSchemas(root)
	if err != nil {
		return nil, err
	}
	paths := object{}
	for _, r := range routes() {
		operations, ok := paths[r.Path].(object)
		if !ok {
			operations = object{}
			paths[r.Path] = operations
		}
		method := strings.ToLower(r.Method)
		if _, ok := operations[method]; ok {
			return nil, fmt.Errorf("%s %s is there twice", r.Method, r.Path)
		}
		operations[method] = operation(&r, s)
	}
	if len(s.conflicts) > 0 {
		return nil, fmt.Errorf("types of one name: %s", strings.Join(s.conflicts, ", "))
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Assay console", "version": "1", "description": description, "license": object{"name": "Apache 2.0", "identifier": "Apache-2.0"}},
		"paths":      paths,
		"components": object{"schemas": s.all},
	})
	return bytes.ReplaceAll(text.Bytes(), []byte("#/$defs/"), []byte("#/components/schemas/")), err
}

func operation(r *console.Route, s *schemas) object {
	o := object{"summary": sentence(r.Summary), "parameters": parameters(r), "responses": responses(r, s)}
	if r.About.Body != nil {
		o["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.of(r.About.Body)}}}
	}
	return o
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "." }

var inPath = regexp.MustCompile(`\{(\w+)\}`)

func parameters(r *console.Route) []object {
	list := []object{}
	for _, m := range inPath.FindAllStringSubmatch(r.Path, -1) {
		list = append(list, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, p := range append(r.About.Parameters, console.Parameter{Name: "component", Text: "which component is to answer, where several do"}) {
		schema := object{"type": "string"}
		switch p.Kind {
		case console.Whole:
			schema["type"] = "integer"
		case console.Moment:
			p.Text += "; RFC 3339, or seconds since 1970"
		}
		if len(p.Of) > 0 {
			schema["enum"] = p.Of
		}
		about := object{"name": p.Name, "in": "query", "schema": schema}
		if p.Text != "" {
			about["description"] = sentence(p.Text)
		}
		list = append(list, about)
	}
	return list
}

// common is how every route refuses.
var common = map[int]string{
	http.StatusBadRequest:   "What is wrong with the request, all of it.",
	http.StatusUnauthorized: "Authentication is needed.",
	http.StatusForbidden:    "This may not be changed, or the request comes from a page of another origin, or names another host.",
	http.StatusNotFound:     "There is nothing under this id, or no such component.",
}

func responses(r *console.Route, s *schemas) object {
	out := object{}
	for status, text := range common {
		out[strconv.Itoa(status)] = response(&console.Reply{Status: status, Text: text, Body: wire.Problem{}}, s)
	}
	for i := range r.About.Answers {
		a := &r.About.Answers[i]
		out[strconv.Itoa(a.Status)] = response(a, s)
	}
	return out
}

func response(a *console.Reply, s *schemas) object {
	content := object{}
	if a.Body != nil {
		content["application/json"] = object{"schema": s.of(a.Body)}
	}
	for _, media := range strings.Fields(a.Media) {
		content[media] = object{"schema": object{"type": "string"}}
	}
	return object{"description": a.Text, "content": content}
}
