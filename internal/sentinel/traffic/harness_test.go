package traffic

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
)

const (
	secret = "an entirely public secret"
	noon   = 1_763_726_400 // a slot
)

// ambient is the configuration of a stream of the shop, with a change.
func ambient(t testing.TB, change func(*Config)) Config {
	t.Helper()
	top, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	c := Config{Name: "ambient", Topology: top, Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01}
	if change != nil {
		change(&c)
	}
	return c
}

// newStream makes a stream from nothing that another has seen.
func newStream(t testing.TB, change func(*Config)) *Stream {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	s, err := NewStream(key, ambient(t, change))
	require.NoError(t, err)
	return s
}

// rendered is a trace as pdata, one resource and scope for each span.
func rendered(t *Trace) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range t.Spans {
		rs := td.ResourceSpans().AppendEmpty()
		rs.SetSchemaUrl(SchemaURL)
		t.FillResource(i, rs.Resource())
		ss := rs.ScopeSpans().AppendEmpty()
		ss.SetSchemaUrl(SchemaURL)
		t.FillScope(i, ss.Scope())
		t.FillSpan(i, ss.Spans().AppendEmpty())
	}
	return td
}

// planned is a fresh plan of a trace.
func planned(s *Stream, id identity.TraceID) *Trace {
	var t Trace
	s.Trace(id, &t)
	return &t
}

// span is span i as pdata.
func (t *Trace) span(i int) ptrace.Span {
	s := ptrace.NewSpan()
	t.FillSpan(i, s)
	return s
}
