package otlpfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// readAhead is the size of the buffers before and behind decompression, in bytes: small, so that Progress is smooth.
const readAhead = 32 << 10

// Reader iterates over the batches of one file. All methods but Progress belong to one goroutine.
type Reader struct {
	path string
	opts options

	stored  *countingReader
	total   int64
	closers []io.Closer // in the order of opening

	frames  framer // nil until the first Next
	decoder decoder
	broken  int
	failed  error // sticky: io.EOF or an error behind which nothing can be read
}

// framer cuts the content into records, still encoded. It returns io.EOF behind the last one; other errors are
// *RecordError.
type framer interface {
	next() (frame, error)
}

// frame is one record. data is valid until the next call of the framer.
type frame struct {
	data          []byte
	line, message int
	offset        int64
}

// Open opens a file, or standard input for the name "-". The content is looked at on the first call of Next.
func Open(path string, opts ...Option) (*Reader, error) {
	o := options{maxRecordBytes: DefaultMaxRecordBytes, stdin: os.Stdin}
	for _, opt := range opts {
		opt(&o)
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	if path == Stdin {
		return newReader(path, o.stdin, -1, nil, o), nil
	}
	f, err := os.Open(path)
	if err != nil {
		var pathErr *os.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err // the path stands in front
		}
		return nil, fmt.Errorf("trace file %s: %w", path, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("trace file %s: is a directory; name the files in it, such as %s/*.jsonl", path, path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	total := int64(-1) // a pipe or a device has no size
	if info.Mode().IsRegular() {
		total = info.Size()
	}
	return newReader(path, f, total, f, o), nil
}

func newReader(path string, r io.Reader, total int64, c io.Closer, o options) *Reader {
	reader := &Reader{path: path, opts: o, stored: &countingReader{r: r}, total: total}
	if c != nil {
		reader.closers = append(reader.closers, c)
	}
	return reader
}

// Next returns the next batch, which may be empty, and io.EOF behind the last one. Any other error is a *RecordError.
// After one that is not resumable every further call returns it again.
func (r *Reader) Next() (ptrace.Traces, error) {
	for {
		if r.failed != nil {
			return ptrace.Traces{}, r.failed
		}
		td, err := r.next()
		if err == nil {
			return td, nil
		}
		var rec *RecordError
		if !errors.As(err, &rec) {
			r.failed = err // io.EOF
			return ptrace.Traces{}, err
		}
		rec.Path = r.path
		r.broken++
		if !rec.Resumable {
			r.failed = rec
			return ptrace.Traces{}, rec
		}
		if r.opts.onBroken == nil {
			return ptrace.Traces{}, rec
		}
		r.opts.onBroken(rec)
	}
}

func (r *Reader) next() (ptrace.Traces, error) {
	if r.frames == nil {
		if err := r.start(); err != nil {
			return ptrace.Traces{}, err
		}
	}
	f, err := r.frames.next()
	if err != nil {
		return ptrace.Traces{}, err
	}
	td, err := r.decoder.decode(f)
	if err != nil {
		return ptrace.Traces{}, err
	}
	return td, nil
}

// start looks at the first bytes and puts decompression, framing and decoding together.
func (r *Reader) start() error {
	content, closer, err := decompress(bufio.NewReaderSize(r.stored, readAhead))
	if err != nil {
		return err
	}
	if closer != nil {
		r.closers = append(r.closers, closer)
	}
	r.frames, err = newFramer(content, r.opts.maxRecordBytes)
	if err != nil {
		return err
	}
	r.decoder = decoder{maxBytes: r.opts.maxRecordBytes}
	r.closers = append(r.closers, &r.decoder)
	return nil
}

// Broken is the number of records that could not be read so far.
func (r *Reader) Broken() int { return r.broken }

// Path is the name that the Reader was opened with.
func (r *Reader) Path() string { return r.path }

// Progress is how many bytes of the file, as stored, have been read, and of how many; total is -1 where that is not
// known. It may be called from any goroutine.
func (r *Reader) Progress() (read, total int64) { return r.stored.n.Load(), r.total }

// Close gives everything back. It may be called at any time and twice.
func (r *Reader) Close() error {
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i].Close())
	}
	r.closers = nil
	if r.failed == nil {
		r.failed = &RecordError{Path: r.path, Err: os.ErrClosed}
	}
	return errors.Join(errs...)
}

// countingReader counts what passes, for the progress bar.
type countingReader struct {
	r io.Reader
	n atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
