package e2e

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// spanCount counts spans by their full content, resource and scope included: two runs that carried the same spans,
// grouped in whatever way, have equal counts.
type spanCount map[string]int

func (c spanCount) add(t *testing.T, traces ptrace.Traces) {
	t.Helper()
	for _, resourceSpans := range traces.ResourceSpans().All() {
		for _, scopeSpans := range resourceSpans.ScopeSpans().All() {
			for _, span := range scopeSpans.Spans().All() {
				alone := ptrace.NewTraces()
				appendSpan(alone, resourceSpans, scopeSpans, span)
				text, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(alone)
				require.NoError(t, err)
				c[string(text)]++
			}
		}
	}
}

// appendSpan appends a span with its resource and scope.
func appendSpan(to ptrace.Traces, rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) {
	resource := to.ResourceSpans().AppendEmpty()
	resource.SetSchemaUrl(rs.SchemaUrl())
	rs.Resource().CopyTo(resource.Resource())
	scope := resource.ScopeSpans().AppendEmpty()
	scope.SetSchemaUrl(ss.SchemaUrl())
	ss.Scope().CopyTo(scope.Scope())
	span.CopyTo(scope.Spans().AppendEmpty())
}

func (c spanCount) total() int {
	n := 0
	for _, count := range c {
		n += count
	}
	return n
}

// recording returns the OTLP/JSON lines of a recorded file below testdata/traces, and the spans in them.
func recording(t *testing.T, name string) (lines [][]byte, spans spanCount) {
	t.Helper()
	file, err := os.Open(filepath.Join(repository(t), "testdata", "traces", name))
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	reader, err := zstd.NewReader(file)
	require.NoError(t, err)
	defer reader.Close()
	return readLines(t, reader)
}

// written returns the lines of a file of the file exporter, and the spans in them.
func written(t *testing.T, path string) (lines [][]byte, spans spanCount) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	return readLines(t, file)
}

func readLines(t *testing.T, reader io.Reader) (lines [][]byte, spans spanCount) {
	t.Helper()
	spans = spanCount{}
	scanner := bufio.NewScanner(reader)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		line := bytes.Clone(scanner.Bytes())
		traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		lines = append(lines, line)
		spans.add(t, traces)
	}
	require.NoError(t, scanner.Err())
	return lines, spans
}

// post sends OTLP/JSON lines to the OTLP/HTTP receiver at address, each as a request of its own.
func post(t *testing.T, address string, lines [][]byte) {
	t.Helper()
	for _, line := range lines {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			"http://"+address+"/v1/traces", bytes.NewReader(line))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equalf(t, http.StatusOK, response.StatusCode, "%s", body)
	}
}

// TestRecordedTraces sends every bundled recording through two tiers, OTLP/HTTP in, OTLP/gRPC between, file out, and
// requires that each span arrives once and unchanged.
func TestRecordedTraces(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hotrod.jsonl.zst", "mixed.jsonl.zst", "tgen.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, sent := recording(t, name)
			entry, between := freeAddress(t), freeAddress(t)
			out := filepath.Join(t.TempDir(), "out.jsonl")
			quiet := "--config=yaml:service::telemetry::metrics::level: none"
			gateway := start(t, nil, quiet, "--config=yaml:"+`
receivers: {otlp: {protocols: {grpc: {endpoint: "`+between+`", max_recv_msg_size_mib: 64}}}}
exporters: {file: {path: "`+out+`"}}
service: {pipelines: {traces: {receivers: [otlp], exporters: [file]}}}`)
			agent := start(t, nil, quiet, "--config=yaml:"+`
receivers: {otlp: {protocols: {http: {endpoint: "`+entry+`"}}}}
processors: {batch: {timeout: 100ms}}
exporters: {otlp_grpc: {endpoint: "`+between+`", tls: {insecure: true}}}
service: {pipelines: {traces: {receivers: [otlp], processors: [batch], exporters: [otlp_grpc]}}}`)

			post(t, entry, lines)
			agent.stop(t) // drains its batches and queue into the gateway
			gateway.stop(t)
			assertArrived(t, sent, out)
		})
	}
}

// TestKafkaCarriesTraces runs testdata/dropin/kafka.yaml with data: in over OTLP, through the broker, out to a file.
func TestKafkaCarriesTraces(t *testing.T) {
	t.Parallel()
	lines, sent := recording(t, "mixed.jsonl.zst")
	file, err := filepath.Abs("testdata/dropin/kafka.yaml")
	require.NoError(t, err)
	overlay, moved := relocate(t, file)
	dir := t.TempDir()
	out := filepath.Join(dir, "spans.jsonl")
	c := start(t, []string{"KAFKA_BROKERS=" + kafkaBroker(t), "DATA_DIR=" + dir}, "--config", file, "--config", overlay)

	post(t, moved["receivers/otlp/http"], lines)
	// The consumer reads on its own time; only what it has written tells that it is through.
	require.Eventually(t, func() bool { return countSpans(t, out) >= sent.total() }, patience, 100*time.Millisecond)
	c.stop(t)
	assertArrived(t, sent, out)
}

// countSpans returns the number of spans in the complete lines of a file that is still being written.
func countSpans(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	_, spans := readLines(t, bytes.NewReader(text[:bytes.LastIndexByte(text, '\n')+1]))
	return spans.total()
}

// assertArrived requires that the file of a file exporter holds exactly the spans of want. It does not print them:
// there may be thousands.
func assertArrived(t *testing.T, want spanCount, path string) {
	t.Helper()
	require.NotEmpty(t, want)
	_, got := written(t, path)
	missing, extra := 0, 0
	for span, n := range want {
		missing += max(0, n-got[span])
	}
	for span, n := range got {
		extra += max(0, n-want[span])
	}
	assert.Zerof(t, missing, "spans that did not arrive unchanged, of %d", want.total())
	assert.Zerof(t, extra, "spans that arrived but were not sent as such, of %d", got.total())
}
