package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loaded is what `make run` starts, with recorded traces coming in.
type loaded struct {
	*collector
	t              *testing.T
	console, otlp  string
	recorded       string
	answers, wrong atomic.Int64
}

func startLoaded(t *testing.T) *loaded {
	t.Helper()
	file := filepath.Join(repository(t), "config.yaml")
	overlay, moved := relocate(t, file)
	dir := t.TempDir()
	env := []string{"ASSAY_KEPT_FILE=" + filepath.Join(dir, "kept.jsonl"), "ASSAY_TRACE_DIFF_DB=" + filepath.Join(dir, "trace_diff.db")}
	c := start(t, env, "--config", file, "--config", overlay)
	return &loaded{
		collector: c, t: t, console: "http://" + moved["extensions/console"], otlp: moved["receivers/otlp/grpc"],
		recorded: filepath.Join(repository(t), "testdata", "traces", "hotrod.jsonl.zst"),
	}
}

// get asks as a browser does, and reads all of the answer.
func (b *loaded) get(ctx context.Context, path string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.console+path, nil)
	if err != nil {
		b.wrong.Add(1)
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if ctx.Err() == nil {
			b.wrong.Add(1)
		}
		return
	}
	n, err := io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	b.answers.Add(1)
	if ctx.Err() == nil && (err != nil || n > 1<<20 || response.StatusCode >= http.StatusInternalServerError && !strings.HasPrefix(path, "/status")) {
		b.wrong.Add(1)
	}
}

// resident is the memory that a process has had at most, in MiB.
func (b *loaded) resident() int {
	b.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.cmd.Process.Pid))
	require.NoError(b.t, err)
	for line := range strings.Lines(string(text)) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.Fields(kib)[0])
			require.NoError(b.t, err)
			return n >> 10
		}
	}
	b.t.Fatal("the system does not say how much memory a process has")
	return 0
}

// processor is the processor time of a process so far.
func (b *loaded) processor() time.Duration {
	b.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", b.cmd.Process.Pid))
	require.NoError(b.t, err)
	_, rest, _ := strings.Cut(string(text), ") ")
	fields, ticks := strings.Fields(rest), 0
	for _, at := range []int{11, 12} { // utime and stime, in hundredths of a second
		n, err := strconv.Atoi(fields[at])
		require.NoError(b.t, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// Ten clients ask for what costs most, as fast as they can. Traces come in all the same, and memory stays bounded.
func TestConsoleFlood(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		lacking(t, "no /proc")
	}
	t.Parallel()
	b := startLoaded(t)
	warm, cancel := context.WithTimeout(t.Context(), 60*time.Second) // two windows to compare
	replay(warm, t, b.otlp, b.recorded, "--repeat=0")
	cancel()
	before := b.resident()

	flood, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			for i := 0; flood.Err() == nil; i++ {
				for _, path := range []string{
					"/api/evolution?windows=1000", "/api/topology", "/api/causes", "/api/deployments", "/api/diffs?limit=100", "/api/snapshots?limit=1000",
					"/api/sampling/paths?limit=10000", "/api/sampling/map", "/api/sampling/history", "/status?format=json", "/api/openapi.json",
				} {
					sep := "?"
					if strings.Contains(path, "?") {
						sep = "&"
					}
					if strings.HasPrefix(path, "/api/evolution") || strings.HasPrefix(path, "/api/causes") {
						path += sep + "from=" + strconv.Itoa(1_700_000_000+1000*n+i%1000) // no two ask the same
					}
					b.get(flood, path)
				}
			}
		})
	}
	began := time.Now()
	replay(t.Context(), t, b.otlp, b.recorded, "--repeat=10") // fails where spans are refused
	took := time.Since(began)
	cancel()
	all.Wait()
	t.Logf("%d answers in %v beside the replay; memory at most %d MiB, %d MiB before", b.answers.Load(), took.Round(time.Second), b.resident(), before)
	assert.Zero(t, b.wrong.Load())
	assert.Greater(t, b.answers.Load(), int64(1000))
	assert.Less(t, b.resident(), 2*before+256)
	assert.Less(t, took, 3*time.Minute, "50 s without the flood")
	b.stop(t)
}

