package compare_test

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// spanned is a span of a request as an SDK reports it.
type spanned struct {
	service, name string
	kind          ptrace.SpanKind
	parent        int           // number in the request; -1: none
	at, lasts     time.Duration // since the request began
	failed        bool
	lost          bool // it never arrived
	joined        bool // it has its parent's id, as both sides of a call have that Brave reports
}

// replayed is what a collector makes of a minute with so many requests.
func replayed(t *testing.T, minutes int, requests int, request func(r *rand.Rand) []spanned) *snapshot.Snapshot {
	t.Helper()
	q, err := query.Parse(`service != ""`)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(uint64(minutes), 7))
	start := noon.Add(time.Duration(minutes) * time.Minute)
	sent := 0
	s, err := window.Replay(window.Query{ID: "q", Query: q}, window.DefaultLimits(), start, start.Add(time.Minute), func() (ptrace.Traces, error) {
		if sent == requests {
			return ptrace.Traces{}, io.EOF
		}
		begins := start.Add(time.Minute * time.Duration(sent) / time.Duration(requests))
		sent++
		var id pcommon.TraceID
		binary.BigEndian.PutUint64(id[:], r.Uint64())
		binary.BigEndian.PutUint64(id[8:], r.Uint64())
		return reported(id, begins, request(r)), nil
	})
	require.NoError(t, err)
	require.EqualValues(t, requests, s.Coverage.Traces)
	return s
}

func reported(id pcommon.TraceID, begins time.Time, request []spanned) ptrace.Traces {
	td := ptrace.NewTraces()
	number := func(n int) pcommon.SpanID {
		if n >= 0 && request[n].joined {
			n = request[n].parent
		}
		return pcommon.SpanID{0: byte(n + 1), 7: 1}
	}
	for n := range request {
		x := &request[n]
		if x.lost {
			continue
		}
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", x.service)
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(id)
		s.SetName(x.name)
		s.SetKind(x.kind)
		if x.failed {
			s.Status().SetCode(ptrace.StatusCodeError)
		}
		s.SetSpanID(number(n))
		parent := x.parent
		if x.joined {
			parent = request[x.parent].parent
		}
		if parent >= 0 {
			s.SetParentSpanID(number(parent))
		}
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(begins.Add(x.at)))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(begins.Add(x.at + x.lasts)))
	}
	return td
}

// about draws a duration of about so long.
func about(r *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.7 + 0.6*r.Float64()))
}
