// Package openapi holds the OpenAPI document of all routes of the console. `make generate` makes it of the routes' descriptions and of the types
// that go over the wire (package generate); what a console serves is the part of it that is registered there.
package openapi

import (
	_ "embed" // the document
	"encoding/json"
	"strings"
)

//go:embed openapi.json
var whole []byte

// Document is the whole document.
func Document() []byte { return append([]byte(nil), whole...) }

// Path is where a console serves its document.
const Path = "/api/openapi.json"

// document is what of one has to be known to take a part of it.
type document struct {
	OpenAPI    string                                `json:"openapi"`
	Info       json.RawMessage                       `json:"info"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`
}

// Part is the document of some operations, "GET /api/queries" and so on, with the schemas that they need. Operations that it does not know
// are left out.
func Part(operations []string) ([]byte, error) {
	var all document
	if err := json.Unmarshal(whole, &all); err != nil {
		return nil, err
	}
	part := all
	part.Paths, part.Components.Schemas = map[string]map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for _, operation := range operations {
		method, path, _ := strings.Cut(operation, " ")
		method = strings.ToLower(method)
		about, ok := all.Paths[path][method]
		if !ok {
			continue
		}
		if part.Paths[path] == nil {
			part.Paths[path] = map[string]json.RawMessage{}
		}
		part.Paths[path][method] = about
		all.need(about, part.Components.Schemas)
	}
	return json.Marshal(part)
}

const reference = `"#/components/schemas/`

// need adds the schemas that a part of the document refers to, directly or not, to those there are.
func (d *document) need(text []byte, have map[string]json.RawMessage) {
	for _, rest := range strings.Split(string(text), reference)[1:] {
		name, _, _ := strings.Cut(rest, `"`)
		if _, ok := have[name]; !ok {
			have[name] = d.Components.Schemas[name]
			d.need(have[name], have)
		}
	}
}
