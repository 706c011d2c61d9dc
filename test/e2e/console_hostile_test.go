package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// hostileNames are meant to do harm where they are shown. Those that run as script set a variable that the browser test looks for.
var hostileNames = []string{
	`<img src=x onerror="globalThis.assayHarmed=1">`,
	`<script>globalThis.assayHarmed=1</script>`,
	`"><svg onload="globalThis.assayHarmed=1">`,
	`' autofocus onfocus='globalThis.assayHarmed=1`,
	`</title></text></svg><iframe srcdoc="<script>parent.assayHarmed=1</script>">`,
	`javascript:globalThis.assayHarmed=1`,
	`{{constructor.constructor('globalThis.assayHarmed=1')()}}${globalThis.assayHarmed=1}`,
	"GET /\u202egnp.exe\u2066\u200f", // marks that turn the direction of text
	"zero\u200bwidth\ufeff and\u0000 nul\r\n\tX-Header: 1",
	strings.Repeat("x", 10_000),
	strings.Repeat("🙂", 3_000),
	"not UTF-8: \xff\xfe\x80",
	"../../../etc/passwd?x=1&y=2#z%00",
	"__proto__",
	"constructor",
	"",
}

// TestConsoleHostile shows a browser what has such names, in a collector that has two of everything.
func TestConsoleHostile(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	c := startTwice(t)
	for round := range byte(2) {
		nextWindow()
		for part := range byte(8) { // all over the window: what comes at one moment says little of the rest
			sendHostile(t, c.differ.intake, round, part)
			time.Sleep(time.Second)
		}
	}
	c.differs(t, "trace_diff/east")
	b.test(t, c.watched.console, "hostile", "components")
	c.stop(t)
}

// startTwice runs a collector with two sentinels, and two trace_diff behind a sampler that keeps everything.
func startTwice(t *testing.T) *console {
	t.Helper()
	intake, address, dir := freeAddress(t), freeAddress(t), t.TempDir()
	named := func(kind, name string, settings section) section { return section{kind + "/" + name: settings} }
	config := section{
		"receivers":  section{"otlp": section{"protocols": section{"http": section{"endpoint": intake}}}},
		"processors": section{"smart_tail_sampling": section{"budget": section{"percentage": 100}, "completion": section{"initial_wait": "1s", "max_wait": "5s"}}},
		"exporters":  section{}, "extensions": section{"console": section{"endpoint": address}},
		"service": section{
			"extensions": []string{"console", "sentinel/east", "sentinel/west"}, "telemetry": section{"metrics": section{"level": "none"}},
			"pipelines": section{"traces": section{
				"receivers": []string{"otlp"}, "processors": []string{"smart_tail_sampling"}, "exporters": []string{"trace_diff/east", "trace_diff/west"},
			}},
		},
	}
	overlays := []section{config}
	for _, side := range []string{"east", "west"} {
		overlays = append(overlays, section{
			"receivers": named("sentinel", side, section{"extension": "sentinel/" + side}),
			"exporters": section{
				"sentinel/seen-" + side: section{"extension": "sentinel/" + side},
				"trace_diff/" + side: section{
					"storage":  section{"driver": "sqlite", "dsn": filepath.Join(dir, side+".db")},
					"assembly": section{"wait": "500ms"}, "defaults": section{"window": windowLength.String(), "lateness": "5s"},
					"queries": []any{section{"name": "everything in the " + side, "query": "*", "group_by": []string{"http.status_code"}}},
				},
			},
			"extensions": named("sentinel", side, section{"key": secret + side}),
			"service": section{"pipelines": section{"traces/" + side: section{
				"receivers": []string{"sentinel/" + side}, "exporters": []string{"sentinel/seen-" + side},
			}}},
		})
	}
	collector := start(t, nil, merged(t, overlays)...)
	return &console{
		watched: &watched{collector: collector, console: address},
		differ:  &differ{collector: collector, console: address, intake: intake},
	}
}

// sendHostile sends traces whose services, operations, versions, attributes and messages have such names. In the second round they take
// longer.
func sendHostile(t *testing.T, intake string, round, part byte) {
	t.Helper()
	td := ptrace.NewTraces()
	for i, name := range hostileNames {
		for n := range byte(6) {
			length := time.Duration(1+50*int(round))*time.Millisecond + time.Duration(n)*200*time.Microsecond
			call(td, pcommon.TraceID{1, round, part, byte(i), n, 15: n * 40}, name, hostileNames[(i+1)%len(hostileNames)], length)
		}
	}
	strangeTimes(td, round, part)
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+intake+"/v1/traces", bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	said, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equalf(t, http.StatusOK, response.StatusCode, "%s", said)
}

// call is a trace of two services, one of which calls the other.
func call(td ptrace.Traces, id pcommon.TraceID, caller, callee string, length time.Duration) {
	begin := time.Now().Add(-length - time.Duration(id[4])*150*time.Millisecond)
	for n, name := range []string{caller, callee} {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", name)
		rs.Resource().Attributes().PutStr("service.version", fmt.Sprint(id[1], name))
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(id)
		s.SetSpanID(pcommon.SpanID{id[1], id[2], id[3], id[4], 7: byte(n + 1)})
		if n > 0 {
			s.SetParentSpanID(pcommon.SpanID{id[1], id[2], id[3], id[4], 7: byte(n)})
		}
		s.SetName(name)
		s.SetKind(ptrace.SpanKindServer)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(length)))
		s.Status().SetCode(ptrace.StatusCodeError)
		s.Status().SetMessage(name)
		s.Attributes().PutStr("http.status_code", name)
		s.Attributes().PutDouble("not a number", math.NaN())
	}
}

// strangeTimes are spans that are endless, end before they begin, or never were.
func strangeTimes(td ptrace.Traces, round, part byte) {
	now := pcommon.NewTimestampFromTime(time.Now())
	for i, times := range [][2]pcommon.Timestamp{{0, 0}, {1, math.MaxInt64}, {now, math.MaxUint64}, {now, now - 1e12}, {now - 1e18, now}, {math.MaxUint64, 0}} {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", "clockmaker")
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(pcommon.TraceID{2, round, part, byte(i), 15: 255})
		s.SetSpanID(pcommon.SpanID{2, round, part, byte(i)})
		s.SetName(fmt.Sprintf("times %d", i))
		s.SetStartTimestamp(times[0])
		s.SetEndTimestamp(times[1])
	}
}
