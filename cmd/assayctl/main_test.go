package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.uber.org/goleak"

	"github.com/assayhq/assay/internal/replay"
	"github.com/assayhq/assay/test/golden"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hotrod = "../../testdata/traces/hotrod.jsonl.zst"
	tgen   = "../../testdata/traces/tgen.jsonl.zst"
)

// result is what a command line gave.
type result struct {
	code     int
	out, err string
}

func assayctl(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := execute(t.Context(), apart(args), streams{in: strings.NewReader(stdin), out: &out, err: &err})
	return result{code, out.String(), err.String()}
}

// apart keeps a replay from asking a collector that happens to run on this machine.
func apart(args []string) []string {
	if args[0] != "replay" {
		return args
	}
	return append([]string{"replay", "--decisions="}, args[1:]...)
}

// receiver is an OTLP/HTTP server that counts spans and answers with a status code.
func receiver(t *testing.T, code int) (endpoint string, spans *atomic.Int64) {
	t.Helper()
	spans = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		req := ptraceotlp.NewExportRequest()
		assert.NoError(t, req.UnmarshalProto(body))
		spans.Add(int64(req.Traces().SpanCount()))
		w.WriteHeader(code)
	}))
	t.Cleanup(s.Close)
	return s.URL, spans
}

// masked takes out of a text what differs from run to run.
func masked(text string) string {
	for _, m := range [][2]string{{`http://127\.0\.0\.1:\d+`, "http://HOST"}, {`\d+\.\d\d s`, "TIME"}, {`[\d,]+ spans/s`, "RATE"}} {
		text = regexp.MustCompile(m[0]).ReplaceAllString(text, m[1])
	}
	return text
}

func TestHelp(t *testing.T) {
	for name, args := range map[string][]string{"help.txt": {"--help"}, "help_replay.txt": {"replay", "--help"}} {
		got := assayctl(t, "", args...)
		assert.Equal(t, exitOK, got.code)
		golden.Equal(t, name, got.out)
	}
}

func TestReplay(t *testing.T) {
	endpoint, spans := receiver(t, http.StatusOK)
	got := assayctl(t, "", "replay", "--max", "--endpoint", endpoint, hotrod, tgen)
	assert.Equal(t, exitOK, got.code, got.err)
	assert.Equal(t, int64(17_209+6_260), spans.Load())
	golden.Equal(t, "replay.txt", masked(got.out))
	assert.Empty(t, got.err)
}

func TestReplayFromAPipe(t *testing.T) {
	endpoint, spans := receiver(t, http.StatusOK)
	lines := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a","endTimeUnixNano":"1"}]}]}]}` + "\n"
	got := assayctl(t, lines+lines, "replay", "--endpoint", endpoint, "--repeat", "3", "-")
	assert.Equal(t, exitOK, got.code, got.err)
	assert.Equal(t, int64(6), spans.Load())
}

func TestReplayJSON(t *testing.T) {
	endpoint, _ := receiver(t, http.StatusOK)
	got := assayctl(t, "", "replay", "--max", "-e", endpoint, "-o", "json", "--repeat", "2", "--seed", "9", "--limit-spans", "30000", hotrod)
	assert.Equal(t, exitOK, got.code, got.err)
	var sum replay.Summary
	require.NoError(t, json.Unmarshal([]byte(got.out), &sum))
	assert.Equal(t, int64(30_000), sum.Accepted)
	assert.Equal(t, uint64(9), sum.Seed, "several passes have new ids by default")
	assert.Equal(t, 2, sum.Passes)

	got = assayctl(t, "", "replay", "--max", "-e", endpoint, "-o", "json", hotrod)
	sum = replay.Summary{}
	require.NoError(t, json.Unmarshal([]byte(got.out), &sum))
	assert.Zero(t, sum.Seed, "one pass keeps the recorded ids")
}

func TestReplayQuiet(t *testing.T) {
	endpoint, spans := receiver(t, http.StatusOK)
	got := assayctl(t, "", "replay", "--max", "--quiet", "-e", endpoint, tgen)
	assert.Equal(t, result{}, got)
	assert.Equal(t, int64(6_260), spans.Load())
}

