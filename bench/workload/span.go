package workload

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// identity is what is fresh in every span.
type identity struct {
	trace   pcommon.TraceID
	span    pcommon.SpanID
	parent  pcommon.SpanID
	thing   string // 16 characters of the URL
	address string // of the client, 14 characters
}

// addServices gives td a resource and a scope for every service and returns where their spans go.
func addServices(td ptrace.Traces) (scopes [len(Services)]ptrace.SpanSlice) {
	td.ResourceSpans().EnsureCapacity(len(Services))
	for i, service := range Services {
		rs := td.ResourceSpans().AppendEmpty()
		a := rs.Resource().Attributes()
		a.PutStr("service.name", service)
		a.PutStr("service.version", "1.14.2")
		a.PutStr("k8s.pod.name", service+"-7d9f8c6b5-x2x9q")
		a.PutStr("k8s.namespace.name", "shop")
		a.PutStr("telemetry.sdk.language", "go")
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName("otelhttp")
		ss.Scope().SetVersion("0.60.0")
		scopes[i] = ss.Spans()
	}
	return scopes
}

// put writes a drawn span.
func (s *span) put(to ptrace.Span, origin time.Time, id *identity) {
	to.SetTraceID(id.trace)
	to.SetSpanID(id.span)
	if s.parent >= 0 {
		to.SetParentSpanID(id.parent)
	}
	to.SetName(s.name())
	to.SetKind(ptrace.SpanKindServer)
	if s.client() {
		to.SetKind(ptrace.SpanKindClient)
	}
	begin := origin.Add(s.start)
	to.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
	to.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(s.duration)))
	status := int64(200)
	if s.failed {
		status = 503
		to.Status().SetCode(ptrace.StatusCodeError)
		to.Status().SetMessage("upstream connect error")
	}
	a := to.Attributes()
	a.EnsureCapacity(8)
	a.PutStr("http.request.method", s.method())
	a.PutInt("http.response.status_code", status)
	a.PutStr("http.route", "/"+nouns[s.endpoint]+"/{id}")
	a.PutStr("url.path", "/"+nouns[s.endpoint]+"/"+id.thing)
	a.PutStr("server.address", Services[s.service]+".shop.svc")
	a.PutInt("server.port", 8080)
	a.PutStr("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	a.PutStr("client.address", id.address)
}
