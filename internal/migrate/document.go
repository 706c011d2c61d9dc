package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// document is a collector configuration as text and as nodes, which know their lines and columns.
type document struct {
	text  []byte
	lines []int // offsets
	root  *yaml.Node
}

// MaxBytes is the size of the largest configuration that is read.
const MaxBytes = 64 << 20

// read parses a configuration.
func read(in []byte) (*document, error) {
	switch {
	case len(in) > MaxBytes:
		return nil, fmt.Errorf("the file has more than %d MiB, which no collector configuration has", MaxBytes>>20)
	case !utf8.Valid(in):
		return nil, errors.New("the file is not UTF-8 text")
	}
	dec := yaml.NewDecoder(bytes.NewReader(in))
	var n yaml.Node
	if err := dec.Decode(&n); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty; expected a collector configuration with processors::tail_sampling")
		}
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		return nil, fmt.Errorf("line %d: a second YAML document begins; the collector reads one", second.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	var plain any // finds keys that are there twice, and aliases that multiply without end
	if err := n.Decode(&plain); err != nil {
		return nil, fmt.Errorf("not a collector configuration: %w", err)
	}
	root := n.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: expected a collector configuration, a mapping with receivers, processors and service, got %s", root.Line, described(resolved(root)))
	}
	return &document{text: in, lines: lineStarts(in), root: root}, nil
}

// processor is one tail_sampling.
type processor struct {
	name       string // as it is written
	key, value *yaml.Node
	next       *yaml.Node // the node behind it in the file, nil at the end
	flow       bool       // among others within braces
}

const (
	oldType = "tail_sampling"
	newType = "smart_tail_sampling"
)

// renamed is the id of the new processor; false for another processor's id.
func renamed(id string) (string, bool) {
	typ, _, _ := strings.Cut(id, "/")
	if strings.TrimSpace(typ) != oldType {
		return "", false
	}
	return strings.Replace(id, oldType, newType, 1), true
}

// processors finds every tail_sampling.
func (d *document) processors() ([]*processor, error) {
	var out []*processor
	next := []*yaml.Node{}
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		if d.root.Content[i].Value == "processors" {
			if i+2 < len(d.root.Content) {
				next = append(next, d.root.Content[i+2])
			}
			section := d.root.Content[i+1]
			if section.Kind == yaml.AliasNode {
				return nil, fmt.Errorf("line %d: processors is an alias (*%s); write it out and migrate again", section.Line, section.Value)
			}
			if section.Kind != yaml.MappingNode {
				break
			}
			flow := section.Style&yaml.FlowStyle != 0 || d.root.Style&yaml.FlowStyle != 0
			for j := 0; j+1 < len(section.Content); j += 2 {
				p := &processor{name: section.Content[j].Value, key: section.Content[j], value: section.Content[j+1], flow: flow}
				if _, ok := renamed(p.name); !ok {
					continue
				}
				if j+2 < len(section.Content) {
					p.next = section.Content[j+2]
				} else if len(next) > 0 {
					p.next = next[0]
				}
				out = append(out, p)
			}
			if err := d.collisions(section); err != nil {
				return nil, err
			}
		}
	}
	if len(out) == 0 {
		return nil, ErrNothing
	}
	return out, d.sharedAnchors(out)
}

// collisions finds processors whose new name is taken, or that come from elsewhere.
func (d *document) collisions(section *yaml.Node) error {
	taken := map[string]int{}
	own := map[*yaml.Node]bool{}
	for j := 0; j+1 < len(section.Content); j += 2 {
		taken[section.Content[j].Value] = section.Content[j].Line
		own[section.Content[j]] = true
	}
	for _, f := range fields(section) {
		name, ok := renamed(f.key.Value)
		if !ok {
			continue
		}
		if line, is := taken[name]; is {
			return fmt.Errorf("line %d: %s cannot become %s, which is there already (line %d); rename one of them", f.key.Line, f.key.Value, name, line)
		}
		if !own[f.key] {
			return fmt.Errorf("line %d: %s is merged into processors from here; write it there and migrate again", f.key.Line, f.key.Value)
		}
	}
	return nil
}

// sharedAnchors finds anchors that would be lost with the processors while something else refers to them.
func (d *document) sharedAnchors(ps []*processor) error {
	inside := map[*yaml.Node]bool{}
	for _, p := range ps {
		each(p.key, func(n *yaml.Node) { inside[n] = true })
		each(p.value, func(n *yaml.Node) { inside[n] = true })
	}
	var err error
	each(d.root, func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode && !inside[n] && inside[n.Alias] && err == nil {
			err = fmt.Errorf("line %d: refers to &%s (line %d), which is part of a tail_sampling and goes with it; write the value out and migrate again",
				n.Line, n.Value, n.Alias.Line)
		}
	})
	return err
}

// each visits a node and all below it, in the order of the file. It does not follow aliases.
func each(n *yaml.Node, visit func(*yaml.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, c := range n.Content {
		each(c, visit)
	}
}

// policies is the list of policies, if there is one.
func (p *processor) policies() []*yaml.Node {
	n := child(p.value, "policies")
	if isNull(n) || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// pipelines visits the list of processors of each pipeline once.
func (d *document) pipelines(visit func(list *yaml.Node)) {
	seen := map[*yaml.Node]bool{}
	for _, f := range fields(child(child(d.root, "service"), "pipelines")) {
		if list := child(f.value, "processors"); list != nil && list.Kind == yaml.SequenceNode && !seen[list] {
			seen[list] = true
			visit(list)
		}
	}
}
