package rehearsal

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Every change of every field of every sort of span is found, and called by the field's name.
func TestEveryChangedFieldIsNamed(t *testing.T) {
	s := setting(t)
	r := rand.New(rand.NewPCG(1, 1))
	start := time.Unix(1_763_726_400, 0)
	var judged []verify.Judgement
	v, err := verify.New(verify.Config{
		Key: s.Stream.Key(), Streams: []*traffic.Stream{s.Stream}, LateAfter: time.Second, LostAfter: time.Hour, MaxTraces: 1 << 20,
		Report: func(j verify.Judgement) { judged = append(judged, j) },
	}, verify.Instant{Wall: start})
	require.NoError(t, err)
	var trace traffic.Trace
	want := map[identity.TraceID]string{}
	now := verify.Instant{Wall: start}
	pass := func() {
		now.Wall, now.Mono = now.Wall.Add(time.Second), now.Mono+time.Second
		v.Advance(now)
	}
	for _, field := range verify.AllFields() { // so that no verdict waits for the first word of a generator
		v.Told(now, &traffic.Manifest{
			Instance: uint16(field), Slot: uint32(start.Unix()), Since: uint32(start.Unix()), Run: 1, Configuration: s.Stream.Fingerprint(),
		})
	}
	for i := range uint32(75) {
		pass()
		for _, field := range verify.AllFields() {
			for sequence := range uint32(2) {
				id := identity.TraceID{Instance: uint16(field), Slot: uint32(start.Unix()) + 1 + i, Sequence: sequence}
				s.Stream.Trace(id, &trace)
				td := ptrace.NewTraces()
				for n := range trace.Spans {
					Write(&trace, n, td)
				}
				at := r.IntN(len(trace.Spans))
				rs := td.ResourceSpans().At(at)
				Mutate(r, field, rs, rs.ScopeSpans().At(0), rs.ScopeSpans().At(0).Spans().At(0))
				v.Observe(now, td)
				want[id] = trace.Spans[at].Operation.Reference()
			}
		}
	}
	for range 5 {
		pass()
	}
	require.Len(t, judged, 75*2*len(verify.AllFields()))
	for _, j := range judged {
		field := verify.Field(j.Trace.Instance)
		assert.Equal(t, verify.Corrupt, j.Verdict, field)
		assert.Equal(t, verify.Fields(1<<field), j.Fields, "%v: %s", field, j.Detail)
		assert.Contains(t, j.Detail, field.String())
		assert.Contains(t, j.Detail, want[j.Trace])
	}
}
