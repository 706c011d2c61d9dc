// Package spanbatch makes batches of spans with as many attributes as real ones have, for whatever encodes, buffers or forwards spans
// and does not ask what they mean. Traces with a meaning are those of test/microservices.
package spanbatch

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Services is how many there are in a batch, each with a resource of its own.
const Services = len(services)

var services = [...]string{"frontend", "cart", "checkout", "payment", "shipping", "currency", "ads", "recommendation"}

// New is a batch of whole traces over all services, as a gateway receives it: eight attributes a span, two of them of many values.
// Equal arguments give equal batches.
func New(seed uint64, traces, spans int) ptrace.Traces {
	r := rand.New(rand.NewPCG(seed, 7))
	td := ptrace.NewTraces()
	var scopes []ptrace.ScopeSpans
	for _, s := range services {
		rs := td.ResourceSpans().AppendEmpty()
		a := rs.Resource().Attributes()
		a.PutStr("service.name", s)
		a.PutStr("k8s.pod.name", s+"-7d9f8c6b5-abcde")
		a.PutStr("k8s.namespace.name", "prod")
		a.PutStr("telemetry.sdk.language", "go")
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName("otelhttp")
		scopes = append(scopes, ss)
	}
	for range traces {
		var id pcommon.TraceID
		binary.BigEndian.PutUint64(id[:], r.Uint64())
		binary.BigEndian.PutUint64(id[8:], r.Uint64())
		path := r.IntN(20)
		start := 1_700_000_000_000_000_000 + r.Uint64N(1e9)
		var parent pcommon.SpanID
		for n := range spans {
			sp := scopes[(n+path)%len(scopes)].Spans().AppendEmpty()
			var sid pcommon.SpanID
			binary.BigEndian.PutUint64(sid[:], r.Uint64())
			sp.SetTraceID(id)
			sp.SetSpanID(sid)
			sp.SetParentSpanID(parent)
			if n%4 == 0 {
				parent = sid
			}
			sp.SetName(fmt.Sprintf("GET /api/%c/%c", 'a'+path, 'a'+n%26)) // digits would be taken for those of an id
			sp.SetKind(ptrace.SpanKindServer)
			from := start + r.Uint64N(5e7)
			sp.SetStartTimestamp(pcommon.Timestamp(from))
			sp.SetEndTimestamp(pcommon.Timestamp(from + uint64(1e6+r.ExpFloat64()*2e7)))
			if r.IntN(200) == 0 {
				sp.Status().SetCode(ptrace.StatusCodeError)
			}
			attributes(r, sp.Attributes())
		}
	}
	return td
}

func attributes(r *rand.Rand, a pcommon.Map) {
	a.PutStr("http.request.method", "GET")
	a.PutInt("http.response.status_code", 200)
	a.PutStr("url.path", fmt.Sprintf("/api/v1/things/%d", r.IntN(100000)))
	a.PutStr("server.address", "cart.prod.svc")
	a.PutInt("server.port", 8080)
	a.PutStr("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)")
	a.PutStr("client.address", fmt.Sprintf("10.1.%d.%d", r.IntN(256), r.IntN(256)))
	a.PutStr("network.protocol.version", "1.1")
}
