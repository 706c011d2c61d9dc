package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/protobuf/encoding/protowire"
)

// wireBatch is an encoded ExportTraceServiceRequest with the places in it that a replay changes. It is immutable.
type wireBatch struct {
	body  []byte
	spans int

	// Offsets into body. times are fixed64 fields (span start and end, event time), traceIDs are 16 bytes (span and link).
	// What is not set is not listed, and stays so; an id that is not set is encoded without bytes.
	times, traceIDs []uint32
	owners          []int32 // of each time, the index in traceIDs of its span's id; -1 where the span has none
	owner           int32   // while it is indexed: that of the span at hand

	arrival uint64 // latest span end, or time stamp of any kind where no span has an end; Unix nanoseconds, 0 if there is none
}

// encodeBatch encodes td and notes where its time stamps and trace ids are.
func encodeBatch(td ptrace.Traces) (*wireBatch, error) {
	body, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		return nil, fmt.Errorf("encode batch: %w", err)
	}
	if len(body) > math.MaxUint32 {
		return nil, fmt.Errorf("encode batch: %d bytes", len(body))
	}
	b := &wireBatch{body: body}
	if err := b.index(0, len(body), inRequest); err != nil {
		return nil, fmt.Errorf("encode batch: %w", err)
	}
	if b.arrival == 0 {
		for _, at := range b.times {
			b.arrival = max(b.arrival, binary.LittleEndian.Uint64(body[at:]))
		}
	}
	return b, nil
}

// place is a message type on the way to what a replay changes.
type place uint8

const (
	elsewhere place = iota
	inRequest
	inResourceSpans
	inScopeSpans
	inSpan
	inEvent
	inLink
)

// into is the message type of field number in a message at p.
func into(p place, number protowire.Number) place {
	switch {
	case p == inRequest && number == 1:
		return inResourceSpans
	case p == inResourceSpans && number == 2:
		return inScopeSpans
	case p == inScopeSpans && number == 2:
		return inSpan
	case p == inSpan && number == 11:
		return inEvent
	case p == inSpan && number == 13:
		return inLink
	default:
		return elsewhere
	}
}

var errMalformed = errors.New("malformed protobuf")

// index walks the message of type p in body[pos:end]. It recurses five levels at most.
func (b *wireBatch) index(pos, end int, p place) error {
	for pos < end {
		number, wire, n := protowire.ConsumeTag(b.body[pos:end])
		if n < 0 {
			return errMalformed
		}
		pos += n
		if wire != protowire.BytesType {
			if wire == protowire.Fixed64Type {
				b.noteTime(pos, p, number)
			}
			if n = protowire.ConsumeFieldValue(number, wire, b.body[pos:end]); n < 0 {
				return errMalformed
			}
			pos += n
			continue
		}
		size, n := protowire.ConsumeVarint(b.body[pos:end])
		if n < 0 || size > uint64(end-pos-n) {
			return errMalformed
		}
		pos += n
		next := into(p, number)
		if next != elsewhere {
			if next == inSpan {
				b.spans++
				b.owner = -1
			}
			if err := b.index(pos, pos+int(size), next); err != nil {
				return err
			}
			for next == inSpan && len(b.owners) < len(b.times) { // fields come in any order
				b.owners = append(b.owners, b.owner)
			}
		} else if number == 1 && size == 16 && (p == inSpan || p == inLink) {
			if p == inSpan {
				b.owner = int32(len(b.traceIDs))
			}
			b.traceIDs = append(b.traceIDs, uint32(pos))
		}
		pos += int(size)
	}
	return nil
}

func (b *wireBatch) noteTime(pos int, p place, number protowire.Number) {
	const start, finish, eventTime = 7, 8, 1
	if (p != inSpan || number != start && number != finish) && (p != inEvent || number != eventTime) {
		return
	}
	if pos+8 > len(b.body) {
		return // reported by the caller
	}
	t := binary.LittleEndian.Uint64(b.body[pos:])
	if t == 0 {
		return // not set, and it stays so
	}
	b.times = append(b.times, uint32(pos))
	if p == inSpan && number == finish {
		b.arrival = max(b.arrival, t)
	}
}
