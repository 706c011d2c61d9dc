package replay

import (
	"bytes"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// anyTraces draws traces with everything that a rewrite touches and much that looks like it: times that are not set, ids
// that are not set, attributes with 16 bytes and fixed64 values, status and flags.
func anyTraces(t *rapid.T) ptrace.Traces {
	ids := [][16]byte{{}, {15: 1}, {0: 1}, {7: 0xff, 8: 0x80}}
	id := func(label string) pcommon.TraceID { return rapid.SampledFrom(ids).Draw(t, label) }
	ts := func(label string) pcommon.Timestamp {
		return pcommon.Timestamp(rapid.SampledFrom([]uint64{0, 1, 1_700_000_000_000_000_000, 1 << 63}).Draw(t, label))
	}
	td := ptrace.NewTraces()
	for range rapid.IntRange(0, 3).Draw(t, "resources") {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutEmptyBytes("id").FromRaw(ids[1][:])
		rs.SetSchemaUrl(rapid.StringN(0, 200, -1).Draw(t, "schema"))
		for range rapid.IntRange(0, 2).Draw(t, "scopes") {
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName("0123456789abcdef")
			for range rapid.IntRange(0, 4).Draw(t, "spans") {
				s := ss.Spans().AppendEmpty()
				s.SetTraceID(id("trace"))
				s.SetSpanID(pcommon.SpanID{7: 1})
				s.SetName("0123456789abcdef")
				s.SetStartTimestamp(ts("start"))
				s.SetEndTimestamp(ts("end"))
				s.Attributes().PutDouble("seconds", 1.5)
				s.Attributes().PutEmptyBytes("id").FromRaw(ids[1][:])
				s.SetFlags(0x101)
				s.Status().SetMessage("0123456789abcdef")
				for range rapid.IntRange(0, 2).Draw(t, "events") {
					e := s.Events().AppendEmpty()
					e.SetTimestamp(ts("event"))
					e.Attributes().PutDouble("seconds", 2.5)
				}
				for range rapid.IntRange(0, 2).Draw(t, "links") {
					l := s.Links().AppendEmpty()
					l.SetTraceID(id("linked"))
					l.TraceState().FromRaw("0123456789abcdef")
				}
			}
		}
	}
	return td
}

// expect applies a rewrite by way of pdata.
func expect(td ptrace.Traces, shift int64, newID func(pcommon.TraceID) pcommon.TraceID) {
	move := func(t pcommon.Timestamp, set func(pcommon.Timestamp)) {
		if t != 0 {
			set(pcommon.Timestamp(uint64(t) + uint64(shift)))
		}
	}
	for _, s := range spansOf(td) {
		move(s.StartTimestamp(), s.SetStartTimestamp)
		move(s.EndTimestamp(), s.SetEndTimestamp)
		s.SetTraceID(newID(s.TraceID()))
		for _, e := range s.Events().All() {
			move(e.Timestamp(), e.SetTimestamp)
		}
		for _, l := range s.Links().All() {
			l.SetTraceID(newID(l.TraceID()))
		}
	}
}

// A rewrite of the bytes is a rewrite of the traces: times and ids change as they should and nothing else does.
func TestRewriteChangesTimesAndIDsOnly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		td := rapid.Custom(anyTraces).Draw(rt, "traces")
		b, err := encodeBatch(td)
		require.NoError(rt, err)
		require.Equal(rt, td.SpanCount(), b.spans)
		before := bytes.Clone(b.body)

		shift := rapid.Int64Range(-1e18, 1e18).Draw(rt, "shift")
		w := rewrite{shift: shift}
		mapped := map[pcommon.TraceID]pcommon.TraceID{}
		if rapid.Bool().Draw(rt, "new ids") {
			w.ids, err = newIDs(rapid.Uint64().Draw(rt, "seed"), 1)
			require.NoError(rt, err)
			for _, id := range [][16]byte{{15: 1}, {0: 1}, {7: 0xff, 8: 0x80}} {
				out := id
				w.ids.Encrypt(out[:], out[:])
				mapped[id] = out
			}
		}
		got := decode(t, w.apply(b, nil))
		expect(td, shift, func(id pcommon.TraceID) pcommon.TraceID {
			if to, ok := mapped[id]; ok {
				return to
			}
			return id
		})
		want, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		require.NoError(rt, err)
		again, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(got)
		require.NoError(rt, err)
		require.Equal(rt, string(want), string(again))
		require.Equal(rt, string(before), string(b.body), "the batch itself stays as it is")
	})
}

func TestArrivalIsTheLatestEnd(t *testing.T) {
	b, err := encodeBatch(traces(spec{1, 1, 0, 5}, spec{1, 2, 0, 9}, spec{1, 3, 20, 7}))
	require.NoError(t, err)
	assert.Equal(t, uint64(at(9)), b.arrival)

	td := traces(spec{1, 1, 3, 0})
	spansOf(td)[0].SetEndTimestamp(0)
	b, err = encodeBatch(td)
	require.NoError(t, err)
	assert.Equal(t, uint64(at(3)), b.arrival, "without an end, any time stamp")

	spansOf(td)[0].SetStartTimestamp(0)
	b, err = encodeBatch(td)
	require.NoError(t, err)
	assert.Zero(t, b.arrival)
}

// New ids are told apart by pass and seed, and their low 56 bits, which samplers read as randomness, look random even
// where the recorded ids are a plain count.
func TestNewIDsAreRandom(t *testing.T) {
	const n = 20_000
	seen := map[[16]byte]bool{}
	ones := 0
	var buckets [16]int
	for pass := 1; pass <= 2; pass++ {
		ids, err := newIDs(7, pass)
		require.NoError(t, err)
		for i := range n {
			id := [16]byte{14: byte(i >> 8), 15: byte(i)}
			ids.Encrypt(id[:], id[:])
			require.False(t, seen[id], "no two traces get the same id")
			seen[id] = true
			for _, c := range id[9:] {
				ones += bits.OnesCount8(c)
			}
			buckets[id[9]>>4]++
		}
	}
	assert.InDelta(t, 0.5, float64(ones)/(2*n*56), 0.005)
	chi := 0.0
	for _, k := range buckets {
		d := float64(k) - 2*n/16.0
		chi += d * d / (2 * n / 16.0)
	}
	assert.Less(t, chi, 37.7, "chi-squared of the leading 4 bits, 15 degrees of freedom, 1 in 1,000")

	a, err := newIDs(7, 1)
	require.NoError(t, err)
	b, err := newIDs(8, 1)
	require.NoError(t, err)
	one, other := [16]byte{15: 1}, [16]byte{15: 1}
	a.Encrypt(one[:], one[:])
	b.Encrypt(other[:], other[:])
	assert.NotEqual(t, one, other)
}

func TestIndexOfDamagedBytes(t *testing.T) {
	b, err := encodeBatch(traces(spec{1, 1, 0, 5}))
	require.NoError(t, err)
	for cut := 1; cut < len(b.body); cut++ {
		damaged := &wireBatch{body: b.body[:cut]}
		assert.ErrorIs(t, damaged.index(0, cut, inRequest), errMalformed, "cut at %d", cut)
	}
}
