package traffic

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// SchemaURL is that of the resources and scopes.
const SchemaURL = "https://opentelemetry.io/schemas/1.42.0"

// Attributes of resources that say what they are, for rules and queries of people. Nothing is recognised by them.
const (
	Namespace       = "assay-sentinel"        // service.namespace
	StreamAttribute = "assay.sentinel.stream" // the name of the stream
)

// Flags of spans: those of the W3C trace context, and whether the parent is known to be in another process (OTLP).
const (
	flagsSampledRandom = 0x03
	flagsHasRemote     = 0x100
	flagsRemote        = 0x200
)

// FillSpan writes all fields of span i into an empty span.
func (t *Trace) FillSpan(i int, to ptrace.Span) {
	plan := &t.Spans[i]
	content := t.content(plan)
	to.SetTraceID(t.Sealed)
	to.SetSpanID(t.ids[i])
	flags := uint32(flagsSampledRandom | flagsHasRemote)
	if plan.Parent >= 0 {
		to.SetParentSpanID(t.ids[plan.Parent])
		if t.Spans[plan.Parent].Caller {
			flags |= flagsRemote
		}
	}
	to.SetFlags(flags)
	to.TraceState().FromRaw(t.stream.traceState)
	to.SetName(content.name)
	to.SetKind(content.kind)
	to.SetStartTimestamp(t.stamp(plan.Start))
	to.SetEndTimestamp(t.stamp(plan.End))
	d := draws(plan.seed)
	t.fillDropped(to, d.next())
	attributes := &content.fine
	if plan.Failed {
		attributes = &content.failed
		to.Status().SetCode(ptrace.StatusCodeError)
		if plan.Origin && content.message != "" {
			to.Status().SetMessage(content.message)
		}
	} else if content.kind == ptrace.SpanKindServer && plan.seed%32 == 0 {
		to.Status().SetCode(ptrace.StatusCodeOk)
	}
	attributes.put(to.Attributes(), &d)
	t.fillEvents(plan, content, to, &d)
	if plan.Link >= 0 {
		l := to.Links().AppendEmpty()
		l.SetTraceID(t.Sealed)
		l.SetSpanID(t.ids[plan.Link])
		l.SetFlags(flagsSampledRandom | flagsHasRemote | flagsRemote)
		l.TraceState().FromRaw(t.stream.traceState)
		l.Attributes().PutInt("messaging.batch.message_count", 1)
		l.SetDroppedAttributesCount(uint32(plan.seed >> 63))
	}
}

// fillDropped lets some spans say that something was dropped before they were sent: these counts must arrive too.
func (t *Trace) fillDropped(to ptrace.Span, bits uint64) {
	n := uint32(1 + bits>>62)
	switch bits % 64 {
	case 0:
		to.SetDroppedAttributesCount(n)
	case 1:
		to.SetDroppedEventsCount(n)
	case 2:
		to.SetDroppedLinksCount(n)
	}
}

func (t *Trace) fillEvents(plan *Span, content *spanContent, to ptrace.Span, d *draws) {
	at := plan.Start
	for i := range content.events {
		e := &content.events[i]
		if !d.chance(e.share) {
			continue
		}
		at += time.Duration(d.below(uint64(plan.End-at) + 1))
		t.event(to.Events().AppendEmpty(), e.name, at, &e.attributes, d)
	}
	if plan.Origin {
		t.event(to.Events().AppendEmpty(), "exception", plan.End, &content.exception, d)
	}
}

func (t *Trace) event(to ptrace.SpanEvent, name string, at time.Duration, attributes *attributes, d *draws) {
	to.SetName(name)
	to.SetTimestamp(t.stamp(at))
	attributes.put(to.Attributes(), d)
	if d.next()%16 == 0 {
		to.SetDroppedAttributesCount(1)
	}
}

func (t *Trace) stamp(at time.Duration) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(t.Begin.Add(at))
}

// FillResource writes the resource of span i, whose schema URL is SchemaURL, into an empty one.
func (t *Trace) FillResource(i int, to pcommon.Resource) {
	service := t.Spans[i].Service
	var none draws
	to.Attributes().EnsureCapacity(6 + len(service.Attributes))
	to.Attributes().PutStr("service.name", service.Name)
	to.Attributes().PutStr("service.namespace", Namespace)
	to.Attributes().PutStr("service.instance.id", fmt.Sprintf("%s-%04x-%d", service.Name, t.ID.Instance, t.Spans[i].Instance))
	if service.Version != "" {
		to.Attributes().PutStr("service.version", service.Version)
	}
	to.Attributes().PutStr(StreamAttribute, t.stream.config.Name)
	(&attributes{list: service.Attributes}).put(to.Attributes(), &none)
}

// FillScope writes the scope of span i, whose schema URL is SchemaURL, into an empty one.
func (t *Trace) FillScope(i int, to pcommon.InstrumentationScope) {
	to.SetName(scopes[t.content(&t.Spans[i]).scope])
	to.SetVersion("1")
	to.Attributes().PutBool("assay.sentinel", true)
}

// Scope numbers the scopes of a service from 0 on: spans of one resource with the same number share a scope.
func (t *Trace) Scope(i int) int { return t.content(&t.Spans[i]).scope }
