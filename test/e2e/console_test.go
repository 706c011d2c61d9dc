package e2e

import (
	"context"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// console is a collector whose pages browsers look at.
type console struct {
	*watched
	differ *differ
	moved  addresses
}

// startConsole runs what `make run` starts.
func startConsole(t *testing.T) *console {
	t.Helper()
	file := filepath.Join(repository(t), "config.yaml")
	overlay, moved := relocate(t, file)
	dir := t.TempDir()
	env := []string{"ASSAY_KEPT_FILE=" + filepath.Join(dir, "kept.jsonl"), "ASSAY_TRACE_DIFF_DB=" + filepath.Join(dir, "trace_diff.db")}
	c := start(t, env, "--config", file, "--config", overlay)
	address := moved["extensions/console"]
	return &console{
		watched: &watched{collector: c, console: address}, moved: moved,
		differ: &differ{collector: c, console: address, intake: moved["receivers/otlp/http"]},
	}
}

// TestConsole has a browser look at every page of a collector that has seen one system and then another one.
//
// It does not run beside others: what a page shows within a time says nothing where ten collectors share the processors.
func TestConsole(t *testing.T) {
	b := newBrowser(t)
	c := startConsole(t)

	// A window of the first system, and one of both.
	const window = 30 * time.Second
	recorded := filepath.Join(repository(t), "testdata", "traces")
	step := time.Now().Truncate(window).Add(2 * window)
	ctx, cancel := context.WithDeadline(t.Context(), step)
	defer cancel()
	replay(ctx, t, c.moved["receivers/otlp/grpc"], filepath.Join(recorded, "hotrod.jsonl.zst"), "--repeat=0")
	require.Error(t, ctx.Err(), "the replay has no end")
	replay(t.Context(), t, c.moved["receivers/otlp/grpc"], filepath.Join(recorded, "mixed.jsonl.zst"), "--repeat=40")
	c.differs(t, "")
	c.until(t, "ok", time.Minute)

	// Traffic goes on while it is looked at, so that the latest windows have some.
	ctx, cancel = context.WithCancel(t.Context())
	var going sync.WaitGroup
	going.Go(func() {
		replay(ctx, t, c.moved["receivers/otlp/grpc"], filepath.Join(recorded, "mixed.jsonl.zst"), "--repeat=0", "--speed=4")
	})
	defer going.Wait()
	defer cancel()
	b.test(t, c.watched.console, "pages", "numbers", "editing", "links", "trouble", "keyboard", "screenshots")
	cancel()
	going.Wait()
	c.stop(t)
}

// differs waits for a diff with a change.
func (c *console) differs(t *testing.T, component string) {
	t.Helper()
	var diffs []seedDiff
	eventually(t, "a diff with a change", 90*time.Second, func() bool {
		c.differ.ask(t, http.MethodGet, "/api/diffs?flagged=true&component="+component, nil, &diffs)
		return len(diffs) > 0
	})
}

// TestConsoleSpeed measures what people feel in a browser. It has the machine for itself, as far as this package can see to that.
func TestConsoleSpeed(t *testing.T) {
	b := newBrowser(t)
	c := startConsole(t)
	eventually(t, "a path", patience, func() bool {
		var list struct{ Total int }
		c.differ.ask(t, http.MethodGet, "/api/sampling/paths", nil, &list)
		return list.Total > 0
	})
	b.test(t, c.watched.console, "speed")
	c.stop(t)
}
