package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

func TestWhatOnlyLooksLikeOurs(t *testing.T) {
	other, err := identity.NewKey("another secret, as long as it must be")
	require.NoError(t, err)
	mimic := func(change func(*traffic.Trace, ptrace.Span)) func(*bench) {
		return func(b *bench) {
			plan := b.planned(noon, 0)
			td := ptrace.NewTraces()
			change(plan, write(plan, 0, td))
			b.Observe(b.now(), td)
		}
	}
	for name, one := range map[string]struct {
		send    func(*bench)
		verdict Verdict // that is told at once
		foreign uint64
	}{
		"copied trace id":    {send: mimic(func(_ *traffic.Trace, s ptrace.Span) { s.SetSpanID(pcommon.SpanID{1, 2, 3}); s.SetName("GET /") }), foreign: 1},
		"span id of another": {send: mimic(func(_ *traffic.Trace, s ptrace.Span) { s.SetTraceID(pcommon.TraceID{9}) })},
		"another key": {send: mimic(func(t *traffic.Trace, s ptrace.Span) {
			s.SetTraceID(other.Seal(t.ID))
			s.SetSpanID(other.SealSpan(t.ID, 0))
		})},
		"no such span":             {send: mimic(func(t *traffic.Trace, s ptrace.Span) { s.SetSpanID(ourKey().SealSpan(t.ID, 9999)) }), verdict: Unexpected},
		"no such trace":            {send: sealed(func(id *identity.TraceID) { id.Sequence = 10 }), verdict: Unexpected},
		"no such stream":           {send: sealed(func(id *identity.TraceID) { id.Stream = 200 }), verdict: Unexpected},
		"future":                   {send: sealed(func(id *identity.TraceID) { id.Slot += 60 }), verdict: Unexpected},
		"manifest with a new text": {send: forged, verdict: Corrupt},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.pass(2 * time.Second)
			b.tell(false, 1, noon, b.report(noon)) // else what is unexpected has to wait for it
			one.send(b)
			if one.verdict == None {
				assert.Empty(t, b.judgements)
			} else {
				require.Len(t, b.judgements, 1)
				assert.Equal(t, one.verdict, b.judgements[0].Verdict)
				assert.NotEmpty(t, b.judgements[0].Detail)
			}
			assert.Equal(t, one.foreign, b.State().Foreign)
			b.pass(20 * time.Second)
			assert.NotContains(t, b.verdicts(noon), Delivered)
		})
	}
}

func ourKey() *identity.Key {
	key, err := identity.NewKey(secret)
	if err != nil {
		panic(err)
	}
	return key
}

func sealed(change func(*identity.TraceID)) func(*bench) {
	return func(b *bench) {
		id := b.id(noon, 0)
		change(&id)
		td := ptrace.NewTraces()
		span := write(b.planned(noon, 0), 0, td)
		span.SetTraceID(b.stream.Key().Seal(id))
		span.SetSpanID(b.stream.Key().SealSpan(id, 0))
		b.Observe(b.now(), td)
	}
}

func forged(b *bench) {
	m := &traffic.Manifest{Instance: instance, Slot: noon, Run: 1, Since: noon, Configuration: b.stream.Fingerprint(), Slots: []traffic.SlotReport{b.report(noon)}}
	td := ptrace.NewTraces()
	m.Append(b.stream.Key(), td)
	a, _ := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().Get(traffic.ManifestName)
	a.SetStr(a.Str() + " ")
	b.Observe(b.now(), td)
}
