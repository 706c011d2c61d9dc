package tracebuffer

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A body starts with a byte that holds kind and status code where they are known to OTLP, and then what else there is:
//
//	bits 0..2 kind (7: a varint follows) | 3..4 status code (3: a varint follows) | 5 flags | 6 attributes | 7 a second byte
//
// The second byte says which of the rarer fields follow, in this order.
const (
	kindMask    = 7
	statusShift = 3
	statusMask  = 3
	hasFlags    = 1 << 5
	hasAttrs    = 1 << 6
	hasRare     = 1 << 7

	rareTraceState    = 1 << 0
	rareMessage       = 1 << 1
	rareDroppedAttrs  = 1 << 2
	rareEvents        = 1 << 3
	rareDroppedEvents = 1 << 4
	rareLinks         = 1 << 5
	rareDroppedLinks  = 1 << 6
)

// span encodes all of a span but what the header holds.
func (e *encoder) span(span ptrace.Span) {
	name := e.str(span.Name())
	kind, status := uint32(span.Kind()), uint32(span.Status().Code())
	first := uint8(min(kind, kindMask) | min(status, statusMask)<<statusShift)
	attributes := span.Attributes()
	if span.Flags() != 0 {
		first |= hasFlags
	}
	if attributes.Len() > 0 {
		first |= hasAttrs
	}
	rare := rareFields(span)
	if rare != 0 {
		first |= hasRare
	}
	e.buf = append(e.buf, first)
	if rare != 0 {
		e.buf = append(e.buf, rare)
	}
	if kind >= kindMask {
		e.uvarint(uint64(kind))
	}
	if status >= statusMask {
		e.uvarint(uint64(status))
	}
	if flags := span.Flags(); flags != 0 {
		e.uvarint(uint64(flags))
	}
	if first&hasAttrs != 0 {
		e.attributes(attributes, name)
	}
	if rare != 0 {
		e.rare(span, rare)
	}
}

func rareFields(span ptrace.Span) (rare uint8) {
	if span.TraceState().AsRaw() != "" {
		rare |= rareTraceState
	}
	if span.Status().Message() != "" {
		rare |= rareMessage
	}
	if span.DroppedAttributesCount() != 0 {
		rare |= rareDroppedAttrs
	}
	if span.Events().Len() > 0 {
		rare |= rareEvents
	}
	if span.DroppedEventsCount() != 0 {
		rare |= rareDroppedEvents
	}
	if span.Links().Len() > 0 {
		rare |= rareLinks
	}
	if span.DroppedLinksCount() != 0 {
		rare |= rareDroppedLinks
	}
	return rare
}

func (e *encoder) rare(span ptrace.Span, rare uint8) {
	if rare&rareTraceState != 0 {
		e.str(span.TraceState().AsRaw())
	}
	if rare&rareMessage != 0 {
		e.str(span.Status().Message())
	}
	if rare&rareDroppedAttrs != 0 {
		e.uvarint(uint64(span.DroppedAttributesCount()))
	}
	if rare&rareEvents != 0 {
		e.events(span.Events(), uint64(span.StartTimestamp()))
	}
	if rare&rareDroppedEvents != 0 {
		e.uvarint(uint64(span.DroppedEventsCount()))
	}
	if rare&rareLinks != 0 {
		e.links(span.Links(), span.TraceID())
	}
	if rare&rareDroppedLinks != 0 {
		e.uvarint(uint64(span.DroppedLinksCount()))
	}
}

// events writes times relative to the event before, the first one to the span's start.
func (e *encoder) events(events ptrace.SpanEventSlice, start uint64) {
	e.uvarint(uint64(events.Len()))
	for _, ev := range events.All() {
		at := uint64(ev.Timestamp())
		e.uvarint(zigzag(int64(at - start)))
		start = at
		name := e.str(ev.Name())
		e.uvarint(uint64(ev.DroppedAttributesCount()))
		e.attributes(ev.Attributes(), name)
	}
}

const (
	linkSameTrace = 1 << iota
	linkTraceState
	linkFlags
	linkDropped
)

func (e *encoder) links(links ptrace.SpanLinkSlice, own pcommon.TraceID) {
	e.uvarint(uint64(links.Len()))
	for _, l := range links.All() {
		var has uint8
		id, sid := l.TraceID(), l.SpanID()
		if id == own {
			has |= linkSameTrace
		}
		if l.TraceState().AsRaw() != "" {
			has |= linkTraceState
		}
		if l.Flags() != 0 {
			has |= linkFlags
		}
		if l.DroppedAttributesCount() != 0 {
			has |= linkDropped
		}
		e.buf = append(e.buf, has)
		if has&linkSameTrace == 0 {
			e.buf = append(e.buf, id[:]...)
		}
		e.buf = append(e.buf, sid[:]...)
		if has&linkTraceState != 0 {
			e.str(l.TraceState().AsRaw())
		}
		if has&linkFlags != 0 {
			e.uvarint(uint64(l.Flags()))
		}
		if has&linkDropped != 0 {
			e.uvarint(uint64(l.DroppedAttributesCount()))
		}
		e.attributes(l.Attributes(), 0)
	}
}
