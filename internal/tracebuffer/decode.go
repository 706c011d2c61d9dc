package tracebuffer

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// span decodes a body into an empty span whose header fields are set.
func (d *decoder) span(span ptrace.Span) {
	span.SetName(d.str())
	first, rare := d.byte(), uint8(0)
	if first&hasRare != 0 {
		rare = d.byte()
	}
	kind, status := uint32(first&kindMask), uint32(first>>statusShift&statusMask)
	if kind == kindMask {
		kind = uint32(d.uvarint())
	}
	if status == statusMask {
		status = uint32(d.uvarint())
	}
	span.SetKind(ptrace.SpanKind(kind))
	span.Status().SetCode(ptrace.StatusCode(status))
	if first&hasFlags != 0 {
		span.SetFlags(uint32(d.uvarint()))
	}
	if first&hasAttrs != 0 {
		d.attributes(span.Attributes())
	}
	if rare != 0 {
		d.rare(span, rare)
	}
}

func (d *decoder) rare(span ptrace.Span, rare uint8) {
	if rare&rareTraceState != 0 {
		span.TraceState().FromRaw(d.str())
	}
	if rare&rareMessage != 0 {
		span.Status().SetMessage(d.str())
	}
	if rare&rareDroppedAttrs != 0 {
		span.SetDroppedAttributesCount(uint32(d.uvarint()))
	}
	if rare&rareEvents != 0 {
		d.events(span.Events(), uint64(span.StartTimestamp()))
	}
	if rare&rareDroppedEvents != 0 {
		span.SetDroppedEventsCount(uint32(d.uvarint()))
	}
	if rare&rareLinks != 0 {
		d.links(span.Links(), span.TraceID())
	}
	if rare&rareDroppedLinks != 0 {
		span.SetDroppedLinksCount(uint32(d.uvarint()))
	}
}

func (d *decoder) events(events ptrace.SpanEventSlice, start uint64) {
	n := int(d.uvarint())
	events.EnsureCapacity(n)
	for range n {
		ev := events.AppendEmpty()
		start += uint64(unzigzag(d.uvarint()))
		ev.SetTimestamp(pcommon.Timestamp(start))
		ev.SetName(d.str())
		ev.SetDroppedAttributesCount(uint32(d.uvarint()))
		d.attributes(ev.Attributes())
	}
}

func (d *decoder) links(links ptrace.SpanLinkSlice, own pcommon.TraceID) {
	n := int(d.uvarint())
	links.EnsureCapacity(n)
	for range n {
		l := links.AppendEmpty()
		has := d.byte()
		id := own
		if has&linkSameTrace == 0 {
			d.copy(id[:])
		}
		l.SetTraceID(id)
		var sid pcommon.SpanID
		d.copy(sid[:])
		l.SetSpanID(sid)
		if has&linkTraceState != 0 {
			l.TraceState().FromRaw(d.str())
		}
		if has&linkFlags != 0 {
			l.SetFlags(uint32(d.uvarint()))
		}
		if has&linkDropped != 0 {
			l.SetDroppedAttributesCount(uint32(d.uvarint()))
		}
		d.attributes(l.Attributes())
	}
}
