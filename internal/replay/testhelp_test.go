package replay

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const recorded = "../../testdata/traces"

// spec is a span in a few words.
type spec struct {
	trace, span byte
	start, end  time.Duration // since the epoch of the recording
}

// recordingStart is when the recordings of these tests begin.
var recordingStart = time.Unix(1_700_000_000, 0)

func at(d time.Duration) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(recordingStart.Add(d))
}

func traces(specs ...spec) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	for _, s := range specs {
		span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID(pcommon.TraceID{15: s.trace})
		span.SetSpanID(pcommon.SpanID{7: s.span})
		span.SetStartTimestamp(at(s.start))
		span.SetEndTimestamp(at(s.end))
	}
	return td
}

// everySecond makes n batches of one span, each a second after the one before.
func everySecond(n int) []ptrace.Traces {
	var out []ptrace.Traces
	for i := range n {
		d := time.Duration(i) * time.Second
		out = append(out, traces(spec{byte(i + 1), byte(i + 1), d - 10*time.Millisecond, d}))
	}
	return out
}

func jsonLines(t testing.TB, batches []ptrace.Traces) []byte {
	t.Helper()
	var out []byte
	for _, td := range batches {
		b, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
		require.NoError(t, err)
		out = append(append(out, b...), '\n')
	}
	return out
}

func writeFile(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "traces")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func decode(t testing.TB, body []byte) ptrace.Traces {
	t.Helper()
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	require.NoError(t, err)
	return td
}

func spansOf(td ptrace.Traces) []ptrace.Span {
	var out []ptrace.Span
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				out = append(out, s)
			}
		}
	}
	return out
}

// script is a client that answers from a list and notes what it was sent and when. Behind the list it accepts.
type script struct {
	delay time.Duration // every answer takes this long

	mu      sync.Mutex // guards everything below
	answers []answer
	sent    []sending
	closed  bool
}

type sending struct {
	at   time.Time
	body []byte
}

func (s *script) send(ctx context.Context, body []byte) answer {
	s.mu.Lock()
	s.sent = append(s.sent, sending{time.Now(), append([]byte(nil), body...)})
	a := answer{}
	if len(s.answers) > 0 {
		a, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	if s.delay > 0 && !sleep(ctx, s.delay) {
		return answer{err: ctx.Err(), retryable: true}
	}
	return a
}

func (s *script) close() error {
	s.closed = true
	return nil
}

// times are the moments of the sendings, since start.
func (s *script) times(start time.Time) []time.Duration {
	var out []time.Duration
	for _, one := range s.sent {
		out = append(out, one.at.Sub(start))
	}
	return out
}

// config is one with which a script is run: one worker, so that order is certain.
func config(files ...string) Config {
	cfg := NewConfig()
	cfg.Files = files
	cfg.Concurrency = 1
	return cfg
}
