package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestZipkinIn posts a span in Zipkin's JSON, as an old tracer would.
func TestZipkinIn(t *testing.T) {
	t.Parallel()
	address, out := freeAddress(t), filepath.Join(t.TempDir(), "out.jsonl")
	c := start(t, nil, "--config=yaml:"+`
receivers: {zipkin: {endpoint: "`+address+`"}}
exporters: {file: {path: "`+out+`"}}
service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [zipkin], exporters: [file]}}}`)

	body := `[{"traceId":"5b8efff798038103d269b633813fc60c","id":"eee19b7ec3c1b174","name":"get /cart","kind":"SERVER",
		"timestamp":1600000000000000,"duration":250000,"localEndpoint":{"serviceName":"cart"}}]`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"http://"+address+"/api/v2/spans", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusAccepted, response.StatusCode)
	c.stop(t)

	lines, spans := written(t, out)
	assert.Equal(t, 1, spans.total())
	assert.Contains(t, string(bytes.Join(lines, nil)), "get /cart")
}

// TestFilesIn runs testdata/dropin/storage.yaml with data: a log file and a recording of traces, both found at start.
func TestFilesIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recorded, sent := recording(t, "tgen.jsonl.zst")
	for name, text := range map[string][]byte{
		"logs/app.log":      []byte(`{"time":"2026-01-02T03:04:05","level":"warn","message":"cart is full"}` + "\n"),
		"otlp/traces.jsonl": append(bytes.Join(recorded, []byte("\n")), '\n'),
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
	file, err := filepath.Abs("testdata/dropin/storage.yaml")
	require.NoError(t, err)
	overlay, _ := relocate(t, file)
	c := start(t, []string{"DATA_DIR=" + dir}, "--config", file, "--config", overlay)

	out := filepath.Join(dir, "out.jsonl")
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(out)
		return err == nil && countSpans(t, out) >= sent.total() && bytes.Contains(text, []byte("cart is full"))
	}, patience, 200*time.Millisecond)
	c.stop(t)
	// The receiver adds the file's name to each resource, so the spans are counted and not compared.
	_, got := written(t, out)
	assert.Equal(t, sent.total(), got.total())
}
