package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// wide makes traces of several resources and scopes with spans of various sizes, all told apart by name.
func wide(t *rapid.T) ptrace.Traces {
	td := ptrace.NewTraces()
	n := 0
	for i := range rapid.IntRange(1, 4).Draw(t, "resources") {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", fmt.Sprint("service ", i))
		rs.SetSchemaUrl(fmt.Sprint("resource schema ", i))
		for j := range rapid.IntRange(0, 3).Draw(t, "scopes") {
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName(fmt.Sprint("scope ", j))
			ss.SetSchemaUrl(fmt.Sprint("scope schema ", j))
			for range rapid.IntRange(0, 10).Draw(t, "spans") {
				n++
				name := fmt.Sprint(n, strings.Repeat("x", rapid.IntRange(0, 300).Draw(t, "size")))
				ss.Spans().AppendEmpty().SetName(name)
			}
		}
	}
	return td
}

// flat is one line per span with all that it stands under, in order.
func flat(batches ...ptrace.Traces) []string {
	var out []string
	for _, td := range batches {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					out = append(out, fmt.Sprint(rs.Resource().Attributes().AsRaw(), rs.SchemaUrl(), ss.Scope().Name(), ss.SchemaUrl(), s.Name()))
				}
			}
		}
	}
	return out
}

// The parts hold every span once, in order, under its resource and scope, and fit the size.
func TestSplitKeepsEverySpan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		td := rapid.Custom(wide).Draw(rt, "traces")
		limit := rapid.IntRange(100, 2000).Draw(rt, "limit")
		want := flat(td)
		parts := split(td, limit)
		require.Equal(rt, want, flat(parts...))
		for _, p := range parts {
			if size := (&ptrace.ProtoMarshaler{}).TracesSize(p); p.SpanCount() > 1 {
				require.LessOrEqual(rt, size, limit)
			}
		}
		require.LessOrEqual(rt, len(parts), max(1, len(want)))
	})
}

func TestSplitLeavesSmallBatchesAlone(t *testing.T) {
	td := traces(spec{1, 1, 0, 1}, spec{1, 2, 0, 1})
	parts := split(td, 10_000)
	require.Len(t, parts, 1)
	assert.Equal(t, td, parts[0])
}

func TestFirstSpans(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		td := rapid.Custom(wide).Draw(rt, "traces")
		want := flat(td)
		n := rapid.IntRange(0, len(want)).Draw(rt, "n")
		firstSpans(td, n)
		require.Equal(rt, append([]string(nil), want[:n]...), flat(td))
	})
}
