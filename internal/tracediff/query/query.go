package query

import (
	"errors"
	"strings"
)

// maxLength bounds the text of a query, in bytes: people write them, and they are stored and shown.
const maxLength = 16 << 10

// Query tells which spans belong to it. It is immutable and safe for concurrent use.
type Query struct {
	text       string
	expression expression // nil for OTTL
	cuts       []int64    // of the durations of traces; see whole.go
	ottl       *ottlCondition
}

// Everything is the query that every span matches, whatever it lacks.
const Everything = "*"

// Parse reads a query: Everything, or one of either form. Errors in its text are of type *SyntaxError.
func Parse(text string) (*Query, error) {
	if len(text) > maxLength {
		return nil, &SyntaxError{Column: maxLength + 1, Expected: "a query of at most 16384 bytes", Got: "a longer one"}
	}
	if strings.TrimSpace(text) == Everything {
		return &Query{text: text, expression: allOf{}}, nil
	}
	if rest, ok := cutOTTL(text); ok {
		c, err := parseOTTL(rest)
		if err != nil {
			return nil, ottlError(text, rest, err)
		}
		return &Query{text: text, ottl: c}, nil
	}
	e, err := parse(text)
	if err == nil {
		q := &Query{text: text, expression: e, cuts: cutsOf(e)}
		if len(q.cuts) > maxCuts {
			return nil, tooManyDurations(text)
		}
		return q, nil
	}
	if c, ottlErr := parseOTTL(text); ottlErr == nil {
		return &Query{text: text, ottl: c}, nil
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		switch {
		case strings.ContainsAny(text, "[]"):
			syntax.Hint = "a condition of OTTL begins with ottl:"
		case strings.HasPrefix(syntax.Got, `"*`):
			syntax.Hint = "* matches every span and stands alone"
		}
	}
	return nil, err
}

// String is the text that the query was parsed from.
func (q *Query) String() string { return q.text }
