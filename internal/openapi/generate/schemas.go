package main

import (
	"path/filepath"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/assayhq/assay/internal/jsonnumber"
	"github.com/assayhq/assay/internal/wire"
)

// schemas are those of all types that go over the wire, by the names of the types.
type schemas struct {
	reflector *jsonschema.Reflector
	all       map[string]*jsonschema.Schema
	types     map[string]reflect.Type
	conflicts []string
}

// commented are the packages whose comments describe fields.
var commented = []string{"internal/wire", "internal/tracediff/api"}

func newSchemas(root string) (*schemas, error) {
	s := &schemas{all: map[string]*jsonschema.Schema{}, types: map[string]reflect.Type{}}
	s.reflector = &jsonschema.Reflector{Anonymous: true, Mapper: mapped, CommentMap: map[string]string{}}
	for _, dir := range commented {
		found := &jsonschema.Reflector{}
		if err := found.AddGoComments("", filepath.Join(root, dir), jsonschema.WithFullComment()); err != nil {
			return nil, err
		}
		for name, text := range found.CommentMap {
			_, name, _ = strings.Cut(name, dir)
			s.reflector.CommentMap["github.com/assayhq/assay/"+dir+name] = strings.Join(strings.Fields(text), " ")
		}
	}
	return s, nil
}

// mapped are the types that are not in JSON what they are in Go.
func mapped(t reflect.Type) *jsonschema.Schema {
	switch v := reflect.New(t).Elem().Interface().(type) {
	case jsonnumber.Number:
		return &jsonschema.Schema{Extras: map[string]any{"type": []string{"number", "null"}}}
	case wire.Enumerated:
		s := &jsonschema.Schema{Type: "string"}
		for _, value := range v.Enum() {
			s.Enum = append(s.Enum, value)
		}
		return s
	}
	if t == reflect.TypeFor[wire.Baseline]() {
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, only("version"), only("pin")}}
	}
	return nil
}

// only is an object with one field, which is a string.
func only(name string) *jsonschema.Schema {
	p := jsonschema.NewProperties()
	p.Set(name, &jsonschema.Schema{Type: "string"})
	return &jsonschema.Schema{Type: "object", Properties: p, Required: []string{name}, AdditionalProperties: jsonschema.FalseSchema}
}

// of is the schema of a value's type, which refers to those of the structs in it.
func (s *schemas) of(v any) *jsonschema.Schema {
	t := reflect.TypeOf(v)
	made := s.reflector.ReflectFromType(t)
	defs := made.Definitions
	made.Version, made.Definitions = "", nil
	s.note(t, defs)
	return made
}

// note keeps the schemas of a type and of those in it.
func (s *schemas) note(t reflect.Type, defs jsonschema.Definitions) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		s.note(t.Elem(), defs)
	case reflect.Struct:
		if have, ok := s.types[t.Name()]; ok {
			if have != t {
				s.conflicts = append(s.conflicts, have.String()+" and "+t.String())
			}
			return
		}
		if made := defs[t.Name()]; made != nil { // an embedded struct has none
			s.types[t.Name()], s.all[t.Name()] = t, made
			nullable(made, t)
		}
		for i := range t.NumField() {
			s.note(t.Field(i).Type, defs)
		}
	}
}

// nullable lets the fields be null that are: pointers that are not left out where they are nil.
func nullable(s *jsonschema.Schema, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			nullable(s, f.Type)
			continue
		}
		property, ok := s.Properties.Get(name)
		if !ok || f.Type.Kind() != reflect.Pointer || strings.Contains(options, "omit") {
			continue
		}
		described := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{property, {Type: "null"}}, Description: property.Description}
		property.Description = ""
		s.Properties.Set(name, described)
	}
}
