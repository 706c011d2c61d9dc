package generator

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

const secret = "an entirely public secret"

func newStream(t testing.TB, change func(*traffic.Config)) *traffic.Stream {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	top, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	c := traffic.Config{Name: "ambient", Topology: top, Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01}
	if change != nil {
		change(&c)
	}
	s, err := traffic.NewStream(key, c)
	require.NoError(t, err)
	return s
}

// bench is a generator between a test and a pipeline of its making. It belongs into a synctest bubble.
type bench struct {
	*Generator
	stream *traffic.Stream

	mu        sync.Mutex
	arrived   map[identity.TraceID]map[uint32]ptrace.Span // accepted spans by index
	doubled   int                                         // accepted more than once
	order     []time.Time                                 // of the batches that were accepted
	manifests []*traffic.Manifest                         // that were accepted
	told      []*traffic.Manifest
	begun     int
	ended     map[bool]int // spans, by whether they were accepted
}

// started makes a bench. answer says what the pipeline answers to a batch that is no manifest's; nil takes everything.
func started(t *testing.T, answer func(*bench, context.Context, ptrace.Traces) error, change func(*Config, *traffic.Config)) *bench {
	t.Helper()
	config := Config{Instance: 7, Run: 42, Retry: DefaultRetry()}
	b := &bench{arrived: map[identity.TraceID]map[uint32]ptrace.Span{}, ended: map[bool]int{}}
	b.stream = newStream(t, func(c *traffic.Config) {
		if change != nil {
			change(&config, c)
		}
	})
	config.Streams, config.Observer = []*traffic.Stream{b.stream}, b
	config.Send = func(ctx context.Context, td ptrace.Traces) error {
		if manifest := b.manifest(t, td); manifest != nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.manifests = append(b.manifests, manifest)
			return nil
		}
		kept := ptrace.NewTraces()
		td.CopyTo(kept)
		if answer != nil {
			if err := answer(b, ctx, td); err != nil {
				return err
			}
		}
		b.take(t, kept)
		return nil
	}
	b.Generator = New(config)
	b.Start()
	return b
}

func (b *bench) manifest(t *testing.T, td ptrace.Traces) *traffic.Manifest {
	span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	id, ours := b.stream.Key().Open(span.TraceID())
	require.True(t, ours)
	if !traffic.IsManifest(id) {
		return nil
	}
	require.Equal(t, 1, td.SpanCount())
	m, err := traffic.ReadManifest(b.stream.Key(), id, span)
	require.NoError(t, err)
	return m
}

func (b *bench) take(t *testing.T, td ptrace.Traces) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.order = append(b.order, time.Now())
	eachSpan(td, func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		id, ours := b.stream.Key().Open(span.TraceID())
		require.True(t, ours)
		index, ours := b.stream.Key().OpenSpan(id, span.SpanID())
		require.True(t, ours)
		if b.arrived[id] == nil {
			b.arrived[id] = map[uint32]ptrace.Span{}
		}
		if _, ok := b.arrived[id][index]; ok {
			b.doubled++
		}
		b.arrived[id][index] = span
	})
}

func eachSpan(td ptrace.Traces, do func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span)) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				do(rs, ss, span)
			}
		}
	}
}

// Begin implements Observer.
func (b *bench) Begin(ctx context.Context) context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun++
	return ctx
}

// End implements Observer.
func (b *bench) End(_ context.Context, _ *traffic.Stream, spans int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended[err == nil] += spans
	b.begun--
}

// Told implements Observer.
func (b *bench) Told(_ *traffic.Stream, m *traffic.Manifest) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, m)
}

// stop shuts down and checks what must hold in any case.
func (b *bench) stop(t *testing.T) Counts {
	t.Helper()
	require.NoError(t, b.Shutdown(t.Context()))
	c := b.Counts(0)
	require.Equal(t, c.Attempted, c.Accepted+c.Refused, "%+v", c)
	require.Zero(t, b.begun, "each Begin has an End")
	require.Equal(t, int(c.SpansAccepted), b.ended[true]-len(b.manifests))
	// The last reports of all slots add up to the counts, and no slot is told twice with different numbers once it is settled.
	last := map[uint32]traffic.SlotReport{}
	for _, m := range b.told {
		for _, r := range m.Slots {
			require.Equal(t, r.Attempted, r.Accepted+r.Refused+r.Open)
			if before, ok := last[r.Slot]; ok && before.Open == 0 {
				require.Equal(t, before, r)
			}
			last[r.Slot] = r
		}
	}
	var sum Counts
	for _, r := range last {
		require.Zero(t, r.Open)
		sum.Attempted += uint64(r.Attempted)
		sum.Accepted += uint64(r.Accepted)
		sum.Refused += uint64(r.Refused)
		sum.Skipped += uint64(b.stream.Count(r.Slot) - r.Attempted)
	}
	require.Equal(t, Counts{Attempted: c.Attempted, Accepted: c.Accepted, Refused: c.Refused, Skipped: c.Skipped}, sum)
	return c
}

// whole requires that an arrived trace is exactly what is planned, field for field.
func (b *bench) whole(t *testing.T, id identity.TraceID) {
	t.Helper()
	var plan traffic.Trace
	b.stream.Trace(id, &plan)
	require.Len(t, b.arrived[id], len(plan.Spans))
	for i := range plan.Spans {
		want := ptrace.NewSpan()
		plan.FillSpan(i, want)
		require.Equal(t, want.Attributes().AsRaw(), b.arrived[id][uint32(i)].Attributes().AsRaw())
		require.Equal(t, spanBytes(t, want), spanBytes(t, b.arrived[id][uint32(i)]))
	}
}

func spanBytes(t *testing.T, span ptrace.Span) []byte {
	td := ptrace.NewTraces()
	span.CopyTo(td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	bytes, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return bytes
}

// wait lets the bubble's time go by.
func wait(d time.Duration) { <-time.After(d) }

// spoil changes everything that a consumer with MutatesData may change.
func spoil(td ptrace.Traces) {
	eachSpan(td, func(rs ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) {
		rs.Resource().Attributes().Clear()
		span.SetTraceID(pcommon.TraceID{1})
		span.Attributes().PutStr("spoilt", "yes")
	})
}
