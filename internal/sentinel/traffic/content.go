package traffic

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/topology"
)

// spanContent is what spans of one operation, or of its callers, have in common.
type spanContent struct {
	name         string
	kind         ptrace.SpanKind
	scope        int        // index into scopes
	errors       share      // of the operation
	fine, failed attributes // without and with an error
	events       []eventContent
	exception    attributes
	message      string // of the status, where the failure began
}

type eventContent struct {
	name       string
	share      share
	attributes attributes
}

// attributes are written in order. Where none of them draws, they are copied as a whole, which is faster.
type attributes struct {
	list  []topology.Attribute
	fixed pcommon.Map
	whole bool
}

func newAttributes(list []topology.Attribute) attributes {
	a := attributes{list: list}
	if !slices.ContainsFunc(list, func(one topology.Attribute) bool { return one.Draws() }) {
		var none draws
		m := pcommon.NewMap()
		a.put(m, &none)
		a.fixed, a.whole = m, true
	}
	return a
}

// put writes the attributes into an empty map. Those that have but one value take no random bits.
func (a *attributes) put(to pcommon.Map, d *draws) {
	if a.whole {
		a.fixed.CopyTo(to)
		return
	}
	to.EnsureCapacity(to.Len() + len(a.list))
	for i := range a.list {
		var bits uint64
		if a.list[i].Draws() {
			bits = d.next()
		}
		a.list[i].Put(to, bits)
	}
}

// scopes are named after the kinds of spans, as if each came from an instrumentation of its own.
var scopes = [...]string{
	"assay.sentinel.unspecified", "assay.sentinel.internal", "assay.sentinel.server", "assay.sentinel.client",
	"assay.sentinel.producer", "assay.sentinel.consumer",
}

func asynchronous(c *topology.Call, from *topology.Operation) bool {
	return c.Remote(from) && c.Operation.Kind == ptrace.SpanKindConsumer
}

// compile prepares the content of spans by operation.
func (s *Stream) compile() {
	for _, service := range s.config.Topology.Services {
		for _, o := range service.Operations {
			own := spanContent{
				name: o.Name, kind: o.Kind, scope: int(o.Kind), errors: newShare(o.Errors.Share), fine: newAttributes(o.Attributes),
				failed: newAttributes(override(o.Attributes, o.Errors)), message: o.Errors.Message,
				exception: newAttributes([]topology.Attribute{
					topology.Text("exception.type", o.Errors.Type), topology.Text("exception.message", o.Errors.Message),
					topology.Text("exception.stacktrace", o.Errors.Type+": "+o.Errors.Message+"\n\tat "+service.Name+" ("+o.Name+")"),
				}),
			}
			for _, e := range o.Events {
				own.events = append(own.events, eventContent{name: e.Name, share: newShare(e.Share), attributes: newAttributes(e.Attributes)})
			}
			s.operations = append(s.operations, own)
			caller := spanContent{name: o.Caller.Name, kind: ptrace.SpanKindClient, fine: newAttributes(o.Caller.Attributes), failed: newAttributes(override(o.Caller.Attributes, o.Errors))}
			if o.Kind == ptrace.SpanKindConsumer {
				caller.kind = ptrace.SpanKindProducer
			}
			caller.scope = int(caller.kind)
			s.callers = append(s.callers, caller)
		}
	}
}

// override replaces attributes by those of a failure of the same key, and adds the others and error.type.
func override(fine []topology.Attribute, errors topology.Errors) []topology.Attribute {
	failed := append([]topology.Attribute(nil), fine...)
next:
	for _, a := range append(append([]topology.Attribute(nil), errors.Attributes...), topology.Text("error.type", errors.Type)) {
		for i := range failed {
			if failed[i].Key == a.Key {
				failed[i] = a
				continue next
			}
		}
		failed = append(failed, a)
	}
	return failed
}

func (t *Trace) content(span *Span) *spanContent {
	if span.Caller {
		return &t.stream.callers[span.Operation.Ordinal]
	}
	return &t.stream.operations[span.Operation.Ordinal]
}
