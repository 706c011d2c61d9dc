package window

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/cespare/xxhash/v2"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Values that stand for those of an attribute of which only the presence is captured.
const (
	AnyValue   = "(any)"
	OtherValue = "(any other)" // than the common ones
)

// valueTable numbers the values of all captured attributes, so that the record of a span with dozens of them stays short. It is for
// replays, which read with one goroutine: numbers are given out by that one alone, before the spans that have them are aggregated.
type valueTable struct {
	captured []Captured
	keyOf    map[string]int // as sent
	numberOf []map[string]uint32
	values   []snapshot.Identity // by number
	most     int                 // values of a key, before "(other)"

	marks []uint32 // by key: the mark of the span that had it last
	mark  uint32
	text  []byte
}

// keyed is a value of a resource.
type keyed struct {
	key    int
	number uint32
}

func newValueTable(captured []Captured, limits Limits) *valueTable {
	t := &valueTable{captured: captured, keyOf: map[string]int{}, most: limits.ValuesPerKey, marks: make([]uint32, len(captured))}
	for i, c := range captured {
		t.keyOf[c.Key] = i
		t.numberOf = append(t.numberOf, map[string]uint32{})
	}
	return t
}

// keys are the captured ones, as a Snapshot names them.
func (t *valueTable) keys() (keys []string) {
	for i := range t.captured {
		keys = append(keys, shown(t.captured[i].Key))
	}
	return keys
}

// number is that of a value; false where its key is not captured.
func (t *valueTable) number(key string, v pcommon.Value) (keyed, bool) {
	at, ok := t.keyOf[key]
	if !ok {
		return keyed{}, false
	}
	t.text = t.captured[at].append(t.text[:0], v)
	number, known := t.numberOf[at][string(t.text)]
	if !known {
		text := string(t.text)
		if len(t.numberOf[at]) >= t.most {
			text = snapshot.OverflowValue
			if number, known = t.numberOf[at][text]; known {
				return keyed{at, number}, true
			}
		}
		number = uint32(len(t.values))
		t.numberOf[at][text] = number
		t.values = append(t.values, snapshot.Identity{Kind: snapshot.Attribute, Key: shown(key), Value: text})
	}
	return keyed{at, number}, true
}

// append writes a value in the form in which it is captured.
func (c *Captured) append(dst []byte, v pcommon.Value) []byte {
	begin := len(dst)
	dst = appendText(dst, v)
	if c.Form == AsValues {
		return dst
	}
	if _, common := c.common[xxhash.Sum64(dst[begin:])]; common {
		return dst
	}
	if n, ok := numberOf(v); ok && c.Form == AsRanges {
		return appendRange(dst[:begin], n)
	}
	if len(c.common) > 0 {
		return append(dst[:begin], OtherValue...)
	}
	return append(dst[:begin], AnyValue...)
}

// resource appends the values of a resource.
func (t *valueTable) resource(to []keyed, attributes pcommon.Map) []keyed {
	for key, v := range attributes.All() {
		if k, ok := t.number(key, v); ok {
			to = append(to, k)
		}
	}
	return to
}

// append writes how many values a span has, and their numbers. An attribute of the span hides that of its resource.
func (t *valueTable) append(dst []byte, resource []keyed, span ptrace.Span) []byte {
	t.mark++
	count := uint64(0)
	at := len(dst)
	dst = append(dst, 0, 0) // for the count: so many as there are captured keys
	put := func(k keyed) {
		if t.marks[k.key] != t.mark {
			t.marks[k.key] = t.mark
			dst = binary.AppendUvarint(dst, uint64(k.number))
			count++
		}
	}
	for key, v := range span.Attributes().All() {
		if k, ok := t.number(key, v); ok {
			put(k)
		}
	}
	for _, k := range resource {
		put(k)
	}
	binary.BigEndian.PutUint16(dst[at:], uint16(count))
	return dst
}

// appendRange writes the range between powers of two that a number is in, in the notation of intervals.
func appendRange(dst []byte, n float64) []byte {
	size := math.Abs(n)
	if size == 0 || math.IsInf(size, 0) {
		return strconv.AppendFloat(dst, n+0, 'g', -1, 64)
	}
	_, exponent := math.Frexp(size)
	low, high := math.Ldexp(1, exponent-1), math.Ldexp(1, exponent)
	number := func(v float64) {
		form := byte('f')
		if a := math.Abs(v); a >= 1e15 || a < 1e-3 {
			form = 'g'
		}
		dst = strconv.AppendFloat(dst, v, form, -1, 64)
	}
	if n > 0 {
		dst = append(dst, '[')
		number(low)
		dst = append(dst, ", "...)
		number(high)
		return append(dst, ')')
	}
	dst = append(dst, '(')
	number(-high)
	dst = append(dst, ", "...)
	number(-low)
	return append(dst, ']')
}
