package spancondition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func TestConditions(t *testing.T) {
	set := componenttest.NewNopTelemetrySettings()
	rs := ptrace.NewResourceSpans()
	rs.Resource().Attributes().PutStr("where", "resource")
	ss := rs.ScopeSpans().AppendEmpty()
	s := ss.Spans().AppendEmpty()
	s.SetName("GET /")
	s.Attributes().PutStr("where", "span")

	spans, err := NewSpanParser(set)
	require.NoError(t, err)
	resources, err := NewResourceParser(set)
	require.NoError(t, err)
	span, resource := OfSpan(rs, ss, s), OfResource(rs)
	defer span.Close()
	defer resource.Close()
	for text, want := range map[string]bool{
		`name == "GET /"`:                          true,
		`attributes["where"] == "span"`:            true,
		`attributes["where"] == "resource"`:        false,
		`resource.attributes["where"] == "span"`:   false,
		`attributes["none"] == nil and name != ""`: true,
	} {
		c, err := spans.Parse(text)
		require.NoError(t, err, text)
		holds, err := c.Holds(span)
		require.NoError(t, err, text)
		assert.Equal(t, want, holds, text)
	}
	c, err := resources.Parse(`attributes["where"] == "resource"`)
	require.NoError(t, err)
	holds, err := c.Holds(resource)
	require.NoError(t, err)
	assert.True(t, holds)

	fails, err := spans.Parse(`ParseJSON(name)["a"] == "b"`)
	require.NoError(t, err)
	holds, err = fails.Holds(span)
	require.Error(t, err, "the name is no JSON")
	assert.False(t, holds)
}

// A release of OTTL that words its errors in another way would put errors of queries into a wrong column.
func TestColumnsOfErrors(t *testing.T) {
	p, err := NewSpanParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	for text, want := range map[string]int{
		`attributes["a"] = 1`: 17, `name ==`: 8, `(name == "x"`: 13, // where the text stops making sense
		`Nothing(name) == 1`: 0, `nothing == 1`: 0, `IsRootSpan()`: 0,
	} {
		_, err := p.Parse(text)
		require.Error(t, err, text)
		column, ok := Column(err)
		assert.Equal(t, want > 0, ok, "%s: %v", text, err)
		assert.Equal(t, want, column, "%s: %v", text, err)
	}
}

func TestFunctionsAreThoseAskedFor(t *testing.T) {
	p, err := NewSpanParser(componenttest.NewNopTelemetrySettings(), IsRootSpan())
	require.NoError(t, err)
	c, err := p.Parse(`IsRootSpan()`)
	require.NoError(t, err)
	s := ptrace.NewSpan()
	for _, root := range []bool{true, false} {
		span := OfSpan(ptrace.NewResourceSpans(), ptrace.NewScopeSpans(), s)
		holds, err := c.Holds(span)
		span.Close()
		require.NoError(t, err)
		assert.Equal(t, root, holds)
		s.SetParentSpanID([8]byte{1})
	}
}

// Each span of the sampler's intake is a subject.
func TestEvaluationAllocatesNothing(t *testing.T) {
	p, err := NewSpanParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	c, err := p.Parse(`name == "x"`)
	require.NoError(t, err)
	rs, ss, s := ptrace.NewResourceSpans(), ptrace.NewScopeSpans(), ptrace.NewSpan()
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		span := OfSpan(rs, ss, s)
		defer span.Close()
		_, _ = c.Holds(span)
	}))
}
