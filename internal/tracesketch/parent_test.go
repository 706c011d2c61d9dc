package tracesketch

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Each span knows where its parent stands, in whatever order they come; roots, orphans and spans that name themselves have none.
func TestParentsAreIndices(t *testing.T) {
	var a Analyzer
	s := a.Analyze([]Span{
		{SpanID: 3, ParentSpanID: 2},
		{SpanID: 1},
		{SpanID: 2, ParentSpanID: 1},
		{SpanID: 4, ParentSpanID: 9},
		{SpanID: 5, ParentSpanID: 5},
	})
	require.Equal(t, []int32{2, NoParent, 1, MissingParent, MissingParent}, s.Parent)
	require.Empty(t, a.Analyze(nil).Parent)
}
