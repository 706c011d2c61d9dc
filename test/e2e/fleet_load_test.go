package e2e

import (
	"bytes"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// fleetLoad makes traces of six spans in three services. The root is the first service's; each service has an agent of its own, so that a
// trace comes to its gateway in pieces, over three ways.
type fleetLoad struct {
	agents []string         // addresses, by service
	sent   map[spanKey]bool // whether it may come to a gateway only once
	roots  map[spanKey]bool // those of sent that are roots
}

// spanKey names a span.
type spanKey struct {
	trace pcommon.TraceID
	span  pcommon.SpanID
}

const spansOfFleetTrace = 6

func newFleetLoad(agents ...string) *fleetLoad {
	return &fleetLoad{
		agents: agents, sent: map[spanKey]bool{}, roots: map[spanKey]bool{},
	}
}

// begin makes fresh ids of traces.
func (l *fleetLoad) begin(n int) []pcommon.TraceID {
	ids := make([]pcommon.TraceID, n)
	for i := range ids {
		_, _ = rand.Read(ids[i][:]) // never fails
	}
	return ids
}

// The halves of a trace: each has a span whose parent is in the other half, or the root.
var (
	firstHalf  = []int{2, 3, 4} // children of 1
	secondHalf = []int{5, 1, 0} // 5 is a child of 2
	wholeTrace = []int{2, 3, 4, 5, 1, 0}
	parents    = [spansOfFleetTrace]int{-1, 0, 1, 1, 1, 2}
	serviceOf  = [spansOfFleetTrace]int{0, 1, 1, 2, 2, 2}
)

// send posts some spans of the traces in requests of 50 traces, the root's service last. once says that they may come to a
// gateway only once.
func (l *fleetLoad) send(t *testing.T, ids []pcommon.TraceID, spans []int, once bool) {
	t.Helper()
	for len(ids) > 0 {
		some := ids[:min(50, len(ids))]
		ids = ids[len(some):]
		for service := len(l.agents) - 1; service >= 0; service-- {
			td := ptrace.NewTraces()
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", string(rune('a'+service)))
			ss := rs.ScopeSpans().AppendEmpty()
			for _, id := range some {
				for _, n := range spans {
					if serviceOf[n] == service {
						l.span(ss.Spans().AppendEmpty(), id, n, once)
					}
				}
			}
			if td.SpanCount() > 0 {
				text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
				require.NoError(t, err)
				post(t, l.agents[service], [][]byte{text})
			}
		}
	}
}

func (l *fleetLoad) span(s ptrace.Span, trace pcommon.TraceID, n int, once bool) {
	s.SetTraceID(trace)
	s.SetSpanID(fleetSpanID(trace, n))
	if parents[n] >= 0 {
		s.SetParentSpanID(fleetSpanID(trace, parents[n]))
	}
	s.SetName("operation " + string(rune('a'+n)))
	s.SetKind(ptrace.SpanKindServer)
	now := time.Now()
	slow := time.Duration(trace[1]) * 50 * time.Microsecond
	if trace[1] == 255 {
		slow = time.Second
	}
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-slow - time.Duration(spansOfFleetTrace-n)*time.Millisecond)))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
	if trace[2] == 0 && n == 0 {
		s.Status().SetCode(ptrace.StatusCodeError)
	}
	key := spanKey{trace, s.SpanID()}
	l.sent[key] = once
	if n == 0 {
		l.roots[key] = true
	}
}

// fleetSpanID is the id of the nth span of a trace, which is never zero.
func fleetSpanID(trace pcommon.TraceID, n int) pcommon.SpanID {
	id := pcommon.SpanID(trace[:8])
	id[0], id[7] = byte(n+1), trace[7]
	return id
}

// spanFile reads what a file exporter writes, as far as it has got.
type spanFile struct {
	path   string
	offset int64
	times  map[spanKey]int
	spans  []fileSpan
}

// fileSpan is one of its spans.
type fileSpan struct {
	spanKey
	parent     pcommon.SpanID
	weight     float64 // 1/p by its threshold; 1 without
	randomness string  // rv
	below      bool    // its randomness is below its threshold
}

func newSpanFile(path string) *spanFile { return &spanFile{path: path, times: map[spanKey]int{}} }

// read adds the lines that are complete by now.
func (f *spanFile) read(t *testing.T) {
	t.Helper()
	file, err := os.Open(f.path)
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	info, err := file.Stat()
	require.NoError(t, err)
	text := make([]byte, info.Size()-f.offset)
	n, err := file.ReadAt(text, f.offset)
	if n < len(text) {
		require.NoError(t, err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	f.offset += int64(len(text))
	for line := range bytes.Lines(text) {
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		eachSpan(td, func(s ptrace.Span) { f.add(t, s) })
	}
}

func (f *spanFile) add(t *testing.T, s ptrace.Span) {
	t.Helper()
	span := fileSpan{spanKey: spanKey{s.TraceID(), s.SpanID()}, parent: s.ParentSpanID(), weight: 1}
	state, err := sampling.NewW3CTraceState(s.TraceState().AsRaw())
	require.NoError(t, err)
	if threshold, ok := state.OTelValue().TValueThreshold(); ok {
		span.weight = threshold.AdjustedCount()
		if randomness, ok := state.OTelValue().RValueRandomness(); ok {
			span.below = !threshold.ShouldSample(randomness)
		}
	}
	span.randomness = state.OTelValue().RValue()
	f.times[span.spanKey]++
	f.spans = append(f.spans, span)
}
