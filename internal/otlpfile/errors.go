package otlpfile

import (
	"fmt"
	"strings"
)

// RecordError says what could not be read, where, and what was expected there.
type RecordError struct {
	Path string // as given to Open; "-" for standard input

	// Line is the line, from 1, in a file of JSON lines; Message the message, from 1, in a file of length-prefixed
	// messages. The one that does not apply is 0.
	Line    int
	Message int

	// Offset is where the record starts, in bytes from the start of the uncompressed content.
	Offset int64

	Expected string // what a sound file has in this place
	Err      error  // what is there instead

	// Resumable tells that the record ends at a known place: the next call of Next reads the record behind it.
	Resumable bool
}

// Error is one line: path, place, cause, expectation.
func (e *RecordError) Error() string {
	var b strings.Builder
	b.WriteString(displayName(e.Path))
	switch {
	case e.Line > 0:
		fmt.Fprintf(&b, ": line %d, byte %d", e.Line, e.Offset)
	case e.Message > 0:
		fmt.Fprintf(&b, ": message %d, byte %d", e.Message, e.Offset)
	default:
		fmt.Fprintf(&b, ": byte %d", e.Offset)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Expected != "" {
		fmt.Fprintf(&b, "; expected %s", e.Expected)
	}
	return b.String()
}

// Unwrap gives the cause, such as io.ErrUnexpectedEOF for a file that was cut off.
func (e *RecordError) Unwrap() error { return e.Err }

func displayName(path string) string {
	if path == Stdin {
		return "standard input"
	}
	return path
}
