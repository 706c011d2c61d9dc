package inprocess

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
)

// convert writes recorded traces to a new file of protobuf messages, each behind its length in four bytes. The process that
// measures memory reads that: it must not have parsed JSON before.
func convert(from, to string) (err error) {
	r, err := otlpfile.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("convert %s: %w", from, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	for {
		td, err := r.Next()
		if errors.Is(err, io.EOF) {
			return w.Flush()
		}
		if err != nil {
			return err
		}
		body, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		if err != nil {
			return fmt.Errorf("convert %s: %w", from, err)
		}
		if _, err = w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body)))); err == nil {
			_, err = w.Write(body)
		}
		if err != nil {
			return fmt.Errorf("convert %s: %w", from, err)
		}
	}
}

// converted reads what convert wrote.
type converted struct {
	file   *os.File
	reader *bufio.Reader
	body   []byte
}

func openConverted(path string) (*converted, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("converted traces: %w", err)
	}
	return &converted{file: f, reader: bufio.NewReader(f)}, nil
}

// next returns a message, valid until the next call, and io.EOF behind the last one.
func (c *converted) next() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(c.reader, size[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(size[:]))
	if cap(c.body) < n {
		c.body = make([]byte, n)
	}
	c.body = c.body[:n]
	if _, err := io.ReadFull(c.reader, c.body); err != nil {
		return nil, fmt.Errorf("converted traces: %w", err)
	}
	return c.body, nil
}

func (c *converted) close() { c.file.Close() }
