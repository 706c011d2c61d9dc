package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes text from a trace fit for a terminal: no control characters, at most width runes.
func Printable(s string, width int) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	r := []rune(s)
	if width <= 1 {
		return string(r[:max(0, width)])
	}
	return string(r[:width-1]) + "…"
}
