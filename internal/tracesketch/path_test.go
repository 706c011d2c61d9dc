package tracesketch

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// shape is what must not depend on the order of arrival.
type shape struct {
	path     Path
	endpoint Operation
	root     Span
	missing  int
	start    uint64
	duration uint64
	errors   int
	self     map[Span]int64 // summed over equal spans
}

func shapeOf(a *Analyzer, spans []Span) shape {
	s := a.Analyze(spans)
	out := shape{s.Path, s.Endpoint, Span{}, s.MissingParents, s.Start, s.Duration, s.Errors, map[Span]int64{}}
	if s.Root >= 0 {
		out.root = spans[s.Root]
	}
	for i := range spans {
		out.self[spans[i]] += s.Self[i]
	}
	return out
}

// The same spans in any order are the same trace: late parents, cycles and duplicated ids included.
func TestStructureDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := anySpans.Draw(t, "spans")
		var a, b Analyzer
		require.Equal(t, shapeOf(&a, spans), shapeOf(&b, rapid.Permutation(spans).Draw(t, "permuted")))
	})
}

// A path is a set of edges: walking one twice makes no difference, walking another one does.
func TestPathIsASetOfEdges(t *testing.T) {
	type node struct {
		id, parent uint64
		op         Operation
	}
	path := func(nodes ...node) Path {
		spans := make([]Span, len(nodes))
		for i, n := range nodes {
			spans[i] = Span{SpanID: n.id, ParentSpanID: n.parent, Operation: uint64(n.op)}
		}
		var a Analyzer
		return a.Analyze(spans).Path
	}
	base := path(node{1, 0, opRoot}, node{2, 1, opCart}, node{3, 2, opDB})
	assert.Equal(t, base, path(node{1, 0, opRoot}, node{2, 1, opCart}, node{3, 2, opDB}, node{4, 2, opDB}), "a call more")
	assert.Equal(t, base, path(node{9, 5, opDB}, node{5, 7, opCart}, node{7, 0, opRoot}), "other ids, other order")
	others := map[string]Path{
		"without a call":      path(node{1, 0, opRoot}, node{2, 1, opCart}),
		"from elsewhere":      path(node{1, 0, opRoot}, node{2, 1, opCart}, node{3, 1, opDB}),
		"one more operation":  path(node{1, 0, opRoot}, node{2, 1, opCart}, node{3, 2, opDB}, node{4, 2, opCart}),
		"the root is missing": path(node{2, 1, opCart}, node{3, 2, opDB}),
		"the other way round": path(node{1, 0, opRoot}, node{2, 1, opDB}, node{3, 2, opCart}),
		"nothing":             path(),
	}
	seen := map[Path]string{base: "base"}
	for name, p := range others {
		assert.Empty(t, seen[p], "%s is the same path as another", name)
		seen[p] = name
	}
}

func TestOperationIsItsParts(t *testing.T) {
	base := NewOperation("shop", "GET /", 2)
	assert.Equal(t, base, NewOperation("shop", "GET /", 2), "the same in every process")
	assert.Equal(t, Operation(0xd741272618d0ac9c), base, "stable across releases: learned state is saved under it")
	for _, other := range []Operation{
		NewOperation("cart", "GET /", 2), NewOperation("shop", "GET /x", 2), NewOperation("shop", "GET /", 3),
		NewOperation("shop", "GET /", 2, "acme"), NewOperation("shop", "GET /", 2, ""), NewOperation("shopGET /", "", 2),
	} {
		assert.NotEqual(t, base, other)
		assert.Greater(t, other, UnknownOperation)
	}
}
