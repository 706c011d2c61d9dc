package tracesketch

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Operations of a call as Brave reports it.
const (
	webGetCart Operation = iota + 30
	webGet
	stockGetStock
	stockSelect
)

// joinedCall is web's GET /cart, which calls stock. Both sides of the call have the id 2, and stock's children name it.
func joinedCall() []Span {
	return []Span{
		{SpanID: 1, Operation: uint64(webGetCart), Start: 1000, Duration: 100, Flags: FlagServer},
		{SpanID: 2, ParentSpanID: 1, Operation: uint64(webGet), Start: 1005, Duration: 90},
		{SpanID: 2, ParentSpanID: 1, Operation: uint64(stockGetStock), Start: 1010, Duration: 80, Flags: FlagServer},
		{SpanID: 3, ParentSpanID: 2, Operation: uint64(stockSelect), Start: 1015, Duration: 70},
	}
}

// permutations are all orders of spans.
func permutations(spans []Span) [][]Span {
	if len(spans) < 2 {
		return [][]Span{spans}
	}
	var out [][]Span
	for i := range spans {
		rest := slices.Delete(slices.Clone(spans), i, i+1)
		for _, p := range permutations(rest) {
			out = append(out, append([]Span{spans[i]}, p...))
		}
	}
	return out
}

// tree is "parent -> operation self" of each span, by operation.
func tree(spans []Span, s *Structure) []string {
	out := make([]string, len(spans))
	for i, p := range s.Parent {
		parent := "root"
		switch {
		case p >= 0:
			parent = strconv.FormatUint(spans[p].Operation, 10)
		case p == MissingParent:
			parent = "missing"
		}
		out[i] = fmt.Sprintf("%s -> %d self %d", parent, spans[i].Operation, s.Self[i])
	}
	slices.Sort(out)
	return out
}

// The server's side of a call hangs from the client's side with the same id, and what it calls hangs from it.
func TestSidesOfACallMayHaveOneID(t *testing.T) {
	change := func(changes ...func([]Span)) []Span {
		spans := joinedCall()
		for _, c := range changes {
			c(spans)
		}
		return spans
	}
	cases := []struct {
		name     string
		spans    []Span
		want     []string
		root     Operation
		complete bool
	}{
		{
			name: "whole", spans: joinedCall(), root: webGetCart, complete: true,
			want: []string{"30 -> 31 self 10", "31 -> 32 self 10", "32 -> 33 self 70", "root -> 30 self 10"},
		},
		{
			name: "clocks differ: the server seems to begin first", root: webGetCart, complete: true,
			spans: change(func(s []Span) { s[2].Start, s[3].Start = 1003, 1004 }),
			want:  []string{"30 -> 31 self 12", "31 -> 32 self 10", "32 -> 33 self 70", "root -> 30 self 10"},
		},
		{
			name: "the server names no parent", root: webGetCart, complete: true,
			spans: change(func(s []Span) { s[2].ParentSpanID = 0 }),
			want:  []string{"30 -> 31 self 10", "31 -> 32 self 10", "32 -> 33 self 70", "root -> 30 self 10"},
		},
		{
			name: "the server names the shared id", root: webGetCart, complete: true,
			spans: change(func(s []Span) { s[2].ParentSpanID = 2 }),
			want:  []string{"30 -> 31 self 10", "31 -> 32 self 10", "32 -> 33 self 70", "root -> 30 self 10"},
		},
		{
			name: "the trace begins with the client", root: webGet, complete: true,
			spans: change(func(s []Span) { s[1].ParentSpanID, s[2].ParentSpanID = 0, 0 })[1:],
			want:  []string{"31 -> 32 self 10", "32 -> 33 self 70", "root -> 31 self 10"},
		},
		{
			name: "the client's side has not arrived", root: webGetCart, complete: true,
			spans: slices.Delete(joinedCall(), 1, 2),
			want:  []string{"30 -> 32 self 10", "32 -> 33 self 70", "root -> 30 self 20"},
		},
		{
			name: "the server's side has not arrived", root: webGetCart, complete: true,
			spans: slices.Delete(joinedCall(), 2, 3),
			want:  []string{"30 -> 31 self 20", "31 -> 33 self 70", "root -> 30 self 10"},
		},
		{
			name: "the caller has not arrived: it is missing once", root: 0, complete: false,
			spans: joinedCall()[1:],
			want:  []string{"31 -> 32 self 10", "32 -> 33 self 70", "missing -> 31 self 10"},
		},
		{
			name: "two servers answered: the children are the earlier one's", root: webGetCart, complete: true,
			spans: append(joinedCall(), Span{SpanID: 2, ParentSpanID: 1, Operation: 50, Start: 1012, Duration: 5, Flags: FlagServer}),
			want:  []string{"30 -> 31 self 10", "31 -> 32 self 10", "31 -> 50 self 5", "32 -> 33 self 70", "root -> 30 self 10"},
		},
		{
			name: "spans without an id are not joined", root: webGetCart, complete: true,
			spans: []Span{{Operation: 30, Start: 1, Duration: 5}, {Operation: 32, Start: 2, Duration: 1, Flags: FlagServer}},
			want:  []string{"root -> 30 self 5", "root -> 32 self 1"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var a Analyzer
			var path Path
			for n, spans := range permutations(c.spans) {
				s := a.Analyze(spans)
				require.Equal(t, c.want, tree(spans, &s))
				require.Equal(t, c.complete, s.Complete())
				if s.Root >= 0 {
					require.Equal(t, c.root, Operation(spans[s.Root].Operation))
				}
				if n == 0 {
					path = s.Path
				}
				require.Equal(t, path, s.Path)
			}
		})
	}
}

// Joining the ids of clients and servers takes no information away: structure and path are those of the trace with ids of its own
// for each span.
func TestJoinedTracesAreLikeOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "spans")
		spans := make([]Span, n)
		for i := range spans {
			start := rapid.Uint64Range(100, 140).Draw(t, "start")
			spans[i] = Span{SpanID: uint64(100 + i), Operation: uint64(10 + i%5), Start: start, Duration: rapid.Int64Range(-5, 40).Draw(t, "duration")}
			if i > 0 {
				spans[i].ParentSpanID = uint64(100 + rapid.IntRange(0, i-1).Draw(t, "parent"))
			}
			spans[i].Flags = rapid.SampledFrom([]uint8{0, FlagError, FlagServer, FlagServer | FlagError}).Draw(t, "flags")
		}
		children := map[uint64]int{}
		for i := range spans {
			children[spans[i].ParentSpanID]++
		}
		joined := slices.Clone(spans)
		for i := range spans { // a server that is the only child of a client takes over its id and its parent
			p := int(spans[i].ParentSpanID) - 100
			if i == 0 || spans[i].Flags&FlagServer == 0 || spans[p].Flags&FlagServer != 0 || children[spans[i].ParentSpanID] != 1 {
				continue
			}
			for j := range joined {
				if joined[j].ParentSpanID == spans[i].SpanID {
					joined[j].ParentSpanID = spans[p].SpanID
				}
			}
			joined[i].SpanID, joined[i].ParentSpanID = joined[p].SpanID, joined[p].ParentSpanID
		}
		var a, b Analyzer
		want, got := a.Analyze(spans), b.Analyze(joined)
		require.Equal(t, want, got)
	})
}
