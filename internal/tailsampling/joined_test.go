package tailsampling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
)

// Zipkin's instrumentation gives both sides of a call one id. The path, and so what is learned under it, is that of the same
// trace with an id for each span.
func TestPathOfJoinedIDs(t *testing.T) {
	const ms = time.Millisecond
	trace := func(n int, serverID, serverParent byte) ptrace.Traces {
		td := makeBatch(traceID(n, 0.5),
			spec{id: 1, service: "web", name: "get /cart", end: 100 * ms},
			spec{id: 2, parent: 1, service: "web", name: "get", start: 5 * ms, end: 95 * ms},
			spec{id: serverID, parent: serverParent, service: "stock", name: "get /stock", start: 10 * ms, end: 90 * ms},
			spec{id: 3, parent: serverID, service: "stock", name: "select", start: 15 * ms, end: 85 * ms})
		for _, rs := range td.ResourceSpans().All() {
			spans := rs.ScopeSpans().At(0).Spans()
			spans.At(0).SetKind(ptrace.SpanKindServer)
			spans.At(1).SetKind(ptrace.SpanKindClient)
		}
		return td
	}
	h := newHarness(t, all)
	h.send(trace(1, 4, 2))
	h.send(trace(2, 2, 1))
	h.finish()
	require.Len(t, h.order, 2)
	require.NotEqual(t, tracesketch.Path(0), h.order[0].Path)
	require.Equal(t, h.order[0].Path, h.order[1].Path)
}
