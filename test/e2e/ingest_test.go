package e2e

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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

// TestLegacyProtocolsIn runs testdata/dropin/legacy-protocols.yaml with data: a StatsD counter, a line of syslog, a record of Fluent Bit,
// and a scraped counter, whose start time is the processor's work.
func TestLegacyProtocolsIn(t *testing.T) {
	t.Parallel()
	scraped := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "# TYPE orders counter\norders 7\n")
	}))
	t.Cleanup(scraped.Close)
	dir := t.TempDir()
	file, err := filepath.Abs("testdata/dropin/legacy-protocols.yaml")
	require.NoError(t, err)
	overlay, at := relocate(t, file)
	c := start(t, []string{"DATA_DIR=" + dir}, "--config", file, "--config", overlay, "--config=yaml:"+`
receivers: {prometheus: {config: {scrape_configs: [{job_name: node, scrape_interval: 1s, static_configs: [{targets: ["`+
		strings.TrimPrefix(scraped.URL, "http://")+`"]}]}]}}}`)

	tag, record := "app", "cart is full"
	forward := append([]byte{0x93, 0xa0 | byte(len(tag))}, tag...) // in MessagePack: a list of tag, time and record
	forward = append(forward, 0xce, 0x5f, 0x5e, 0x10, 0x00, 0x81, 0xa3, 'l', 'o', 'g', 0xa0|byte(len(record)))
	forward = append(forward, record...)
	for _, message := range []struct {
		network, component string
		text               []byte
	}{
		{"udp", "receivers/statsd", []byte("carts:3|c\n")},
		{"tcp", "receivers/syslog", []byte("<165>1 2026-01-02T03:04:05Z host shop 1 - - payment refused\n")},
		{"tcp", "receivers/fluentforward", forward},
	} {
		conn, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), message.network, at[message.component])
		require.NoError(t, err)
		_, err = conn.Write(message.text)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}

	wanted := []string{`"name":"carts"`, `payment refused`, record, `"name":"orders","sum":{"dataPoints":[{"startTimeUnixNano":"1`}
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "out.jsonl"))
		return err == nil && !slices.ContainsFunc(wanted, func(s string) bool { return !bytes.Contains(text, []byte(s)) })
	}, patience, 200*time.Millisecond)
	c.stop(t)
}
