package otlpfile

import (
	"errors"
	"fmt"
)

// maxDepth is how deep objects, arrays and messages may be nested. Each level of a nested attribute value costs four.
const maxDepth = 1000

var (
	errTooDeep  = errors.New("nested too deep")
	errNoObject = errors.New("text outside of a JSON object")
)

// jsonScanner finds where a JSON object ends without parsing it: it counts brackets outside of strings. The parser that
// comes after it skips what follows an object, and does not bound what a hostile file makes it allocate; this does.
type jsonScanner struct {
	depth            int
	objects          int // objects opened, a measure of what the parser will allocate
	inString, escape bool
}

// scan reads on in data and returns the index behind the end of the object, or -1 where data ends first. White space in
// front of an object is passed over.
func (s *jsonScanner) scan(data []byte) (int, error) {
	for i, c := range data {
		if s.inString {
			switch {
			case s.escape:
				s.escape = false
			case c == '\\':
				s.escape = true
			case c == '"':
				s.inString = false
			}
			continue
		}
		switch c {
		case '"':
			s.inString = s.depth > 0
			if s.depth == 0 {
				return -1, errNoObject
			}
		case '{', '[':
			if s.depth == 0 && c == '[' {
				return -1, errNoObject
			}
			if s.depth++; s.depth > maxDepth {
				return -1, errTooDeep
			}
			if c == '{' {
				s.objects++
			}
		case '}', ']':
			if s.depth == 0 {
				return -1, errNoObject
			}
			if s.depth--; s.depth == 0 {
				return i + 1, nil
			}
		case ' ', '\t', '\r', '\n':
		default:
			if s.depth == 0 {
				return -1, errNoObject
			}
		}
	}
	return -1, nil
}

// tooMany refuses an object of size bytes that holds so many nearly empty ones that parsing it would take many times its
// size in memory.
func (s *jsonScanner) tooMany(size, maxBytes int) error {
	if limit := maxBytes / 16; size > smallRecord && s.objects > limit {
		return fmt.Errorf("%d JSON objects in %d bytes, the limit is %d", s.objects, size, limit)
	}
	return nil
}
