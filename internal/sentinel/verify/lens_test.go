package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// everything is a topology in which each span has an attribute of every type, an event, a link and a failure.
const everything = `
services:
  - name: sender
    operations:
      - {name: send, kind: server, latency: {median: 1ms}, calls: [{to: receiver/receive}]}
  - name: receiver
    version: "1"
    attributes: {list: [a, 1], bytes: !!binary AAECAw==}
    operations:
      - name: receive
        kind: consumer
        latency: {median: 1234567ns}
        errors: {share: 1, type: broken, message: it broke}
        attributes: {text: x, integer: 7, number: 0.5, truth: true, bytes: !!binary AAECAw==, list: [1, x], map: {a: {b: [2]}}, empty: []}
        events: [{name: seen, attributes: {map: {a: 1}}}]
entries: [{operation: sender/send}]
`

// shown is the consumer's span of a trace of everything, with something done to it, and what is wrong with it through a lens.
func shown(t *testing.T, lens backend.Lens, do func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span)) difference {
	t.Helper()
	top, err := topology.Parse("everything", []byte(everything))
	require.NoError(t, err)
	s := newStream(t, func(c *traffic.Config) { c.Topology = top })
	b := newBench(t, func(c *Config) { c.Streams = []*traffic.Stream{s} })
	// A trace with a link, a dropped count within it, and one of the span's own.
	for sequence := range uint32(10) {
		for slot := uint32(noon); slot < noon+100; slot++ {
			trace := b.planned(slot, sequence)
			for i := range trace.Spans {
				td := ptrace.NewTraces()
				span := write(trace, i, td)
				if span.Links().Len() == 0 || span.Links().At(0).DroppedAttributesCount() == 0 || span.DroppedEventsCount() == 0 {
					continue
				}
				rs := td.ResourceSpans().At(0)
				ss := rs.ScopeSpans().At(0)
				do(rs, ss, ss.Spans().At(0))
				c := comparison{lens: lens}
				return c.compare(trace, i, arrival{rs, ss, ss.Spans().At(0)})
			}
		}
	}
	t.Fatal("no span has everything")
	return difference{}
}

// What a lens says is lost may be gone, and must not be another. Without the lens it must not be gone either.
func TestLensForgivesOnlyLoss(t *testing.T) {
	type doing = func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span)
	for name, c := range map[string]struct {
		lens          backend.Lens
		gone, another doing
		field         Field
	}{
		"flags": {
			backend.Lens{Flags: true},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) { s.SetFlags(0) },
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) { s.SetFlags(1) }, Flags,
		},
		"flags of links": {
			backend.Lens{Flags: true},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) { s.Links().At(0).SetFlags(0) },
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) { s.Links().At(0).SetFlags(1) }, Links,
		},
		"schema of the resource": {
			backend.Lens{SchemaURL: true},
			func(rs ptrace.ResourceSpans, _ ptrace.ScopeSpans, _ ptrace.Span) { rs.SetSchemaUrl("") },
			func(rs ptrace.ResourceSpans, _ ptrace.ScopeSpans, _ ptrace.Span) { rs.SetSchemaUrl("x") }, ResourceSchemaURL,
		},
		"schema of the scope": {
			backend.Lens{SchemaURL: true},
			func(_ ptrace.ResourceSpans, ss ptrace.ScopeSpans, _ ptrace.Span) { ss.SetSchemaUrl("") },
			func(_ ptrace.ResourceSpans, ss ptrace.ScopeSpans, _ ptrace.Span) { ss.SetSchemaUrl("x") }, ScopeSchemaURL,
		},
		"dropped counts": {
			backend.Lens{Dropped: true},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) { s.SetDroppedEventsCount(0) },
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) { s.SetDroppedEventsCount(9) }, DroppedEvents,
		},
		"scope attributes": {
			backend.Lens{ScopeAttrs: true},
			func(_ ptrace.ResourceSpans, ss ptrace.ScopeSpans, _ ptrace.Span) { ss.Scope().Attributes().Clear() },
			func(_ ptrace.ResourceSpans, ss ptrace.ScopeSpans, _ ptrace.Span) {
				ss.Scope().Attributes().PutBool("assay.sentinel", false)
			}, ScopeAttributes,
		},
		"content of links": {
			backend.Lens{LinkContent: true, Marks: []string{"kind"}},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				l := s.Links().At(0)
				l.Attributes().Clear()
				l.Attributes().PutStr("kind", "follows")
				l.TraceState().FromRaw("")
				l.SetDroppedAttributesCount(0)
				l.SetFlags(0)
			},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.Links().At(0).Attributes().PutInt("messaging.batch.message_count", 2)
			}, Links,
		},
		"trace state of links": {
			backend.Lens{LinkContent: true},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.Links().At(0).TraceState().FromRaw("")
			},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.Links().At(0).TraceState().FromRaw("a=b")
			}, Links,
		},
		"bytes": {
			backend.Lens{BytesValues: true},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) { s.Attributes().PutEmpty("bytes") },
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.Attributes().PutEmptyBytes("bytes")
			}, Attributes,
		},
		"values as text": {
			backend.Lens{TextValues: true},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.Attributes().PutStr("list", `[1,"x"]`)
				s.Attributes().PutStr("map", `{"a":{"b":[2]}}`)
				s.Attributes().PutStr("empty", "[]")
				s.Attributes().PutStr("bytes", "AAECAw==")
			},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.Attributes().PutStr("list", `[1,"y"]`)
			}, Attributes,
		},
		"marks": {
			backend.Lens{Marks: []string{"mark"}},
			func(rs ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				rs.Resource().Attributes().PutStr("mark", "1")
				s.Attributes().PutStr("mark", "2")
			},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.Attributes().PutStr("mark too", "2")
			}, Attributes,
		},
		"resolution": {
			backend.Lens{Resolution: time.Microsecond},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.SetEndTimestamp(s.EndTimestamp() - 999)
			},
			func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) {
				s.SetEndTimestamp(s.EndTimestamp() - 2000)
			}, EndTime,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := shown(t, c.lens, c.gone)
			assert.Zero(t, d.fields, d.detail)
			d = shown(t, c.lens, c.another)
			assert.Equal(t, Fields(1<<c.field), d.fields, d.detail)
			d = shown(t, backend.Lens{}, c.gone)
			assert.True(t, d.fields.Has(c.field), "without the lens: %s", d.detail)
		})
	}
}
