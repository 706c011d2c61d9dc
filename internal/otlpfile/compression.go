package otlpfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxWindowBytes bounds what a zstd stream may ask for as its window: what `zstd --long` makes, and no more.
const maxWindowBytes = 128 << 20

// decompress tells gzip and zstd by their first bytes and returns the uncompressed content. Both formats may hold several
// members behind each other, as `cat a.gz b.gz` makes them.
func decompress(r *bufio.Reader) (*bufio.Reader, io.Closer, error) {
	head, err := r.Peek(4)
	if err != nil && err != io.EOF {
		return nil, nil, readError(0, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, readError(0, fmt.Errorf("gzip header: %w", err))
		}
		return bufio.NewReaderSize(z, readAhead), nil, nil // holds nothing that must be given back
	case isZstd(head):
		// One goroutine: decompression is a tenth of the work of parsing what comes out.
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindowBytes))
		if err != nil {
			return nil, nil, readError(0, fmt.Errorf("zstd header: %w", err))
		}
		return bufio.NewReaderSize(z, readAhead), z.IOReadCloser(), nil
	default:
		return r, nil, nil
	}
}

func isZstd(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd})
}

// readError is for trouble below the records: a failing disk, a compressed stream that is cut off or damaged.
func readError(offset int64, err error) *RecordError {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &RecordError{Offset: offset, Err: err, Expected: "a readable, complete file"}
}
