package window

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Form says in which form the values of an attribute are captured.
type Form string

// Forms. Values that many traces have are captured as they are in each of them: of some user ids one may be a robot's.
const (
	AsValues   Form = "values"   // as they are
	AsRanges   Form = "ranges"   // numbers, of which there are many, in powers of two
	AsPresence Form = "presence" // text of which nearly all values differ, such as ids and messages: only that there is one
)

// Captured is an attribute that is captured, and how.
type Captured struct {
	Key  string
	Form Form

	common map[uint64]struct{} // hashes of values that many traces have
}

// Discovery finds out which attributes recorded spans have, and in which form each can be compared. It is for the first pass over a
// recording, and bounded, whatever the spans hold.
type Discovery struct {
	keys   map[string]*discovered
	spans  uint64
	beyond bool // there were more keys than are looked at
	text   []byte
}

// discovered is what is known of one key.
type discovered struct {
	spans     uint64                // that have it, or whose resource has it
	values    map[uint64]occurrence // by hash
	untracked uint64                // occurrences of values beyond those
	numeric   bool                  // so are all values
}

// occurrence is in how many traces a value was seen. Spans of traces come mixed, so that it may be more than there are; but a value that
// one trace has is counted once.
type occurrence struct {
	trace  uint64 // seen last
	traces uint64
}

// Bounds of a Discovery.
const (
	maxDiscovered = 1000 // keys
	maxTracked    = 2048 // values of a key
	fewValues     = 10   // of a key: no more are captured as they are, whatever they are
	manyNumbers   = 100  // of a key: no more are captured as they are, such as status codes and numbers of shards
	commonShare   = 100  // a value is common if so many of them would be all that there is
	maxCaptured   = 200  // keys
)

// NewDiscovery begins one.
func NewDiscovery() *Discovery { return &Discovery{keys: map[string]*discovered{}} }

// Add takes in a batch.
func (d *Discovery) Add(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		spans, first, last := uint64(0), uint64(0), uint64(0)
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				trace := traceKey(span.TraceID())
				if spans == 0 {
					first = trace
				}
				spans++
				last = trace
				for key, v := range span.Attributes().All() {
					d.note(key, v, trace, trace, 1)
				}
			}
		}
		d.spans += spans
		for key, v := range rs.Resource().Attributes().All() {
			if key != "service.name" { // a service is a group of its own
				d.note(key, v, first, last, spans)
			}
		}
	}
}

// note takes in a value that spans of one trace have, or of two and more.
func (d *Discovery) note(key string, v pcommon.Value, trace, another, spans uint64) {
	k := d.keys[key]
	if k == nil {
		if len(d.keys) >= maxDiscovered {
			d.beyond = true
			return
		}
		k = &discovered{values: map[uint64]occurrence{}, numeric: true}
		d.keys[strings.Clone(key)] = k
	}
	k.spans += spans
	if k.numeric {
		_, k.numeric = numberOf(v)
	}
	d.text = appendText(d.text[:0], v)
	hash := xxhash.Sum64(d.text)
	o, known := k.values[hash]
	if !known && len(k.values) >= maxTracked {
		k.untracked++
		return
	}
	for _, t := range [...]uint64{trace, another} {
		if o.traces == 0 || o.trace != t {
			o.trace, o.traces = t, o.traces+1
		}
	}
	k.values[hash] = o
}

// numberOf is the number that a value is, or that its text says.
func numberOf(v pcommon.Value) (float64, bool) {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		return float64(v.Int()), true
	case pcommon.ValueTypeDouble:
		return v.Double(), !math.IsNaN(v.Double())
	case pcommon.ValueTypeStr:
		const longest = 40
		text := v.Str()
		if text == "" || len(text) > longest || text[0] > '9' { // most text ends here
			return 0, false
		}
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil && !math.IsNaN(n)
	}
	return 0, false
}

// Captures are the attributes to capture: those named, and those that most spans have, up to maxCaptured. leftOut are the keys for which
// there was no place, in their order; more says that there were even others.
func (d *Discovery) Captures(named []string) (list []Captured, leftOut []string, more bool) {
	keys := make([]string, 0, len(d.keys))
	for key, k := range d.keys {
		// What all spans have alike says nothing.
		if alike := k.spans >= d.spans && len(k.values) == 1; !alike && !slices.Contains(named, key) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(d.keys[b].spans, d.keys[a].spans), strings.Compare(a, b))
	})
	keys = append(attributeKeys(named), keys...)
	if len(keys) > maxCaptured {
		keys, leftOut = keys[:maxCaptured], keys[maxCaptured:]
	}
	for _, key := range keys {
		c := Captured{Key: key, Form: AsValues}
		if k := d.keys[key]; k != nil {
			c.Form, c.common = k.form()
		}
		list = append(list, c)
	}
	return list, leftOut, d.beyond
}

// form decides on a key. What counts are traces: that spans of one trace share an id does not make it less of an id.
func (k *discovered) form() (f Form, common map[uint64]struct{}) {
	if len(k.values) <= fewValues {
		return AsValues, nil
	}
	all, single := k.untracked, k.untracked
	for _, o := range k.values {
		all += o.traces
		if o.traces == 1 {
			single++
		}
	}
	distinct := 2*single > all
	switch {
	case k.numeric && (distinct || len(k.values) > manyNumbers):
		f = AsRanges
	case distinct:
		f = AsPresence
	default:
		return AsValues, nil
	}
	common = map[uint64]struct{}{}
	for hash, o := range k.values {
		if o.traces > 1 && o.traces*commonShare >= all {
			common[hash] = struct{}{}
		}
	}
	return f, common
}
