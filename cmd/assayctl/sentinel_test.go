package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

const secret = "an entirely public secret"

// sentinelFile writes what a generator with the receiver's defaults sends in a minute, but for every nth trace; 0: all of them.
func sentinelFile(t *testing.T, nth uint32) string {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	shop, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	stream, err := traffic.NewStream(key, traffic.Config{Name: "ambient", Topology: shop, Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01})
	require.NoError(t, err)
	var file bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		g := generator.New(generator.Config{
			Instance: 7, Streams: []*traffic.Stream{stream}, Run: 1, Retry: generator.DefaultRetry(), Clock: time.Now,
			Send: func(_ context.Context, td ptrace.Traces) error {
				mu.Lock()
				defer mu.Unlock()
				kept := ptrace.NewTraces()
				td.CopyTo(kept)
				kept.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
					rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
						ss.Spans().RemoveIf(func(span ptrace.Span) bool {
							id, _ := key.Open(span.TraceID())
							return nth > 0 && !traffic.IsManifest(id) && id.Slot%nth == 0 && id.Sequence == 0
						})
						return ss.Spans().Len() == 0
					})
					return rs.ScopeSpans().Len() == 0
				})
				line, err := (&ptrace.JSONMarshaler{}).MarshalTraces(kept)
				file.Write(append(line, '\n'))
				return err
			},
		})
		g.Start()
		time.Sleep(time.Minute) //nolint:forbidigo // the clock of the bubble
		require.NoError(t, g.Shutdown(t.Context()))
	})
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	require.NoError(t, os.WriteFile(path, file.Bytes(), 0o600))
	return path
}

func TestSentinelVerifyFile(t *testing.T) {
	whole, holes := sentinelFile(t, 0), sentinelFile(t, 10)
	got := assayctl(t, "", "sentinel", "verify", whole)
	assert.Equal(t, exitUsage, got.code)
	assert.Equal(t, "assayctl: the generator's key is missing: set ASSAY_SENTINEL_KEY, or use --key-file\n", got.err)

	t.Setenv(keyVariable, secret)
	got = assayctl(t, "", "sentinel", "verify", whole)
	assert.Equal(t, exitOK, got.code, got.err)
	assert.Regexp(t, `(?m)^  delivered +\d{3}$`, got.out)
	assert.NotContains(t, got.out, "missing")

	got = assayctl(t, "", "sentinel", "verify", holes)
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Regexp(t, `(?m)^  missing +3$`, got.out)

	// With other streams the generator is not understood; that is unknown, neither whole nor lost.
	streams := filepath.Join(t.TempDir(), "streams.yaml")
	require.NoError(t, os.WriteFile(streams, []byte("streams:\n  ambient: {rate: 11}\n"), 0o600))
	got = assayctl(t, "", "sentinel", "verify", "--streams", streams, whole)
	assert.Equal(t, exitUsage, got.code, got.out)
	assert.Contains(t, got.err, "nothing could be judged")

	t.Setenv(keyVariable, "quite another public secret")
	got = assayctl(t, "", "sentinel", "verify", whole)
	assert.Equal(t, exitUsage, got.code)
	assert.Equal(t, "assayctl: no span of the sentinel; are key and time right?\n", got.err)
}

// What is cut off at the end of a file, or broken within, is told and passed over. A file of which nothing can be read is an error.
func TestSentinelVerifyCutFile(t *testing.T) {
	t.Setenv(keyVariable, secret)
	path := sentinelFile(t, 0)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text[:len(text)-100], 0o600))
	got := assayctl(t, "", "sentinel", "verify", path)
	assert.Equal(t, exitOK, got.code, got.err)
	assert.Regexp(t, `^assayctl: passed over: .*traces.jsonl: line \d+, byte \d+: .*\n$`, got.err)
	assert.Regexp(t, `(?m)^  delivered +\d{3}$`, got.out)
	assert.NotContains(t, got.out, "missing")

	require.NoError(t, os.WriteFile(path, text[:100], 0o600))
	got = assayctl(t, "", "sentinel", "verify", path)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "traces.jsonl: line 1, byte 0")
}

func TestSentinelVerifyBackend(t *testing.T) {
	t.Setenv(keyVariable, secret)
	for says, want := range map[string]string{
		"trace not found": "nothing could be judged: the generator's word is missing",
		"no such route":   "nothing could be judged; the backend does not answer: ",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, says, http.StatusNotFound)
		}))
		got := assayctl(t, "", "sentinel", "verify", "--backend", "tempo", "--url", server.URL, "--instance", "paris", "--since", "122s", "--timeout", "1s")
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, want)
		server.Close()
	}
	for want, args := range map[string][]string{
		"name files, or a backend": {"verify"},
		"--instance: must be set":  {"verify", "--backend", "tempo", "--url", "http://localhost:1"},
		"type: must be one of":     {"verify", "--backend", "zipkin", "--url", "http://localhost:1", "--instance", "7"},
		"--since: must be longer":  {"verify", "--backend", "tempo", "--url", "http://localhost:1", "--instance", "7", "--since", "1m"},
	} {
		got := assayctl(t, "", append([]string{"sentinel"}, args...)...)
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, want)
	}
}
