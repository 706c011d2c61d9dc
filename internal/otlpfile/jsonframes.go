package otlpfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

const expectedJSON = `one complete {"resourceSpans": [...]} object`

// documentStart begins a record of JSON lines as every known writer makes it.
var documentStart = [][]byte{[]byte(`{"resourceSpans"`), []byte(`{"resource_spans"`)}

// jsonFramer cuts JSON text into objects. Objects may share a line; whether one may also span several lines is decided at
// the first: in a file of lines a line that does not close its object is a broken record, and the next line is the next
// record; in a document (pretty-printed) lines are put together until the object closes.
type jsonFramer struct {
	r        *bufio.Reader
	maxBytes int

	line   int   // of the last line read, from 1
	offset int64 // behind the last line read

	rest       []byte // of the current line, behind the last object
	restOffset int64
	pending    *textLine // read ahead to decide about the layout

	decided, document bool
	buf               []byte // of readLine
}

// textLine is one line without its end.
type textLine struct {
	data    []byte
	line    int
	offset  int64
	tooLong bool
}

func (f *jsonFramer) next() (frame, error) {
	if rest := bytes.TrimSpace(f.rest); len(rest) > 0 {
		// Objects behind each other in one line, as when two writes lost their line end.
		return f.object(textLine{data: f.rest, line: f.line, offset: f.restOffset})
	}
	for {
		l, err := f.readLine()
		if err != nil {
			return frame{}, err
		}
		if l.tooLong {
			return frame{}, f.broken(l, fmt.Errorf("longer than %d bytes", f.maxBytes))
		}
		if len(bytes.TrimSpace(l.data)) > 0 {
			return f.object(l)
		}
	}
}

// object returns the object that begins in l.
func (f *jsonFramer) object(l textLine) (frame, error) {
	f.rest = nil
	var s jsonScanner
	end, err := s.scan(l.data)
	if err != nil {
		return frame{}, f.broken(l, err)
	}
	if end < 0 {
		if f.isDocument(s.inString, &l) {
			return f.gather(s, l)
		}
		return frame{}, f.broken(l, fmt.Errorf("the object is not closed at the end of the line: %w", io.ErrUnexpectedEOF))
	}
	f.decided = true
	return f.cut(&s, l, end)
}

// cut takes the object that ends at end off the line.
func (f *jsonFramer) cut(s *jsonScanner, l textLine, end int) (frame, error) {
	f.rest, f.restOffset = l.data[end:], l.offset+int64(end)
	if err := s.tooMany(end, f.maxBytes); err != nil {
		return frame{}, f.broken(l, err)
	}
	return frame{data: l.data[:end], line: l.line, offset: l.offset}, nil
}

// isDocument decides, at the first object, whether an object may span lines: yes if its line was not cut off within a
// string and the next line does not begin a record of its own. To look at the next line it moves the first one out of the
// line buffer.
func (f *jsonFramer) isDocument(inString bool, first *textLine) bool {
	if inString {
		return false
	}
	if f.decided {
		return f.document
	}
	f.decided = true
	first.data = bytes.Clone(first.data)
	next, err := f.readLine()
	if err != nil {
		return false // the only line of the file; the error comes again at the next read
	}
	f.pending = &next
	for _, start := range documentStart {
		if bytes.HasPrefix(next.data, start) {
			return false
		}
	}
	f.document = true
	return true
}

// gather puts the lines of one object together.
func (f *jsonFramer) gather(s jsonScanner, first textLine) (frame, error) {
	whole := textLine{line: first.line, offset: first.offset, data: append(bytes.Clone(first.data), '\n')}
	for {
		l, err := f.readLine()
		if errors.Is(err, io.EOF) {
			return frame{}, f.broken(whole, fmt.Errorf("the object is not closed at the end of the file: %w", io.ErrUnexpectedEOF))
		}
		if err != nil {
			return frame{}, err
		}
		before := len(whole.data)
		if l.tooLong || before+len(l.data) > f.maxBytes {
			return frame{}, f.broken(whole, fmt.Errorf("longer than %d bytes", f.maxBytes))
		}
		whole.data = append(append(whole.data, l.data...), '\n')
		end, err := s.scan(whole.data[before:])
		if err != nil {
			return frame{}, f.broken(whole, err)
		}
		if end >= 0 {
			return f.cut(&s, whole, before+end)
		}
	}
}

// broken reports the record that began with l. Lines tell where the next record is, a document does not.
func (f *jsonFramer) broken(l textLine, err error) *RecordError {
	return &RecordError{Line: l.line, Offset: l.offset, Err: err, Expected: expectedJSON, Resumable: !f.document}
}

// readLine returns the next line; its data is valid until the call after it. Of a line beyond the limit nothing is kept,
// but the reader stands behind it.
func (f *jsonFramer) readLine() (textLine, error) {
	if f.pending != nil {
		l := *f.pending
		f.pending = nil
		return l, nil
	}
	l := textLine{line: f.line + 1, offset: f.offset}
	f.buf = f.buf[:0]
	for {
		chunk, err := f.r.ReadSlice('\n')
		f.offset += int64(len(chunk))
		if l.tooLong = l.tooLong || len(f.buf)+len(chunk) > f.maxBytes+1; !l.tooLong {
			f.buf = append(f.buf, chunk...)
		}
		switch {
		case err == nil:
			f.line++
			l.data = bytes.TrimSuffix(f.buf, []byte("\n"))
			return l, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			if f.offset == l.offset {
				return textLine{}, io.EOF
			}
			f.line++
			l.data = f.buf
			return l, nil
		default:
			return textLine{}, &RecordError{Line: l.line, Offset: l.offset, Err: err, Expected: "a readable, complete file"}
		}
	}
}
