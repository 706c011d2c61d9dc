package snapshot

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is not known is taken for the same, so that the windows of an older version can be compared with those after it.
func TestDefinitionsThatAreTheSame(t *testing.T) {
	cart, span, shop := Definition{"service IN (\"cart\")", "trace"}, Definition{"service IN (\"cart\")", "span"}, Definition{"*", "trace"}
	for _, d := range []Definition{cart, span, shop} {
		assert.True(t, d.Same(d))
		assert.True(t, d.Same(Definition{}))
		assert.True(t, Definition{Scope: "span"}.Same(d))
	}
	assert.False(t, cart.Same(shop))
	assert.False(t, cart.Same(span))
	assert.Equal(t, `service IN ("cart")`, cart.String())
	assert.Equal(t, `service IN ("cart") (spans only)`, span.String())
}

// What two collectors saw under two definitions is not added up; a part that does not know its own takes that of the other.
func TestMergeOfDefinitions(t *testing.T) {
	of := func(text string) *Snapshot { return &Snapshot{ID: text, QueryID: "q", Of: Definition{text, "trace"}} }
	_, err := Merge(of("a"), of("b"))
	require.EqualError(t, err, `snapshots a and b: cannot be merged: one is of "a", the other of "b"`)
	for _, sides := range [][2]*Snapshot{{of("a"), {QueryID: "q"}}, {{QueryID: "q"}, of("a")}} {
		merged, err := Merge(sides[0], sides[1])
		require.NoError(t, err)
		assert.Equal(t, "a", merged.Of.Text)
	}
}

// A snapshot that the version before wrote has all that it had, and an unknown definition.
func TestFormat2(t *testing.T) {
	data, err := os.ReadFile("testdata/format2.snapshot")
	require.NoError(t, err)
	s, err := Decode(data)
	require.NoError(t, err)
	assert.Equal(t, &Snapshot{
		ID: "q-1", QueryID: "q", Start: time.Unix(600, 0).UTC(), End: time.Unix(1200, 0).UTC(), Completed: time.Unix(1230, 0).UTC(), State: Complete,
		Keys: []string{"region"}, Slice: 30 * time.Second, Coverage: Coverage{Traces: 3, Spans: 4},
		Total: Group{Identity: Identity{Kind: Total}, Slices: []Slice{{Index: 2, Spans: 3, Traces: 3, Weight: 3, TraceWeight: 3, TraceWeight2: 3}}},
		Groups: []*Group{{
			Identity: Identity{Kind: Edge, Service: "cart", Value: "GET", CallerService: "web", Caller: "/"},
			Slices:   []Slice{{Index: 2, Spans: 1, Traces: 1, Weight: 1, WaitWeight: 1, Wait: 2e6, LogWait: 14.5}},
		}},
	}, s)
}
