package statecodec_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/statecodec"
)

// values is one of everything.
type values struct {
	hash   uint64
	number int64
	small  int32
	signed float64
	count  float32
	text   string
	sparse [20]float64
	list   []int64
}

func (v *values) code(c *statecodec.Codec) {
	c.Uint64(&v.hash)
	c.Int(&v.number, -1000, 1000)
	c.Int32(&v.small, 0, 7)
	c.Float64(&v.signed, true)
	c.Count32(&v.count)
	c.String(&v.text, 100)
	c.Sparse(v.sparse[:])
	if !c.Reading() {
		for i := range v.list {
			c.More(true)
			c.Int(&v.list[i], math.MinInt64, math.MaxInt64)
		}
		c.More(false)
		return
	}
	for c.More(false) {
		var n int64
		c.Int(&n, math.MinInt64, math.MaxInt64)
		v.list = append(v.list, n)
	}
}

// What was written is read, and nothing that is shorter.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values{
			hash: rapid.Uint64().Draw(t, "hash"), number: rapid.Int64Range(-1000, 1000).Draw(t, "number"), small: rapid.Int32Range(0, 7).Draw(t, "small"),
			signed: rapid.Float64Range(-1e300, 1e300).Draw(t, "signed"), count: rapid.Float32Range(0, 1e30).Draw(t, "count"),
			text: rapid.StringN(0, 25, 100).Draw(t, "text"), list: rapid.SliceOf(rapid.Int64()).Draw(t, "list"),
		}
		for i := range v.sparse {
			if rapid.Bool().Draw(t, "there") {
				v.sparse[i] = rapid.Float64Range(0, 1e9).Draw(t, "value")
			}
		}
		w := statecodec.Writer(nil)
		v.code(w)
		var got values
		for i := range got.sparse {
			got.sparse[i] = 7 // of before
		}
		r := statecodec.Reader(w.Bytes())
		got.code(r)
		require.NoError(t, r.Err())
		require.Empty(t, r.Bytes())
		if len(v.list) == 0 {
			v.list, got.list = nil, nil
		}
		require.Equal(t, v, got)

		short := statecodec.Reader(w.Bytes()[:rapid.IntRange(0, len(w.Bytes())-1).Draw(t, "cut")])
		new(values).code(short)
		require.ErrorIs(t, short.Err(), statecodec.ErrMalformed)
	})
}

// Values out of range are not read.
func TestRanges(t *testing.T) {
	for name, one := range map[string]struct{ write, read func(*statecodec.Codec) }{
		"number": {
			func(c *statecodec.Codec) { n := int64(8); c.Int(&n, 0, 8) },
			func(c *statecodec.Codec) { n := int64(0); c.Int(&n, 0, 7) },
		},
		"not a number": {
			func(c *statecodec.Codec) { v := math.NaN(); c.Float64(&v, true) },
			func(c *statecodec.Codec) { var v float64; c.Float64(&v, true) },
		},
		"negative": {
			func(c *statecodec.Codec) { v := -1.0; c.Float64(&v, true) },
			func(c *statecodec.Codec) { var v float64; c.Float64(&v, false) },
		},
		"infinite count": {
			func(c *statecodec.Codec) { v := float32(math.Inf(1)); c.Count32(&v) },
			func(c *statecodec.Codec) { var v float32; c.Count32(&v) },
		},
		"text": {
			func(c *statecodec.Codec) { v := "too long"; c.String(&v, 100) },
			func(c *statecodec.Codec) { var v string; c.String(&v, 3) },
		},
	} {
		w := statecodec.Writer(nil)
		one.write(w)
		r := statecodec.Reader(w.Bytes())
		one.read(r)
		assert.ErrorIs(t, r.Err(), statecodec.ErrMalformed, name)
	}
}
