package query

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// SyntaxError says where a query cannot be read and what was expected there.
type SyntaxError struct {
	Column   int    // in characters, from 1
	Expected string // what would be right
	Got      string // what stands there
	Hint     string // how else it may be meant, or empty
}

func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("query: column %d: expected %s, got %s", e.Column, e.Expected, e.Got)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// tooManyDurations is the error that a query compares the duration of traces with more values than can be evaluated.
func tooManyDurations(text string) error {
	return &SyntaxError{
		Column: 1, Expected: "at most " + strconv.Itoa(maxCuts/2) + " different values for trace.duration", Got: quoted(text),
		Hint: "ask for ranges with > and <",
	}
}

// column is the position of the byte at offset at, in characters.
func column(text string, at int) int { return utf8.RuneCountInString(text[:min(at, len(text))]) + 1 }

// quoted is a piece of the query as it can be shown: cut short, without control characters.
func quoted(piece string) string {
	const longest = 40
	if len(piece) > longest {
		cut := longest
		for !utf8.RuneStart(piece[cut]) {
			cut--
		}
		piece = piece[:cut] + "..."
	}
	return strconv.Quote(piece)
}
