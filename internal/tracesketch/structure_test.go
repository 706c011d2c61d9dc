package tracesketch

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Operations of the examples.
const (
	opRoot Operation = iota + 10
	opCart
	opDB
)

func TestStructureOfATrace(t *testing.T) {
	span := func(id, parent uint64, op Operation, start, end int) Span {
		return Span{SpanID: id, ParentSpanID: parent, Operation: uint64(op), Start: uint64(1000 + start), Duration: int64(end - start)}
	}
	failing := span(2, 1, opCart, 10, 20)
	failing.Flags = FlagError
	cases := []struct {
		name     string
		spans    []Span
		root     int
		endpoint Operation
		missing  int
		duration uint64
		errors   int
		self     []int64
	}{
		{name: "nothing", root: -1, self: nil},
		{
			name: "a root with two children that overlap", root: 0, endpoint: opRoot, duration: 100, self: []int64{60, 30, 20},
			spans: []Span{span(1, 0, opRoot, 0, 100), span(2, 1, opCart, 10, 40), span(3, 1, opDB, 30, 50)},
		},
		{
			name: "a child that outlives its parent counts up to its end", root: 0, endpoint: opRoot, duration: 300, self: []int64{10, 290},
			spans: []Span{span(1, 0, opRoot, 0, 100), span(2, 1, opCart, 10, 300)},
		},
		{
			name: "a child that starts before its parent", root: 1, endpoint: opRoot, duration: 150, self: []int64{70, 80},
			spans: []Span{span(2, 1, opCart, -50, 20), span(1, 0, opRoot, 0, 100)},
		},
		{
			name: "no root", root: -1, endpoint: opCart, missing: 2, duration: 30, self: []int64{10, 20},
			spans: []Span{span(3, 9, opDB, 20, 30), span(2, 9, opCart, 0, 20)},
		},
		{
			name: "two roots: the earlier one", root: 1, endpoint: opCart, duration: 40, self: []int64{10, 10},
			spans: []Span{span(1, 0, opRoot, 30, 40), span(2, 0, opCart, 0, 10)},
		},
		{
			name: "a cycle has no root", root: -1, endpoint: opCart, duration: 60, self: []int64{10, 10},
			spans: []Span{span(1, 2, opRoot, 10, 60), span(2, 1, opCart, 0, 50)},
		},
		{
			name: "its own parent: the parent is missing", root: -1, endpoint: opRoot, missing: 1, duration: 10, self: []int64{10},
			spans: []Span{span(1, 1, opRoot, 0, 10)},
		},
		{
			name: "end before start has no length", root: 0, endpoint: opRoot, self: []int64{0}, spans: []Span{span(1, 0, opRoot, 50, 0)},
		},
		{
			name: "errors", root: 0, endpoint: opRoot, duration: 100, errors: 1, self: []int64{90, 10},
			spans: []Span{span(1, 0, opRoot, 0, 100), failing},
		},
		{
			name: "the whole of time", root: 0, endpoint: opRoot, duration: math.MaxUint64, self: []int64{0, 0},
			spans: []Span{{SpanID: 1, Operation: uint64(opRoot)}, {SpanID: 2, ParentSpanID: 1, Operation: uint64(opDB), Start: math.MaxUint64}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var a Analyzer
			for range 2 { // scratch memory of the trace before must not show
				s := a.Analyze(c.spans)
				assert.Equal(t, c.root, s.Root)
				assert.Equal(t, c.endpoint, s.Endpoint)
				assert.Equal(t, c.missing, s.MissingParents)
				assert.Equal(t, c.duration, s.Duration)
				assert.Equal(t, c.errors, s.Errors)
				assert.Equal(t, c.self, s.Self)
				assert.Equal(t, c.root >= 0 && c.missing == 0, s.Complete())
				a.Analyze([]Span{span(7, 8, opDB, 5, 500), span(8, 0, opCart, 0, 600), span(9, 8, opCart, 1, 2)})
			}
		})
	}
}

// anySpans draws spans with few ids, operations and times, so that they collide, nest and form cycles.
var anySpans = rapid.Custom(func(t *rapid.T) []Span {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
		return Span{
			SpanID:       rapid.Uint64Range(0, 9).Draw(t, "id"),
			ParentSpanID: rapid.Uint64Range(0, 9).Draw(t, "parent"),
			Start:        rapid.Uint64Range(100, 140).Draw(t, "start"),
			Duration:     rapid.Int64Range(-5, 40).Draw(t, "duration"),
			Operation:    rapid.Uint64Range(10, 14).Draw(t, "operation"),
			Flags:        rapid.Uint8Range(0, 3).Draw(t, "flags"),
		}
	}), 1, 12).Draw(t, "spans")
})

// Exclusive time is what a brute force finds: the ticks of a span that none of its children covers.
func TestSelfTimeIsDurationLessTheUnionOfChildren(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := anySpans.Draw(t, "spans")
		ids := map[uint64]bool{}
		for i := range spans { // with duplicates it is undefined whose children they are
			if spans[i].SpanID == 0 || ids[spans[i].SpanID] {
				spans[i].SpanID = uint64(1000 + i)
			}
			ids[spans[i].SpanID] = true
		}
		var a Analyzer
		s := a.Analyze(spans)
		for i, sp := range spans {
			var want int64
			for tick := sp.Start; int64(tick-sp.Start) < sp.Duration; tick++ {
				covered := false
				for j, child := range spans {
					covered = covered || j != i && child.ParentSpanID == sp.SpanID &&
						tick >= child.Start && int64(tick-child.Start) < child.Duration
				}
				if !covered {
					want++
				}
			}
			require.Equal(t, want, s.Self[i], "span %d of %+v", i, spans)
		}
	})
}

// A client that chooses its span ids must not be able to make the analysis quadratic.
func TestChosenIDsDoNotSlowTheAnalysis(t *testing.T) {
	const n = 100_000
	r := rand.New(rand.NewChaCha8([32]byte{1}))
	chosen, random := make([]Span, n), make([]Span, n)
	for i := range chosen {
		chosen[i].SpanID, random[i].SpanID = unmix(uint64(i)<<20), r.Uint64() // mix puts all of these into one slot
		chosen[i].Operation, random[i].Operation = uint64(opDB), uint64(opDB)
	}
	took := func(spans []Span) time.Duration {
		var a Analyzer
		start := time.Now()
		a.Analyze(spans)
		return time.Since(start)
	}
	base := max(took(random), took(random), time.Millisecond)
	require.Less(t, took(chosen), 50*base)
}

// unmix undoes mix.
func unmix(x uint64) uint64 {
	inverse := func(m uint64) uint64 { // Newton's iteration, modulo 2^64
		r := m
		for range 5 {
			r *= 2 - m*r
		}
		return r
	}
	x ^= x >> 33
	x *= inverse(0xC4CEB9FE1A85EC53)
	x ^= x >> 33
	x *= inverse(0xFF51AFD7ED558CCD)
	return x ^ x>>33
}
