package e2e

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestConfigurationSources resolves the same configuration from every place that otelcol reads one from.
func TestConfigurationSources(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(file, []byte(minimal), 0o600))
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(minimal)) })
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: secure.Certificate().Raw,
	}), 0o600))

	for name, test := range map[string]struct {
		env  []string
		args []string
	}{
		"path":  {args: []string{"--config", file}},
		"file":  {args: []string{"--config", "file:" + file}},
		"env":   {env: []string{"CONFIGURATION=" + minimal}, args: []string{"--config", "env:CONFIGURATION"}},
		"yaml":  {args: []string{"--config", "yaml:" + minimal}},
		"http":  {args: []string{"--config", plain.URL}},
		"https": {env: []string{"SSL_CERT_FILE=" + authority}, args: []string{"--config", secure.URL}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := run(t, test.env, append([]string{"print-config"}, test.args...)...)
			require.Zero(t, result.code, result.stderr)
			assert.Equal(t, []any{"nop"}, lookup(t, result.stdout, "service", "pipelines", "traces", "receivers"))
		})
	}
}

// TestConfigurationMerge checks which of several sources wins: the later file, and --set over all files.
func TestConfigurationMerge(t *testing.T) {
	t.Parallel()
	result := run(t, []string{"TIMEOUT=7s", "NAMES=[nop]"}, "print-config",
		"--config=yaml:"+minimal,
		"--config=yaml:processors::batch: {timeout: 1s, send_batch_size: 10, send_batch_max_size: 30}",
		"--config=yaml:processors::batch: {timeout: '${env:TIMEOUT}', send_batch_size: 20}",
		"--config=yaml:service::pipelines::traces::processors: [batch]",
		"--config=yaml:service::pipelines::traces::receivers: ${env:NAMES}",
		"--config=yaml:service::telemetry::logs::level: ${env:LEVEL:-warn}",
		"--set=processors.batch.send_batch_max_size=40",
		"--set=processors::batch::metadata_cardinality_limit=5",
	)
	require.Zero(t, result.code, result.stderr)
	batch, ok := lookup(t, result.stdout, "processors", "batch").(section)
	require.True(t, ok)
	assert.Equal(t, "7s", batch["timeout"])
	assert.Equal(t, 20, batch["send_batch_size"])
	assert.Equal(t, 40, batch["send_batch_max_size"])
	assert.Equal(t, 5, batch["metadata_cardinality_limit"])
	assert.Equal(t, []any{"nop"}, lookup(t, result.stdout, "service", "pipelines", "traces", "receivers"))
	assert.Equal(t, "warn", lookup(t, result.stdout, "service", "telemetry", "logs", "level"))
}

// TestReload changes the file of a running collector and sends SIGHUP, as `systemctl reload` does: the new
// configuration takes over in the same process.
func TestReload(t *testing.T) {
	t.Parallel()
	before, after := freeAddress(t), freeAddress(t)
	file := filepath.Join(t.TempDir(), "config.yaml")
	write := func(address string) {
		text := `
receivers: {otlp: {protocols: {http: {endpoint: ` + address + `}}}}
exporters: {nop: }
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [nop]}}
`
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	write(before)
	c := start(t, nil, "--config", file)
	assertListens(t, "the first receiver", before)

	write(after)
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGHUP))
	c.waitReady(t, 2)
	assertListens(t, "the second receiver", after)
	c.stop(t)
}
