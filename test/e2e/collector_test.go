package e2e

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// readyLine is what the collector logs once every component of every pipeline has started.
	readyLine = "Everything is ready. Begin running and processing data."
	// patience is long because the race detector, other tests and a loaded CI machine share two cores.
	patience = 60 * time.Second
	// settling bridges the moment between readyLine and the collector's call of signal.Notify, which follows it.
	// A SIGTERM in between ends the process at once, as it does with otelcol; nothing outside shows when it is over.
	settling = 300 * time.Millisecond
)

// lacking skips the test for want of something that only complete machines have; in strict mode it fails it.
func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ASSAY_E2E_STRICT") != "" {
		t.Fatalf("%s (ASSAY_E2E_STRICT is set, so this fails instead of skipping)", what)
	}
	t.Skip(what)
}

// binary returns the path of the distribution under test.
func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("ASSAY_BINARY")
	if path == "" {
		path = filepath.Join(repository(t), "_build", "otelcol-assay")
	}
	if _, err := os.Stat(path); err != nil {
		lacking(t, "no distribution at "+path+": run `make build`, or set ASSAY_BINARY")
	}
	return path
}

// repository returns the root of the checkout.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return root
}

// outcome is what a finished command left behind.
type outcome struct {
	stdout, stderr string
	code           int
}

// run executes the distribution with args until it ends by itself.
func run(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := command(ctx, t, env, args)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return outcome{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
}

// command prepares a process that sees a fresh directory and env, and nothing of the machine's own environment.
func command(ctx context.Context, t *testing.T, env, args []string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(ctx, binary(t), args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir}, env...)
	return cmd
}

// collector is a running distribution.
type collector struct {
	cmd    *exec.Cmd
	out    *logLines     // standard output: what the debug exporter prints
	log    *logLines     // standard error: what the collector logs
	exited chan struct{} // closed once the process is gone
}

// start runs the distribution and returns once all its pipelines run. The process is gone when the test ends.
func start(t *testing.T, env []string, args ...string) *collector {
	t.Helper()
	c := &collector{out: newLogLines(), log: newLogLines(), exited: make(chan struct{})}
	// t.Context ends before cleanups run, and would take the chance of an orderly stop away from them.
	c.cmd = command(context.Background(), t, env, args)
	c.cmd.Stdout, c.cmd.Stderr = c.out, c.log
	require.NoError(t, c.cmd.Start())
	go func() {
		defer close(c.exited)
		_ = c.cmd.Wait() // what became of it is in ProcessState
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // fails when it has ended already, which is usual
		<-c.exited
	})
	c.waitReady(t, 1)
	return c
}

// waitReady waits until the pipelines have come up for the nth time; a reload brings them up again.
func (c *collector) waitReady(t *testing.T, nth int) {
	t.Helper()
	timeout := time.After(patience)
	for {
		text, changed := c.log.read()
		if strings.Count(text, readyLine) >= nth {
			time.Sleep(settling)
			return
		}
		select {
		case <-changed:
		case <-c.exited:
			t.Fatalf("%s ended before its pipelines ran (%s):\n%s", c.cmd, c.cmd.ProcessState, c.log)
		case <-timeout:
			t.Fatalf("%s did not start its pipelines in %s:\n%s", c.cmd, patience, c.log)
		}
	}
}

// stop asks the process to end as an init system does, and requires that it does so cleanly.
func (c *collector) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-c.exited:
	case <-time.After(patience):
		t.Fatalf("%s did not end within %s of SIGTERM:\n%s", c.cmd, patience, c.log)
	}
	require.Zerof(t, c.cmd.ProcessState.ExitCode(), "exit code after SIGTERM; log:\n%s", c.log)
}

// logLines collects what a process prints and tells readers of every addition.
type logLines struct {
	mu      sync.Mutex // guards everything below
	text    bytes.Buffer
	changed chan struct{} // closed and replaced by each Write
}

func newLogLines() *logLines { return &logLines{changed: make(chan struct{})} }

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.text.Write(p)
}

// read returns all lines so far, and a channel that is closed when more come.
func (l *logLines) read() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String(), l.changed
}

func (l *logLines) String() string {
	text, _ := l.read()
	return text
}
