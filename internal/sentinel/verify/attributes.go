package verify

import (
	"bytes"
	"math"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// attributes compares two maps, whose order says nothing. at leads to the map within the field.
func (c *comparison) attributes(d *difference, f Field, at string, want, got pcommon.Map) {
	matched := 0
	for key, w := range want.All() {
		g, ok := got.Get(key)
		switch {
		case ok && c.equal(w, g):
			matched++
		case ok:
			matched++
			d.add(f, "%s%s must be %.80q, got %.80q", at, key, w.AsString(), g.AsString())
		default:
			d.add(f, "%s%s must be %.80q, and is not there", at, key, w.AsString())
		}
	}
	if got.Len() == matched || c.lens.AddsFields {
		return
	}
	for key, g := range got.All() {
		if _, ok := want.Get(key); !ok && !c.adds(f, key) {
			d.add(f, "%s%s must not be there, got %.80q", at, key, g.AsString())
		}
	}
	c.repeated(d, f, at, want, got)
}

// adds says whether an attribute may have been added: by the declared sampler to spans, by the backend wherever it marks something.
func (c *comparison) adds(f Field, key string) bool {
	switch f {
	case Attributes:
		return c.marks(key) || c.sampler != nil && c.sampler.Adds(key)
	case ResourceAttributes, Links:
		return c.marks(key)
	default:
		return false
	}
}

func (c *comparison) marks(key string) bool { return slices.Contains(c.lens.Marks, key) }

// bare says whether nothing is there but what the backend has added.
func (c *comparison) bare(m pcommon.Map) bool {
	for key := range m.All() {
		if !c.marks(key) {
			return false
		}
	}
	return true
}

// repeated finds keys that are there more than once: Get shows only the first.
func (c *comparison) repeated(d *difference, f Field, at string, want, got pcommon.Map) {
	seen := make(map[string]bool, got.Len())
	for key := range got.All() {
		if _, ok := want.Get(key); ok && seen[key] {
			d.add(f, "%s%s is there more than once", at, key)
		}
		seen[key] = true
	}
}

// equal compares values, and numbers bit by bit: a NaN is equal to itself, 0 is not -0.
func (c *comparison) equal(want, got pcommon.Value) bool {
	if want.Type() != got.Type() {
		switch want.Type() {
		case pcommon.ValueTypeSlice, pcommon.ValueTypeMap, pcommon.ValueTypeBytes:
		default:
			return false
		}
		lost := c.lens.BytesValues && want.Type() == pcommon.ValueTypeBytes && got.Type() == pcommon.ValueTypeEmpty
		return lost || c.lens.TextValues && got.Type() == pcommon.ValueTypeStr && want.AsString() == got.Str()
	}
	switch want.Type() {
	case pcommon.ValueTypeStr:
		return want.Str() == got.Str()
	case pcommon.ValueTypeInt:
		return want.Int() == got.Int()
	case pcommon.ValueTypeDouble:
		return math.Float64bits(want.Double()) == math.Float64bits(got.Double())
	case pcommon.ValueTypeBool:
		return want.Bool() == got.Bool()
	case pcommon.ValueTypeBytes:
		return bytes.Equal(want.Bytes().AsRaw(), got.Bytes().AsRaw())
	case pcommon.ValueTypeSlice:
		return c.equalSlices(want.Slice(), got.Slice())
	case pcommon.ValueTypeMap:
		return c.equalMaps(want.Map(), got.Map())
	default:
		return true
	}
}

func (c *comparison) equalSlices(want, got pcommon.Slice) bool {
	if want.Len() != got.Len() {
		return false
	}
	for i := range want.Len() {
		if !c.equal(want.At(i), got.At(i)) {
			return false
		}
	}
	return true
}

func (c *comparison) equalMaps(want, got pcommon.Map) bool {
	if want.Len() != got.Len() {
		return false
	}
	for key, w := range want.All() {
		if g, ok := got.Get(key); !ok || !c.equal(w, g) {
			return false
		}
	}
	return true
}
