package replay

import "go.opentelemetry.io/collector/pdata/ptrace"

// frameBytes is more than the tag and length around a message take.
const frameBytes = 12

// split cuts td into batches of at most maxBytes when encoded; order, resources and scopes are kept. A single span larger
// than that is a batch of its own. td is consumed.
func split(td ptrace.Traces, maxBytes int) []ptrace.Traces {
	sizer := &ptrace.ProtoMarshaler{}
	if sizer.TracesSize(td) <= maxBytes {
		return []ptrace.Traces{td}
	}
	var out []ptrace.Traces
	cur, size := ptrace.NewTraces(), 0
	for _, rs := range td.ResourceSpans().All() {
		resource := newResource(rs)
		for _, ss := range rs.ScopeSpans().All() {
			scope := newScope(ss)
			head := sizer.ResourceSpansSize(resource) + sizer.ScopeSpansSize(scope) + 2*frameBytes
			var spans ptrace.SpanSlice // of cur; the zero value means that this scope is not in cur yet
			open := false
			for _, span := range ss.Spans().All() {
				need := sizer.SpanSize(span) + frameBytes
				if !open {
					need += head
				}
				if size > 0 && size+need > maxBytes {
					out = append(out, cur)
					cur, size = ptrace.NewTraces(), 0
					if open {
						need += head
					}
					open = false
				}
				if !open {
					r := cur.ResourceSpans().AppendEmpty()
					resource.CopyTo(r)
					s := r.ScopeSpans().AppendEmpty()
					scope.CopyTo(s)
					spans, open = s.Spans(), true
				}
				span.MoveTo(spans.AppendEmpty())
				size += need
			}
		}
	}
	if size > 0 {
		out = append(out, cur)
	}
	return out
}

// newResource is rs without its scopes.
func newResource(rs ptrace.ResourceSpans) ptrace.ResourceSpans {
	out := ptrace.NewResourceSpans()
	rs.Resource().CopyTo(out.Resource())
	out.SetSchemaUrl(rs.SchemaUrl())
	return out
}

// newScope is ss without its spans.
func newScope(ss ptrace.ScopeSpans) ptrace.ScopeSpans {
	out := ptrace.NewScopeSpans()
	ss.Scope().CopyTo(out.Scope())
	out.SetSchemaUrl(ss.SchemaUrl())
	return out
}

// firstSpans removes all spans of td behind the first n.
func firstSpans(td ptrace.Traces, n int) {
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(func(ptrace.Span) bool {
				n--
				return n < 0
			})
			return ss.Spans().Len() == 0
		})
		return rs.ScopeSpans().Len() == 0
	})
}