// asked is what a page asks, and how often.
type asked struct {
	path  string
	every time.Duration
}

// pages are what the web UI asks; "from" is where the last hour begins, to ten seconds, as in ui/src/app/range.ts.
func pages(from time.Time) [][]asked {
	const s = time.Second
	hour := "from=" + from.Add(-time.Hour).UTC().Truncate(10*s).Format(time.RFC3339)
	return [][]asked{
		{ // overview
			{"/status?format=json", 5 * s},
			{"/api/sentinel/uptime", 10 * s},
			{"/api/sampling", 10 * s},
			{"/api/sampling/history?" + hour, 10 * s},
			{"/api/causes?" + hour, 10 * s},
			{"/api/queries", 30 * s},
			{"/api/deployments?" + hour, 30 * s},
		},
		{{"/api/sampling/paths?sort=rate&limit=1000", 5 * s}},
		{{"/api/sampling/map", 10 * s}},
		{{"/api/causes?" + hour, 10 * s}, {"/api/queries", 60 * s}},
		{{"/api/topology", 15 * s}, {"/api/queries", 60 * s}},
		{{"/api/diffs?limit=100&" + hour, 15 * s}, {"/api/queries", 60 * s}},
		{{"/api/evolution?" + hour, 60 * s}, {"/api/queries", 60 * s}},
		{{"/status?format=json", 5 * s}, {"/api/sentinel/uptime", 30 * s}, {"/api/maintenance", 30 * s}, {"/api/announcements", 30 * s}},
	}
}

// browse asks what a browser with a page open asks, until ctx ends. All had the page open before: nothing is asked at once.
func (b *loaded) browse(ctx context.Context, n int) {
	var all sync.WaitGroup
	for i, q := range pages(time.Now())[n%len(pages(time.Now()))] {
		all.Go(func() {
			next := time.NewTimer(q.every * time.Duration(1+(7*n+3*i)%10) / 10)
			defer next.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-next.C:
					b.get(ctx, pages(time.Now())[n%len(pages(time.Now()))][i].path)
					next.Reset(q.every)
				}
			}
		})
	}
	all.Wait()
}

// Ten browsers that have pages of the console open cost a busy collector less than 2 % of a core. The stretches with and without them
// take turns, since what the collector needs for the traces goes up and down.
func TestConsoleTenBrowsers(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		lacking(t, "no /proc")
	}
	b := startLoaded(t) // no other test runs at the same time: this one is not parallel
	load, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { replay(load, t, b.otlp, b.recorded, "--repeat=0", "--speed=10") })
	time.Sleep(30 * time.Second)

	const turn = 20 * time.Second
	var with, without time.Duration
	turns := 2
	for range turns {
		before := b.processor()
		time.Sleep(turn)
		without += b.processor() - before

		before = b.processor()
		open, shut := context.WithTimeout(t.Context(), turn)
		var browsers sync.WaitGroup
		for n := range 10 {
			browsers.Go(func() { b.browse(open, n) })
		}
		browsers.Wait()
		shut()
		with += b.processor() - before
	}
	cancel()
	all.Wait()
	share := func(d time.Duration) float64 { return 100 * d.Seconds() / (time.Duration(turns) * turn).Seconds() }
	t.Logf("a busy collector takes %.1f %% of a core, %.1f %% with ten browsers, which got %d answers", share(without), share(with), b.answers.Load())
	assert.Zero(t, b.wrong.Load())
	assert.Greater(t, b.answers.Load(), int64(50))
	assert.Less(t, share(with)-share(without), 2.0+0.1*share(without), "2 %, and as much as the load itself goes up and down")
	b.stop(t)
}
