package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assayhq/assay/internal/smarttailsampling"
)

// policy is a policy of tail_sampling, and what has been found out about it.
type policy struct {
	node   *yaml.Node
	line   int
	name   string
	typ    string
	drops  bool
	terms  []term  // of any policy but a composite
	parts  []part  // of a composite
	limits []limit // what it adds to the budget
	kind   Kind
	notes  []string
	why    []string // the notes that say how decisions differ
	bad    bool     // it cannot be read, so that nothing must be made of it
}

func (p *policy) note(k Kind, format string, args ...any) {
	p.kind = max(p.kind, k)
	n := fmt.Sprintf(format, args...)
	if slices.Contains(p.notes, n) {
		return
	}
	p.notes = append(p.notes, n)
	if k > Same {
		p.why = append(p.why, n)
	}
}

// differs says in which way decisions are other ones.
func (p *policy) differs(format string, args ...any) { p.note(Differs, format, args...) }

// lost says what has no counterpart.
func (p *policy) lost(format string, args ...any) { p.note(Lost, format, args...) }

// malformed says what tail_sampling itself does not take. Nothing is made of the policy then, not even of its opposite.
func (p *policy) malformed(format string, args ...any) {
	p.bad = true
	p.note(Lost, format, args...)
}

// readPolicies reads the list of policies.
func readPolicies(nodes []*yaml.Node) []*policy {
	var out []*policy
	seen := map[string]bool{}
	for _, n := range nodes {
		p := &policy{node: n, line: n.Line}
		out = append(out, p)
		if resolved(n).Kind != yaml.MappingNode {
			p.malformed("the policy is %s, not a mapping", described(resolved(n)))
			continue
		}
		r := &reader{section: resolved(n)}
		p.terms = p.readFrom(r, topLevel)
		switch {
		case p.name == "":
			p.malformed("the policy has no name, and tail_sampling does not start")
		case seen[p.name]:
			p.malformed("another policy has this name, and tail_sampling does not start")
		}
		seen[p.name] = true
		if p.bad {
			p.terms, p.parts, p.limits = nil, nil, nil
		}
	}
	return out
}

// level is where a policy stands, which says what types it may have.
type level uint8

const (
	topLevel level = iota
	inComposite
	inAnd
	inNot
)

// readFrom reads a policy and those in it. What is wrong is noted on p, the outermost one.
func (p *policy) readFrom(r *reader, at level) []term {
	name, typ := r.text("name"), r.text("type")
	if at == topLevel {
		p.name, p.typ, p.drops = name, typ, typ == "drop"
	}
	var terms []term
	switch {
	case typ == "and" && at <= inComposite:
		terms = p.all(r, "and", "and_sub_policy")
	case typ == "drop" && at == topLevel:
		terms = p.all(r, "drop", "drop_sub_policy")
	case typ == "not" && (at == topLevel || at == inAnd):
		terms = p.opposite(r)
	case typ == "composite" && at == topLevel:
		p.composite(r)
	default:
		var known bool
		if terms, known = p.leaf(typ, r); !known {
			p.unknown(typ, at)
		}
	}
	for _, problem := range r.problems {
		p.malformed("%s", problem)
	}
	for _, k := range r.unused() {
		_, known := leaves[k]
		switch {
		case k == typ: // of an extension, or where that type cannot be
		case known || slices.Contains(combinators, k):
			p.note(Same, "%s has no effect on a policy of type %s", k, typ)
		default:
			p.malformed("%s is no option of a policy", k)
		}
	}
	return terms
}

var combinators = []string{"and", "not", "drop", "composite"}

func (p *policy) unknown(typ string, at level) {
	switch {
	case typ == "":
		p.malformed("the policy has no type, and tail_sampling does not start")
	case slices.Contains(combinators, typ) && at != topLevel:
		p.malformed("tail_sampling takes no policy of type %s in there, and does not start", typ)
	default:
		p.malformed("%s is no type of tail_sampling itself; policies of extensions have no counterpart", typ)
	}
}

// all reads the policies that must all sample. Without any, all do.
func (p *policy) all(r *reader, typ, key string) []term {
	section := r.below(typ)
	terms := []term{{}}
	subs := section.list(key)
	r.rest(section)
	if len(subs) == 0 {
		p.note(Same, "it has no policies in it, so every trace fulfils it")
	}
	for _, n := range subs {
		sub, ok := p.inner(n)
		if !ok {
			return nil
		}
		if terms = conjunction(terms, p.readFrom(sub, inAnd)); len(terms) > maxTerms {
			p.lost("it has too many alternatives to be written as rules")
			return nil
		}
	}
	return terms
}

// inner is a reader of a policy in p.
func (p *policy) inner(n *yaml.Node) (*reader, bool) {
	n = resolved(n)
	if n.Kind != yaml.MappingNode {
		p.malformed("a policy in it is %s, not a mapping", described(n))
		return nil, false
	}
	return &reader{section: n}, true
}

func (p *policy) opposite(r *reader) []term {
	section := r.below("not")
	n := child(section.section, "not_sub_policy")
	section.used = append(section.used, "not_sub_policy")
	r.rest(section)
	if isNull(n) {
		p.malformed("it has no not_sub_policy, and tail_sampling does not start")
		return nil
	}
	sub, ok := p.inner(n)
	if !ok {
		return nil
	}
	inside := p.readFrom(sub, inNot)
	p.bad = p.bad || p.kind == Lost // the opposite of a part would be more than the opposite
	terms, ok := opposite(inside)
	if !ok {
		p.lost("the opposite of a limit, what exceeds it, has no counterpart")
	}
	return terms
}

// compiles tells whether smart_tail_sampling takes a condition on a span.
func compiles(condition string) error {
	c := smarttailsampling.DefaultConfig()
	c.Rules = []smarttailsampling.RuleConfig{{Name: "r", Action: "keep", Span: []string{expanded(condition)}}}
	err := c.Validate()
	if err == nil {
		return nil
	}
	_, cause, _ := strings.Cut(err.Error(), "is not an OTTL condition: ")
	return errors.New(cause)
}
