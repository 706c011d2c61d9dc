package workload

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func unmarshal(t *testing.T, q *Request) ptrace.Traces {
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(q.Body)
	require.NoError(t, err)
	return td
}

// seen collects what must not occur twice.
type seen struct {
	traces map[pcommon.TraceID]int
	spans  map[pcommon.SpanID]bool
	urls   map[string]bool
}

func eachSpan(td ptrace.Traces, f func(ptrace.Span)) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				f(sp)
			}
		}
	}
}

// A request that is refreshed holds whole new traces; were a patch missed, two requests would share an id or a URL, or a
// parent would be missing.
func TestRefreshedRequestsAreFreshAndWhole(t *testing.T) {
	requests, err := NewRequests(7, 3)
	require.NoError(t, err)
	s := seen{map[pcommon.TraceID]int{}, map[pcommon.SpanID]bool{}, map[string]bool{}}
	spans := 0
	for round := range uint64(2) {
		for i, q := range requests {
			q.Refresh(mix(round*100 + uint64(i)))
			td := unmarshal(t, q)
			require.Equal(t, SpansPerRequest, td.SpanCount())
			eachSpan(td, func(sp ptrace.Span) {
				spans++
				s.traces[sp.TraceID()]++
				s.spans[sp.SpanID()] = true
				url, _ := sp.Attributes().Get("url.path")
				s.urls[url.Str()] = true
				address, _ := sp.Attributes().Get("client.address")
				require.Regexp(t, `^172\.19\.[12]\d\d\.[12]\d\d$`, address.Str())
				require.Equal(t, 8, sp.Attributes().Len())
			})
			eachSpan(td, func(sp ptrace.Span) {
				if !sp.ParentSpanID().IsEmpty() {
					require.True(t, s.spans[sp.ParentSpanID()], "parent of %s", sp.Name())
				}
			})
		}
	}
	require.Len(t, s.spans, spans)
	require.Len(t, s.urls, spans)
	require.Len(t, s.traces, spans/SpansPerTrace)
	for id, n := range s.traces {
		require.Equal(t, SpansPerTrace, n, "trace %s", id)
	}
}

// The samplers are configured for these shares: one trace in 400 fails, one in 400 is slow, and no usual one looks slow.
func TestShareOfOddTraces(t *testing.T) {
	const requests = 2 * OddEvery
	made, err := NewRequests(1, requests)
	require.NoError(t, err)
	failing, slow := map[pcommon.TraceID]bool{}, map[pcommon.TraceID]bool{}
	for i, q := range made {
		q.Refresh(mix(uint64(i)))
		eachSpan(unmarshal(t, q), func(sp ptrace.Span) {
			if sp.Status().Code() == ptrace.StatusCodeError {
				failing[sp.TraceID()] = true
			}
			if sp.EndTimestamp()-sp.StartTimestamp() >= pcommon.Timestamp(SlowBy) {
				slow[sp.TraceID()] = true
			}
		})
	}
	require.Len(t, failing, requests/OddEvery)
	require.Len(t, slow, requests/OddEvery)
	require.Equal(t, requests*Traces/400, len(slow))
}
