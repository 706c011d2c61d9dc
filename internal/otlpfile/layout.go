package otlpfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// tagResourceSpans is the only field of TracesData: number 1, length-delimited.
const tagResourceSpans = 1<<3 | byte(protowire.BytesType)

// formats is what the reader understands, for error texts.
const formats = "OTLP JSON ({...}), length-prefixed messages as the file exporter writes them, or one OTLP protobuf message" +
	", plain or compressed with gzip or zstd"

// newFramer tells the layout of the content by its first bytes. Empty content has no records.
func newFramer(r *bufio.Reader, maxBytes int) (framer, error) {
	head, err := r.Peek(512)
	if err != nil && err != io.EOF {
		return nil, readError(0, err)
	}
	bom := 0
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		bom = 3
	}
	text := bytes.TrimLeft(head[bom:], " \t\r\n")
	switch {
	case len(text) == 0 && len(head) < 512:
		return noFrames{}, nil
	case head[0] == tagResourceSpans && startsWithResourceSpans(head):
		return &documentFramer{r: r, maxBytes: maxBytes}, nil
	case head[0] <= byte(maxMaxRecordBytes>>24):
		return &messageFramer{r: r, maxBytes: maxBytes}, nil
	case len(text) == 0 || text[0] == '{' || bytes.Contains(text, []byte("\n{")): // the last: text in front of the lines
		if _, err := r.Discard(bom); err != nil {
			return nil, readError(0, err)
		}
		return &jsonFramer{r: r, maxBytes: maxBytes, offset: int64(bom)}, nil
	case text[0] == '[':
		return nil, &RecordError{
			Err:      errors.New("the file is a JSON array"),
			Expected: `one {"resourceSpans": [...]} object per line; jq -c '.[]' turns an array into lines`,
		}
	default:
		return nil, &RecordError{Err: fmt.Errorf("unknown format, first bytes % x", head[:min(len(head), 8)]), Expected: formats}
	}
}

// startsWithResourceSpans tells a protobuf document from JSON behind an empty line: 0A is also the line feed. The first
// ResourceSpans is walked as far as it is at hand; text does not hold up as its fields (1 to 3, and 1000 in old files).
func startsWithResourceSpans(head []byte) bool {
	size, n := protowire.ConsumeVarint(head[1:])
	if n < 0 {
		return false
	}
	fields := head[1+n:]
	whole := uint64(len(fields)) >= size
	if whole {
		fields = fields[:size]
	}
	for len(fields) > 0 {
		number, kind, n := protowire.ConsumeTag(fields)
		if n < 0 {
			return !whole
		}
		if kind != protowire.BytesType || (number > 3 && number != 1000) {
			return false
		}
		fields = fields[n:]
		length, n := protowire.ConsumeVarint(fields)
		if n < 0 {
			return !whole
		}
		fields = fields[n:]
		if length > uint64(len(fields)) {
			return !whole
		}
		fields = fields[length:]
	}
	return true
}

// noFrames is the empty file, or nothing but white space.
type noFrames struct{}

func (noFrames) next() (frame, error) { return frame{}, io.EOF }
