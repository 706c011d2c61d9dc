package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

const (
	secret   = "an entirely public secret"
	noon     = 1_763_726_400 // a slot
	instance = 7
)

func newStream(t testing.TB, change func(*traffic.Config)) *traffic.Stream {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	top, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	c := traffic.Config{Name: "ambient", Topology: top, Rate: 10, Batches: 6}
	if change != nil {
		change(&c)
	}
	s, err := traffic.NewStream(key, c)
	require.NoError(t, err)
	return s
}

// bench is a verifier whose time stands still but for the test. It starts in the slot before noon.
type bench struct {
	*Verifier
	t          testing.TB
	stream     *traffic.Stream
	mono       time.Duration
	step       time.Duration // of the wall clock
	judgements []Judgement
	plan       traffic.Trace
}

func newBench(t testing.TB, change func(*Config)) *bench {
	b := &bench{t: t, stream: newStream(t, nil)}
	c := Config{
		Streams: []*traffic.Stream{b.stream}, LateAfter: 5 * time.Second, LostAfter: 15 * time.Second, MaxTraces: 10_000,
		Report: func(j Judgement) { b.judgements = append(b.judgements, j) },
	}
	if change != nil {
		change(&c)
	}
	b.stream = c.Streams[0]
	c.Key = b.stream.Key()
	require.NoError(t, c.Validate())
	var err error
	b.Verifier, err = New(c, b.now())
	require.NoError(t, err)
	return b
}

func (b *bench) now() Instant {
	return Instant{Wall: time.Unix(noon-1, 0).Add(b.mono + b.step), Mono: b.mono}
}

// pass lets time pass, with a look at the clock every half a second.
func (b *bench) pass(d time.Duration) {
	for end := b.mono + d; b.mono < end; {
		b.mono = min(end, b.mono+time.Second/2)
		b.Advance(b.now())
	}
}

func (b *bench) id(slot, sequence uint32) identity.TraceID {
	return identity.TraceID{Instance: instance, Stream: b.stream.Config().Number, Slot: slot, Sequence: sequence}
}

// planned is the plan of a trace.
func (b *bench) planned(slot, sequence uint32) *traffic.Trace {
	b.stream.Trace(b.id(slot, sequence), &b.plan)
	return &b.plan
}

// write appends span i of a trace.
func write(t *traffic.Trace, i int, to ptrace.Traces) ptrace.Span {
	rs := to.ResourceSpans().AppendEmpty()
	rs.SetSchemaUrl(traffic.SchemaURL)
	t.FillResource(i, rs.Resource())
	ss := rs.ScopeSpans().AppendEmpty()
	ss.SetSchemaUrl(traffic.SchemaURL)
	t.FillScope(i, ss.Scope())
	span := ss.Spans().AppendEmpty()
	t.FillSpan(i, span)
	return span
}

func rendered(t *traffic.Trace) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range t.Spans {
		write(t, i, td)
	}
	return td
}

// arrive lets whole traces of a slot arrive.
func (b *bench) arrive(slot uint32, sequences ...uint32) {
	for _, n := range sequences {
		b.Observe(b.now(), rendered(b.planned(slot, n)))
	}
}

// tell lets a manifest of a slot arrive, which says that all traces of the slots were accepted, but for the exceptions.
func (b *bench) tell(direct bool, run uint64, slot uint32, reports ...traffic.SlotReport) {
	m := &traffic.Manifest{
		Instance: instance, Slot: slot, Run: run, Since: noon, Configuration: b.stream.Fingerprint(), Slots: reports,
	}
	if direct {
		b.Told(b.now(), m)
		return
	}
	td := ptrace.NewTraces()
	m.Append(b.stream.Key(), td)
	b.Observe(b.now(), td)
}

// report says that all traces of a slot were accepted at once, but for the exceptions.
func (b *bench) report(slot uint32, exceptions ...traffic.Exception) traffic.SlotReport {
	r := traffic.SlotReport{Slot: slot, Exceptions: exceptions}
	for n := range b.stream.Count(slot) {
		switch state, _ := r.State(n); state {
		case traffic.Skipped:
			continue
		case traffic.Refused:
			r.Refused++
		case traffic.InFlight:
			r.Open++
		default:
			r.Accepted++
		}
		r.Attempted++
	}
	return r
}

// verdicts returns the latest verdict of each trace of a slot.
func (b *bench) verdicts(slot uint32) []Verdict {
	all := make([]Verdict, b.stream.Count(slot))
	for _, j := range b.judgements {
		if j.Trace.Instance == instance && j.Trace.Slot == slot && j.Trace.Sequence < uint32(len(all)) {
			all[j.Trace.Sequence] = j.Verdict
		}
	}
	return all
}

// of returns the last judgement of a trace.
func (b *bench) of(slot, sequence uint32) Judgement {
	var last Judgement
	for _, j := range b.judgements {
		if j.Trace == b.id(slot, sequence) {
			last = j
		}
	}
	return last
}

func some(v Verdict, n int) []Verdict {
	all := make([]Verdict, n)
	for i := range all {
		all[i] = v
	}
	return all
}

func upTo(n uint32) []uint32 {
	var all []uint32
	for i := range n {
		all = append(all, i)
	}
	return all
}
