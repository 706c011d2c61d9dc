package otlpfile

import (
	"fmt"
	"io"
)

const (
	// DefaultMaxRecordBytes is the limit of one line or message after decompression: far above what the Collector
	// sends in one piece (its receivers refuse more than 4 MiB over gRPC and 20 MiB over HTTP).
	DefaultMaxRecordBytes = 64 << 20

	// maxMaxRecordBytes keeps the first byte of a length prefix below 0A, the first byte of a protobuf document, so that
	// the two can be told apart.
	maxMaxRecordBytes = 128 << 20
)

type options struct {
	maxRecordBytes int
	stdin          io.Reader
	onBroken       func(*RecordError)
}

// Option changes how a file is read.
type Option func(*options)

// WithMaxRecordBytes sets the largest line or message, in bytes after decompression: 1 to 128 MiB.
func WithMaxRecordBytes(n int) Option { return func(o *options) { o.maxRecordBytes = n } }

// WithStdin sets what the name "-" reads. It is never closed.
func WithStdin(r io.Reader) Option { return func(o *options) { o.stdin = r } }

// WithSkipBroken makes Next pass over resumable broken records: each is counted ([Reader.Broken]) and told to report,
// which may be nil. Without it Next returns them.
func WithSkipBroken(report func(*RecordError)) Option {
	return func(o *options) {
		o.onBroken = report
		if report == nil {
			o.onBroken = func(*RecordError) {}
		}
	}
}

func (o *options) validate() error {
	if o.maxRecordBytes < 1 || o.maxRecordBytes > maxMaxRecordBytes {
		return fmt.Errorf("largest record: must be 1 to %d bytes, got %d", maxMaxRecordBytes, o.maxRecordBytes)
	}
	return nil
}
