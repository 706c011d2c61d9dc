package otlpfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// smallRecord is the size, in bytes, up to which a record cannot do harm, whatever it is made of.
const smallRecord = 1 << 20

// decoder turns frames into traces. Nothing of a frame is kept.
type decoder struct {
	maxBytes int
	json     ptrace.JSONUnmarshaler
	proto    ptrace.ProtoUnmarshaler
	zstd     *zstd.Decoder // for messages compressed by themselves, nil until the first
	buf      []byte
}

func (d *decoder) decode(f frame) (ptrace.Traces, error) {
	var td ptrace.Traces
	var expected string
	var err error
	if f.line > 0 {
		expected = expectedJSON
		td, err = d.fromJSON(f.data)
	} else {
		td, expected, err = d.message(f.data)
	}
	if err != nil {
		return ptrace.Traces{}, &RecordError{
			Line: f.line, Message: f.message, Offset: f.offset, Err: err, Expected: expected, Resumable: true,
		}
	}
	return td, nil
}

// message decodes what stood behind a length. White space in front of JSON is not allowed for: the line feed is also the
// first byte of a protobuf message.
func (d *decoder) message(data []byte) (td ptrace.Traces, expected string, err error) {
	if isZstd(data) {
		if data, err = d.inflate(data); err != nil {
			return td, "a complete zstd frame", err
		}
	}
	if len(data) > 0 && data[0] == '{' {
		text := bytes.TrimRight(data, " \t\r\n")
		if err = checkJSON(text, d.maxBytes); err == nil {
			td, err = d.fromJSON(text)
		}
		return td, expectedJSON, err
	}
	td, err = d.fromProto(data)
	return td, "an OTLP TracesData message", err
}

// checkJSON does for a message what the framer does for a line.
func checkJSON(text []byte, maxBytes int) error {
	var s jsonScanner
	end, err := s.scan(text)
	switch {
	case err != nil:
		return err
	case end < 0:
		return fmt.Errorf("the object is not closed: %w", io.ErrUnexpectedEOF)
	case end < len(text):
		return errNoObject
	default:
		return s.tooMany(end, maxBytes)
	}
}

// inflate undoes the file exporter's compression of single messages.
func (d *decoder) inflate(data []byte) ([]byte, error) {
	if d.zstd == nil {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(d.maxBytes)))
		if err != nil {
			return nil, err
		}
		d.zstd = z
	}
	var err error
	d.buf, err = d.zstd.DecodeAll(data, d.buf[:0])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		return nil, fmt.Errorf("more than %d bytes when decompressed", d.maxBytes)
	}
	return d.buf, err
}

// Close frees the decompressor.
func (d *decoder) Close() error {
	if d.zstd != nil {
		d.zstd.Close()
		d.zstd = nil
	}
	return nil
}

func (d *decoder) fromJSON(data []byte) (ptrace.Traces, error) {
	td, err := d.json.UnmarshalTraces(data)
	if err != nil {
		return ptrace.Traces{}, shortened(err)
	}
	if td.ResourceSpans().Len() == 0 {
		return td, notTraces(data)
	}
	return td, nil
}

func (d *decoder) fromProto(data []byte) (ptrace.Traces, error) {
	if len(data) > smallRecord {
		if err := checkProto(data, d.maxBytes/10); err != nil {
			return ptrace.Traces{}, err
		}
	}
	return d.proto.UnmarshalTraces(data)
}

// notTraces explains a JSON object without spans: empty is fine, but the parser passes over keys that it does not know.
func notTraces(data []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	names := make([]string, 0, len(object))
	for name := range object {
		if name == "resourceSpans" || name == "resource_spans" {
			return nil
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	if more := len(names) - 5; more > 0 {
		names = append(names[:5], fmt.Sprintf("and %d more", more))
	}
	what := "not OTLP traces"
	switch {
	case object["resourceLogs"] != nil:
		what = "OTLP logs, not traces"
	case object["resourceMetrics"] != nil:
		what = "OTLP metrics, not traces"
	case object["resourceProfiles"] != nil:
		what = "OTLP profiles, not traces"
	case object["data"] != nil:
		what = "not OTLP traces (a Jaeger API answer?)"
	}
	return fmt.Errorf("%s: an object with the keys %s", what, strings.Join(names, ", "))
}

// shortened takes the second, longer excerpt of the input out of the JSON parser's error text.
func shortened(err error) error {
	if text, _, found := strings.Cut(err.Error(), ", bigger context"); found {
		return errors.New(text)
	}
	return err
}
