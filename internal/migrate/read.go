package migrate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// field is a key of a mapping with its value.
type field struct {
	key, value *yaml.Node
}

// resolved follows an alias.
func resolved(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// fields lists a mapping's keys, those of merged ones included. It returns nil for anything else.
func fields(n *yaml.Node) []field {
	return fieldsOf(n, 0)
}

func fieldsOf(n *yaml.Node, depth int) []field {
	n = resolved(n)
	if n == nil || n.Kind != yaml.MappingNode || depth > maxMerges {
		return nil
	}
	var out, inherited []field
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Tag != "!!merge" {
			out = append(out, field{k, v})
			continue
		}
		from := []*yaml.Node{v}
		if r := resolved(v); r.Kind == yaml.SequenceNode {
			from = r.Content
		}
		for _, m := range from {
			inherited = append(inherited, fieldsOf(m, depth+1)...)
		}
	}
	for _, f := range inherited {
		if !slices.ContainsFunc(out, func(o field) bool { return o.key.Value == f.key.Value }) {
			out = append(out, f)
		}
	}
	return out
}

const maxMerges = 16

func child(n *yaml.Node, key string) *yaml.Node {
	for _, f := range fields(n) {
		if f.key.Value == key {
			return resolved(f.value)
		}
	}
	return nil
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// reader takes values from a section of a configuration and collects what is wrong with them.
type reader struct {
	section  *yaml.Node
	at       string
	used     []string
	problems []string
}

func (r *reader) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// scalar is the text of a key; false where it is not set or cannot be read.
func (r *reader) scalar(key, want string) (string, bool) {
	r.used = append(r.used, key)
	n := child(r.section, key)
	switch {
	case isNull(n):
		return "", false
	case n.Kind != yaml.ScalarNode:
		r.problem("%s%s must be %s", r.at, key, want)
		return "", false
	case want != aString && strings.Contains(n.Value, "${"):
		r.problem("%s%s is %s, which is known only when the collector starts; write the value and migrate again", r.at, key, n.Value)
		return "", false
	}
	return n.Value, true
}

const aString = "a string"

func (r *reader) text(key string) string {
	s, _ := r.scalar(key, aString)
	return s
}

func (r *reader) integer(key string) int64 {
	s, ok := r.scalar(key, "a whole number")
	if !ok {
		return 0
	}
	var n int64
	node := yaml.Node{Kind: yaml.ScalarNode, Value: s}
	if err := node.Decode(&n); err != nil {
		f, errFloat := strconv.ParseFloat(s, 64)
		if errFloat != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			r.problem("%s%s must be a whole number, got %q", r.at, key, s)
			return 0
		}
		n = int64(f)
	}
	return n
}

func (r *reader) number(key string) float64 {
	s, ok := r.scalar(key, "a number")
	if !ok {
		return 0
	}
	var f float64
	node := yaml.Node{Kind: yaml.ScalarNode, Value: s}
	if err := node.Decode(&f); err != nil || math.IsNaN(f) {
		r.problem("%s%s must be a number, got %q", r.at, key, s)
		return 0
	}
	return f
}

func (r *reader) boolean(key string) bool {
	s, ok := r.scalar(key, "true or false")
	if !ok {
		return false
	}
	b, err := strconv.ParseBool(strings.ToLower(s))
	if err != nil {
		r.problem("%s%s must be true or false, got %q", r.at, key, s)
	}
	return b
}

func (r *reader) duration(key string) (time.Duration, bool) {
	s, ok := r.scalar(key, "a duration")
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	if n, notANumber := strconv.ParseInt(s, 10, 64); err != nil && notANumber == nil { // the collector takes nanoseconds
		d, err = time.Duration(n), nil
	}
	if err != nil {
		r.problem("%s%s must be a duration such as 10s, got %q", r.at, key, s)
		return 0, false
	}
	return d, true
}

func (r *reader) texts(key string) []string {
	r.used = append(r.used, key)
	n := child(r.section, key)
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.problem("%s%s must be a list", r.at, key)
		return nil
	}
	var out []string
	for i, c := range n.Content {
		c = resolved(c)
		if c.Kind != yaml.ScalarNode {
			r.problem("%s%s::%d must be a string", r.at, key, i)
			continue
		}
		out = append(out, c.Value)
	}
	return out
}

// list is the mappings of a sequence.
func (r *reader) list(key string) []*yaml.Node {
	r.used = append(r.used, key)
	n := child(r.section, key)
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.problem("%s%s must be a list, is %s", r.at, key, described(n))
		return nil
	}
	return n.Content
}

// below reads a key that is a mapping.
func (r *reader) below(key string) *reader {
	r.used = append(r.used, key)
	n := child(r.section, key)
	if !isNull(n) && n.Kind != yaml.MappingNode {
		r.problem("%s%s must be a mapping, is %s", r.at, key, described(n))
	}
	return &reader{section: n, at: r.at + key + "::"}
}

// rest takes in what was found below, and says which keys nobody has asked for.
func (r *reader) rest(below *reader) {
	r.problems = append(r.problems, below.problems...)
	for _, k := range below.unused() {
		r.problem("%s%s is no option of it", below.at, k)
	}
}

func (r *reader) unused() []string {
	var out []string
	for _, f := range fields(r.section) {
		if !slices.Contains(r.used, f.key.Value) {
			out = append(out, f.key.Value)
		}
	}
	return out
}

func described(n *yaml.Node) string {
	switch n.Kind {
	case yaml.ScalarNode:
		return strconv.Quote(n.Value)
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a mapping"
	}
}

// expanded is a string as the collector reads it, references to the environment aside.
func expanded(s string) string { return strings.ReplaceAll(s, "$$", "$") }
