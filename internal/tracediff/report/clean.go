package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how many characters of a name are shown.
const maxName = 80

// Clean makes a string from a span printable on one line: what cannot be seen or would move the cursor is replaced, and the
// middle of what is too long is left out.
func Clean(s string) string {
	if len(s) > 8*maxName { // a megabyte is not worth looking at
		s = s[:4*maxName] + s[len(s)-4*maxName:]
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == utf8.RuneError, !unicode.IsPrint(r):
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	r := []rune(b.String())
	if len(r) > maxName {
		r = append(append(r[:maxName*2/3:maxName*2/3], '…'), r[len(r)-maxName/3+1:]...)
	}
	return string(r)
}

// escaped is Clean for Markdown: every character with a meaning there is escaped, so that a span can neither link, mention nor
// format.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range Clean(s) {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '@', '#':
			b.WriteRune(r)
			b.WriteRune('\u200B') // neither a mention nor a reference
		case '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '!', '|', '~':
			b.WriteRune('\\')
			b.WriteRune(r)
		case ':':
			b.WriteString("&#58;") // no link out of "https:"
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
