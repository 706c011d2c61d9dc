package query

import (
	"strconv"
	"strings"
)

// maxDepth bounds parentheses and NOT within each other, and so the stack.
const maxDepth = 200

// maxPredicates bounds what is evaluated for each span.
const maxPredicates = 1000

func itoa(n int) string { return strconv.Itoa(n) }

// parser reads the first form by recursive descent:
//
//	or        = and { OR and }
//	and       = not { AND not }
//	not       = NOT not | "(" or ")" | predicate
//	predicate = key [ NOT ] IN "(" value { "," value } ")" | key operator value
type parser struct {
	lexer
	token      token // the one looked at
	depth      int
	predicates int
}

func parse(text string) (expression, error) {
	p := &parser{lexer: lexer{text: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != endToken {
		return nil, p.expected("AND, OR or the end of the query")
	}
	return e, nil
}

func (p *parser) advance() (err error) {
	p.token, err = p.next()
	return err
}

// expected is the error that something else stands where the parser looks.
func (p *parser) expected(what string) error {
	got := "the end of the query"
	if p.token.kind != endToken {
		got = quoted(p.text[p.token.at:p.token.end])
	}
	return p.fails(p.token.at, what, got)
}

func (p *parser) or() (expression, error) {
	return p.chain("OR", p.and, func(parts []expression) expression { return anyOf(parts) })
}

func (p *parser) and() (expression, error) {
	return p.chain("AND", p.not, func(parts []expression) expression { return allOf(parts) })
}

// chain reads parts joined by a keyword.
func (p *parser) chain(keyword string, part func() (expression, error), join func([]expression) expression) (expression, error) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	parts := []expression{first}
	for p.token.is(keyword) {
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, next)
	}
	if len(parts) == 1 {
		return first, nil
	}
	return join(parts), nil
}

func (p *parser) not() (expression, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.expected("at most 200 parentheses and NOT within each other")
	}
	defer func() { p.depth-- }()
	switch {
	case p.token.is("NOT"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := p.not()
		if err != nil {
			return nil, err
		}
		return negation{e}, nil
	case p.token.kind == openToken:
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		if p.token.kind != closeToken {
			return nil, p.expected("AND, OR or a closing parenthesis")
		}
		return e, p.advance()
	}
	return p.predicate()
}

func (p *parser) predicate() (expression, error) {
	if p.predicates++; p.predicates > maxPredicates {
		return nil, p.expected("at most 1000 comparisons")
	}
	key := p.token
	switch {
	case key.kind == stringToken && key.text == "":
		return nil, p.expected("a key that is not empty")
	case key.kind == wordToken && (isKeyword(key) || strings.HasPrefix(key.text, Everything)), key.kind != wordToken && key.kind != stringToken:
		return nil, p.expected(`a key such as service, operation or "http.status_code"`)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	c := comparison{field: newField(key.text)}
	if p.token.is("NOT") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if !p.token.is("IN") {
			return nil, p.expected("IN")
		}
		c.negated = true
	}
	var err error
	switch {
	case p.token.is("IN"):
		err = p.in(&c)
	case p.token.kind == operatorToken:
		err = p.operator(&c)
	default:
		err = p.expected("IN, NOT IN or one of = != > >= < <=")
	}
	if err != nil {
		return nil, err
	}
	c.prepare()
	return &c, nil
}

func isKeyword(t token) bool { return t.is("AND") || t.is("OR") || t.is("NOT") || t.is("IN") }

func (p *parser) operator(c *comparison) error {
	c.operator = p.token.text
	if c.operator == "!=" {
		c.operator, c.negated = "=", true
	}
	if err := p.advance(); err != nil {
		return err
	}
	v, err := p.value(c)
	c.values = []value{v}
	return err
}

// in reads the values of IN.
func (p *parser) in(c *comparison) error {
	c.operator = "="
	if err := p.advance(); err != nil {
		return err
	}
	if p.token.kind != openToken {
		return p.expected(`an opening parenthesis, as in ("a", "b")`)
	}
	for {
		if err := p.advance(); err != nil {
			return err
		}
		v, err := p.value(c)
		if err != nil {
			return err
		}
		c.values = append(c.values, v)
		switch p.token.kind {
		case commaToken:
		case closeToken:
			return p.advance()
		default:
			return p.expected("a comma or a closing parenthesis")
		}
	}
}

func (p *parser) value(c *comparison) (value, error) {
	t := p.token
	v, ok := newValue(t)
	if !ok {
		return value{}, p.expected(`a string in quotes, a number, true, false or a duration such as 250ms`)
	}
	if c.field.isTime() && !v.isDuration && !v.isNumber {
		return value{}, p.expected("a duration such as 250ms")
	}
	return v, p.advance()
}
