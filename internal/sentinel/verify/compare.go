package verify

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// arrival is a span with what it belongs to.
type arrival struct {
	resource ptrace.ResourceSpans
	scope    ptrace.ScopeSpans
	span     ptrace.Span
}

// difference is what is not as it was sent.
type difference struct {
	fields Fields
	detail string // of the first one
}

func (d *difference) add(f Field, format string, args ...any) {
	if d.fields == 0 {
		const most = 300
		d.detail = fmt.Sprintf("%s: %s", f, fmt.Sprintf(format, args...))
		if len(d.detail) > most {
			d.detail = d.detail[:most] + "..."
		}
	}
	d.fields.add(f)
}

// is adds a field whose values are not equal.
func is[T comparable](d *difference, f Field, want, got T) {
	if want != got {
		d.add(f, "must be %.80q, got %.80q", fmt.Sprint(want), fmt.Sprint(got))
	}
}

// kept adds a field whose values are not equal, unless it may be lost and is gone.
func kept[T comparable](d *difference, f Field, loses bool, want, got T) {
	var none T
	if !loses || got != none {
		is(d, f, want, got)
	}
}

// within is kept for a part of a field.
func within[T comparable](d *difference, f Field, at, part string, loses bool, want, got T) {
	var none T
	if want != got && (!loses || got != none) {
		d.add(f, "%s%s must be %.80q, got %.80q", at, part, fmt.Sprint(want), fmt.Sprint(got))
	}
}

// comparison is how spans are compared: what is declared to change them on the way.
type comparison struct {
	lens    backend.Lens
	sampler Sampler // or nil
}

// compare compares span i of a trace with what has arrived, field by field. The ids agree: span ids where they are not
// part of the question are compared by the caller.
func (c *comparison) compare(t *traffic.Trace, i int, got arrival) difference {
	want := arrival{ptrace.NewResourceSpans(), ptrace.NewScopeSpans(), ptrace.NewSpan()}
	t.FillResource(i, want.resource.Resource())
	t.FillScope(i, want.scope.Scope())
	t.FillSpan(i, want.span)
	var d difference
	c.origin(&d, want, got)
	w, g := want.span, got.span
	is(&d, ParentSpanID, w.ParentSpanID(), g.ParentSpanID())
	c.traceState(&d, t.Sealed, w.TraceState().AsRaw(), g.TraceState().AsRaw())
	kept(&d, Flags, c.lens.Flags, w.Flags(), g.Flags())
	is(&d, Name, w.Name(), g.Name())
	is(&d, Kind, w.Kind(), g.Kind())
	c.stamp(&d, StartTime, w.StartTimestamp(), g.StartTimestamp())
	c.stamp(&d, EndTime, w.EndTimestamp(), g.EndTimestamp())
	c.attributes(&d, Attributes, "", w.Attributes(), g.Attributes())
	kept(&d, DroppedAttributes, c.lens.Dropped, w.DroppedAttributesCount(), g.DroppedAttributesCount())
	c.events(&d, w.Events(), g.Events())
	kept(&d, DroppedEvents, c.lens.Dropped, w.DroppedEventsCount(), g.DroppedEventsCount())
	c.links(&d, w.Links(), g.Links())
	kept(&d, DroppedLinks, c.lens.Dropped, w.DroppedLinksCount(), g.DroppedLinksCount())
	is(&d, StatusCode, w.Status().Code(), g.Status().Code())
	is(&d, StatusMessage, w.Status().Message(), g.Status().Message())
	return d
}

// origin compares resource and scope.
func (c *comparison) origin(d *difference, want, got arrival) {
	c.attributes(d, ResourceAttributes, "", want.resource.Resource().Attributes(), got.resource.Resource().Attributes())
	is(d, ResourceDroppedAttributes, 0, got.resource.Resource().DroppedAttributesCount())
	w, g := want.scope.Scope(), got.scope.Scope()
	is(d, ScopeName, w.Name(), g.Name())
	is(d, ScopeVersion, w.Version(), g.Version())
	if !c.lens.ScopeAttrs || g.Attributes().Len() > 0 {
		c.attributes(d, ScopeAttributes, "", w.Attributes(), g.Attributes())
	}
	is(d, ScopeDroppedAttributes, 0, g.DroppedAttributesCount())
	kept(d, ResourceSchemaURL, c.lens.SchemaURL, traffic.SchemaURL, got.resource.SchemaUrl())
	kept(d, ScopeSchemaURL, c.lens.SchemaURL, traffic.SchemaURL, got.scope.SchemaUrl())
}

// stamp compares times. Behind a coarser clock both ends of what is measured may be cut: the sum is off by two units at most.
func (c *comparison) stamp(d *difference, f Field, want, got pcommon.Timestamp) {
	off := want.AsTime().Sub(got.AsTime()).Abs()
	if off > 0 && (c.lens.Resolution <= time.Nanosecond || off >= 2*c.lens.Resolution) {
		d.add(f, "must be %s, got %s", want.AsTime().Format(time.RFC3339Nano), got.AsTime().Format(time.RFC3339Nano))
	}
}

func (c *comparison) traceState(d *difference, id pcommon.TraceID, want, got string) {
	if c.sampler == nil {
		is(d, TraceState, want, got)
		return
	}
	if problem := checkTraceState(c.sampler, id, want, got); problem != "" {
		d.add(TraceState, "%s, got %.80q", problem, got)
	}
}

func (c *comparison) events(d *difference, want, got ptrace.SpanEventSlice) {
	if want.Len() != got.Len() {
		d.add(Events, "must be %d, got %d", want.Len(), got.Len())
		return
	}
	for i := range want.Len() {
		w, g, at := want.At(i), got.At(i), fmt.Sprintf("%d::", i)
		within(d, Events, at, "name", false, w.Name(), g.Name())
		within(d, Events, at, "dropped_attributes_count", c.lens.Dropped, w.DroppedAttributesCount(), g.DroppedAttributesCount())
		c.stamp(d, Events, w.Timestamp(), g.Timestamp())
		c.attributes(d, Events, at, w.Attributes(), g.Attributes())
	}
}

func (c *comparison) links(d *difference, want, got ptrace.SpanLinkSlice) {
	if want.Len() != got.Len() {
		d.add(Links, "must be %d, got %d", want.Len(), got.Len())
		return
	}
	for i := range want.Len() {
		w, g, at := want.At(i), got.At(i), fmt.Sprintf("%d::", i)
		if w.TraceID() != g.TraceID() || w.SpanID() != g.SpanID() {
			d.add(Links, "%sids must be %s %s, got %s %s", at, w.TraceID(), w.SpanID(), g.TraceID(), g.SpanID())
		}
		loses := c.lens.LinkContent
		within(d, Links, at, "trace_state", loses, w.TraceState().AsRaw(), g.TraceState().AsRaw())
		within(d, Links, at, "flags", loses || c.lens.Flags, w.Flags(), g.Flags())
		within(d, Links, at, "dropped_attributes_count", loses || c.lens.Dropped, w.DroppedAttributesCount(), g.DroppedAttributesCount())
		if !loses || !c.bare(g.Attributes()) {
			c.attributes(d, Links, at, w.Attributes(), g.Attributes())
		}
	}
}
