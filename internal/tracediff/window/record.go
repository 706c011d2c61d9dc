package window

import (
	"encoding/binary"
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
	"github.com/assayhq/assay/internal/tracestate"
)

// A record is what is kept of a span until its trace is complete. Beside the buffer's header (ids, times, operation) it holds
//
//	number of words 1 B | words of the match set, varints | [threshold, varint] | source, varint
//	| for each column: length + 1 and the value as text, or 0 where the span has none
//
// and where all attributes are captured, before the columns, of which there are none then: their count 2 B | numbers of their values
//
// Bits of the header's flags:
const (
	flagError     = tracesketch.FlagError
	flagServer    = tracesketch.FlagServer
	flagThreshold = 1 << 2 // a threshold was stated; it follows where it is not 0
	flagSampled   = 1 << 3 // it is not 0
	flagClient    = 1 << 4 // it calls and waits for the answer
	flagProducer  = 1 << 5 // it sends and does not wait
)

// fact is a decoded record.
type fact struct {
	matched   matchSet
	weight    float64 // adjusted count
	source    uint32
	operation uint32
	stated    bool  // the weight comes from a threshold
	values    int32 // of the first column, in assembly.values; or of the first value, in assembly.numbers
	count     int32 // of the values in assembly.numbers
	at, end   int32 // of the record, in assembly.bytes
}

// piece is a part of assembly.bytes; from < 0 where there is nothing.
type piece struct{ from, to int32 }

func appendMatches(dst []byte, m *matchSet) []byte {
	n := len(m)
	for n > 0 && m[n-1] == 0 {
		n--
	}
	dst = append(dst, byte(n))
	for _, word := range m[:n] {
		dst = binary.AppendUvarint(dst, word)
	}
	return dst
}

// appendValue writes the value of a column.
func (b *batch) appendValue(dst []byte, key string, resource pcommon.Map, span ptrace.Span) []byte {
	v, ok := span.Attributes().Get(key)
	if !ok {
		if v, ok = resource.Get(key); !ok {
			return append(dst, 0)
		}
	}
	b.text = appendText(b.text[:0], v)
	dst = binary.AppendUvarint(dst, uint64(len(b.text))+1)
	return append(dst, b.text...)
}

// appendText writes an attribute as it is grouped and shown.
func appendText(dst []byte, v pcommon.Value) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return appendShown(dst, v.Str())
	case pcommon.ValueTypeInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case pcommon.ValueTypeBool:
		return strconv.AppendBool(dst, v.Bool())
	default:
		return appendShown(dst, v.AsString())
	}
}

// decode reads a record that begins at from in a.bytes.
func (a *assembly) decode(from int, flags uint8, columns int) fact {
	p := a.bytes[from:]
	f := fact{weight: 1, values: int32(len(a.values)), at: int32(from)}
	words := int(p[0])
	p = p[1:]
	next := func() uint64 {
		v, n := binary.Uvarint(p)
		p = p[n:]
		return v
	}
	for i := range words {
		f.matched[i] = next()
	}
	if flags&flagSampled != 0 {
		f.weight = tracestate.AdjustedCount(next())
	}
	f.stated = flags&flagThreshold != 0
	f.source = uint32(next())
	if a.plan.table != nil {
		f.values, f.count = int32(len(a.numbers)), int32(binary.BigEndian.Uint16(p))
		p = p[2:]
		for range f.count {
			a.numbers = append(a.numbers, uint32(next()))
		}
	}
	for range columns {
		n := int(next())
		if n == 0 {
			a.values = append(a.values, piece{from: -1})
			continue
		}
		at := len(a.bytes) - len(p)
		a.values = append(a.values, piece{from: int32(at), to: int32(at + n - 1)})
		p = p[n-1:]
	}
	f.end = int32(len(a.bytes) - len(p))
	return f
}

// logOf is the base-2 logarithm of a duration in ns, at least 1.
func logOf(ns float64) float64 {
	if !(ns > 1) {
		return 0
	}
	return math.Log2(ns)
}