// The exit code alone tells a script what happened, and the text tells a person what to do.
func TestReplayExitCodes(t *testing.T) {
	accepting, _ := receiver(t, http.StatusOK)
	refusing, _ := receiver(t, http.StatusBadRequest)
	nobody := closedPort(t)
	broken := filepath.Join(t.TempDir(), "traces")
	require.NoError(t, os.WriteFile(broken, []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}`+"\n{broken\n"), 0o600))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	tests := []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"refused", []string{"-e", refusing, tgen}, exitFailed, "HTTP 400 Bad Request", ""},
		{"broken", []string{"-e", accepting, broken}, exitFailed, "broken records              1  could not be read\nfirst errors:\n  " + broken + ": line 2, byte 62: ", ""},
		{"broken, strict", []string{"-e", accepting, "--strict", broken}, exitFailed, "", "without --strict what cannot be read is counted"},
		{"nothing to send", []string{"-e", accepting, empty}, exitFailed, "the files hold no spans", ""},
		{"no file", nil, exitUsage, "", "requires at least 1 arg(s)"},
		{"file not there", []string{"nonexistent.jsonl"}, exitUsage, "", "trace file nonexistent.jsonl: no such file or directory"},
		{"unknown flag", []string{"--fast", tgen}, exitUsage, "", "unknown flag: --fast\nRun 'assayctl replay --help' for usage."},
		{"speed 0", []string{"--speed", "0", tgen}, exitUsage, "", "--max is as fast as possible"},
		{"bad output", []string{"--output", "xml", tgen}, exitUsage, "", `--output: must be text or json, got "xml"`},
		{"nobody there", []string{"-e", nobody, "--retry-for", "0", tgen}, exitUsage, "", "is the collector running? `make run` starts one"},
		{"nobody there over gRPC", []string{"-e", nobody, "--protocol", "grpc", "--retry-for", "0", tgen}, exitUsage, "", "is the collector running?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"replay"}
			if tt.name != "speed 0" {
				args = append(args, "--max")
			}
			got := assayctl(t, "", append(args, tt.args...)...)
			assert.Equal(t, tt.code, got.code)
			assert.Contains(t, got.out, tt.out)
			assert.Contains(t, got.err, tt.err)
			if tt.code == exitUsage {
				assert.Empty(t, got.out, "nothing was done, so there is no summary")
			}
		})
	}
	got := assayctl(t, "", "replay", "--max", "--speed", "2", tgen)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "[max speed]")
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return "http://" + l.Addr().String()
}

// Ctrl-C during the wait for the second batch, a year later in the recording.
func TestReplayInterrupted(t *testing.T) {
	endpoint, spans := receiver(t, http.StatusOK)
	file := filepath.Join(t.TempDir(), "traces")
	line := func(end string) string {
		return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a","endTimeUnixNano":"` + end + `"}]}]}]}` + "\n"
	}
	require.NoError(t, os.WriteFile(file, []byte(line("1000000000000000000")+line("1030000000000000000")), 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	noted := &firstWrite{done: make(chan struct{})}
	var out bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- execute(ctx, apart([]string{"replay", "-e", endpoint, file}), streams{out: &out, err: noted})
	}()
	<-noted.done
	require.Eventually(t, func() bool { return spans.Load() == 1 }, 10*time.Second, time.Millisecond)
	cancel()
	assert.Equal(t, exitInterrupted, <-code)
	golden.Equal(t, "replay_interrupted.txt", masked(out.String()))
	assert.Regexp(t, `^the recording pauses: the next batch is due in \d+h\d+m\d+s; --max-gap 5s shortens pauses`, noted.text)
}

// firstWrite keeps the first thing written and tells when.
type firstWrite struct {
	text string
	done chan struct{}
}

func (f *firstWrite) Write(p []byte) (int, error) {
	if f.text == "" {
		f.text = string(p)
		close(f.done)
	}
	return len(p), nil
}

func TestVersion(t *testing.T) {
	got := assayctl(t, "", "version")
	assert.Equal(t, exitOK, got.code)
	assert.Regexp(t, `^assayctl \S+.*, go1\.\S+, \w+/\w+\n$`, got.out)

	got = assayctl(t, "", "version", "-o", "json")
	var v buildVersion
	require.NoError(t, json.Unmarshal([]byte(got.out), &v))
	assert.NotEmpty(t, v.Version)
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		got := assayctl(t, "", "completion", shell)
		assert.Equal(t, exitOK, got.code)
		assert.Contains(t, got.out, "assayctl")
	}
	for flag, want := range map[string]string{"--protocol": "grpc\nhttp\n", "--compression": "none\ngzip\nzstd\n", "--output": "text\njson\n"} {
		got := assayctl(t, "", "__complete", "replay", "x", flag, "")
		assert.True(t, strings.HasPrefix(got.out, want), "%s: %s", flag, got.out)
	}
}

func TestUnknownCommand(t *testing.T) {
	got := assayctl(t, "", "reply")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, `unknown command "reply"`)
	assert.Contains(t, got.err, "replay", "suggests what may be meant")
}
