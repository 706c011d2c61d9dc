package otlpfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// messageFramer reads messages behind their length, 4 bytes big-endian: format proto of the file exporter, and its
// format json where compression is on.
type messageFramer struct {
	r        *bufio.Reader
	maxBytes int
	message  int
	offset   int64
	buf      []byte
}

func (f *messageFramer) next() (frame, error) {
	var prefix [4]byte
	start := f.offset
	n, err := io.ReadFull(f.r, prefix[:])
	f.offset += int64(n)
	if n == 0 && errors.Is(err, io.EOF) {
		return frame{}, io.EOF
	}
	f.message++
	broken := &RecordError{Message: f.message, Offset: start, Expected: "a message behind its length (4 bytes, big-endian)"}
	if err != nil {
		broken.Err = fmt.Errorf("the length: %w", err)
		return frame{}, broken
	}
	size := binary.BigEndian.Uint32(prefix[:])
	if int64(size) > int64(f.maxBytes) {
		// A length that is wrong cannot be told from one that is large, so there is no way on.
		broken.Err = fmt.Errorf("a message of %d bytes, the limit is %d", size, f.maxBytes)
		return frame{}, broken
	}
	if f.buf, err = appendN(f.buf[:0], f.r, int(size)); err != nil {
		broken.Err = fmt.Errorf("%d of %d bytes of the message: %w", len(f.buf), size, err)
		return frame{}, broken
	}
	f.offset += int64(size)
	return frame{data: f.buf, message: f.message, offset: start}, nil
}

// appendN appends size bytes from r to buf, which grows with what really arrives: a wrong length in a short file costs
// nothing.
func appendN(buf []byte, r io.Reader, size int) ([]byte, error) {
	const step = 1 << 20
	for size > 0 {
		have, want := len(buf), min(size, step)
		buf = slices.Grow(buf, want)[:have+want]
		n, err := io.ReadFull(r, buf[have:])
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return buf[:have+n], err
		}
		size -= want
	}
	return buf, nil
}

// documentBatchBytes is where a protobuf document is cut into batches, in bytes.
const documentBatchBytes = 1 << 20

// documentFramer reads one protobuf TracesData or ExportTraceServiceRequest. As the encoding of repeated fields is their
// sequence, any run of ResourceSpans is a message of its own: they are handed out in runs of about 1 MiB.
type documentFramer struct {
	r        *bufio.Reader
	maxBytes int
	offset   int64
	buf      []byte
}

func (f *documentFramer) next() (frame, error) {
	start := f.offset
	f.buf = f.buf[:0]
	for len(f.buf) < documentBatchBytes {
		err := f.readField()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return frame{}, &RecordError{Offset: f.offset, Err: err, Expected: "the field resource_spans of an OTLP TracesData message"}
		}
	}
	if len(f.buf) == 0 {
		return frame{}, io.EOF
	}
	return frame{data: f.buf, offset: start}, nil
}

// readField appends one ResourceSpans, with its tag and length, to buf. io.EOF means that the document ended well.
func (f *documentFramer) readField() error {
	tag, err := f.r.ReadByte()
	if err != nil {
		return err
	}
	if tag != tagResourceSpans {
		return fmt.Errorf("a field with tag %#02x", tag)
	}
	size, err := binary.ReadUvarint(f.r)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("the length of the field: %w", err)
	}
	if size > uint64(f.maxBytes) {
		return fmt.Errorf("a field of %d bytes, the limit is %d", size, f.maxBytes)
	}
	before := len(f.buf)
	f.buf = protowire.AppendVarint(append(f.buf, tag), size)
	payload := len(f.buf)
	f.buf, err = appendN(f.buf, f.r, int(size))
	if err != nil {
		return fmt.Errorf("%d of %d bytes of the field: %w", len(f.buf)-payload, size, err)
	}
	f.offset += int64(len(f.buf) - before)
	return nil
}
