package window

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// joinedRequest is web's GET /cart, which calls stock as Brave reports it: both sides of the call have the id 2, and what the
// server does next names that id.
func joinedRequest(trace int, start time.Duration) []spec {
	ms := func(n int) time.Duration { return start + time.Duration(n)*time.Millisecond }
	const server, client = ptrace.SpanKindServer, ptrace.SpanKindClient
	return []spec{
		{trace: trace, id: 1, service: "web", name: "get /cart", kind: server, start: ms(0), end: ms(100)},
		{trace: trace, id: 2, parent: 1, service: "web", name: "get", kind: client, start: ms(5), end: ms(95)},
		{trace: trace, id: 2, parent: 1, service: "stock", name: "get /stock", kind: server, start: ms(10), end: ms(90)},
		{trace: trace, id: 3, parent: 2, service: "stock", name: "select", kind: client, start: ms(15), end: ms(85)},
	}
}

// Edges lead from caller to client's side to server's side to what the server calls, whichever span comes first; a span that is
// sent twice still counts once.
func TestEdgesOfJoinedIDs(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service = "web"`))
	for trace := range 4 {
		spans := joinedRequest(trace+1, time.Second)
		if trace%2 == 1 {
			slices.Reverse(spans)
		}
		h.send(append(spans, spans[1], spans[2])...)
	}
	h.pass(70 * time.Second)
	s := h.one()
	assert.Equal(t, snapshot.Coverage{Traces: 4, Spans: 16, WithoutThreshold: 16, Duplicates: 8}, s.Coverage)
	var edges []snapshot.Identity
	paths := 0
	for _, g := range s.Groups {
		switch g.Kind {
		case snapshot.Edge:
			edges = append(edges, g.Identity)
			assert.EqualValues(t, 4, g.Sum().Spans, g.Identity)
		case snapshot.Path:
			paths++
		}
	}
	edge := func(callerService, caller, service, value string) snapshot.Identity {
		return snapshot.Identity{Kind: snapshot.Edge, CallerService: callerService, Caller: caller, Service: service, Value: value}
	}
	assert.ElementsMatch(t, []snapshot.Identity{
		edge("web", "get /cart", "web", "get"), edge("web", "get", "stock", "get /stock"), edge("stock", "get /stock", "stock", "select"),
	}, edges)
	assert.Equal(t, 1, paths, "one path, in whatever order the spans come")
	client := find(s, operationOf("web", "get"))
	require.NotNil(t, client)
	assert.InDelta(t, 4*logOf(10e6)*ln2, client.Sum().LogSelf, 1e-3, "the client's own time excludes the server's")
}

// ln2 turns logarithms to the base 2 into natural ones.
const ln2 = 0.6931471805599453
