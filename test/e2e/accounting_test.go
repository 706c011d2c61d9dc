package e2e

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// account is a run of the sampler under load to which something happens.
type account struct {
	*ledger
	t          *testing.T
	collector  *collector
	file       string // its configuration
	receiver   string
	status     atomic.Int64 // that the backend answers with
	takes      atomic.Int64 // ns that an answer takes
	faults     atomic.Int64 // per mille of requests that the backend fails
	scenario   scenario
	journal    string // its directory
	incarnated int    // collectors so far
}

// scenario is what happens to a sampler. lasts is short here; `make reliability` makes some of them long.
type scenario struct {
	name       string
	happens    func(a *account, lasts time.Duration)
	lasts      time.Duration // in `make reliability`
	goroutines int           // 1, unless more are said; each sends a hundred spans every 20 ms
	percentage int           // of the budget; 20
	memoryMiB  int           // 128
	wait       string        // initial_wait; 1s
	journal    bool
	diskMiB    int  // that the journal is on; 0: that of all tests
	twice      bool // spans may be delivered twice
}

// reliabilityFile is where `make reliability` wants the table; the scenarios then last as long as they say.
const (
	reliabilityFile = "ASSAY_RELIABILITY"
	reliabilityMost = "ASSAY_RELIABILITY_MOST" // but at most so long, a duration of Go
)

const shortly = 3 * time.Second

var scenarios = []scenario{
	{name: "SIGTERM", happens: (*account).wait},
	{name: "SIGHUP, twice", happens: (*account).reload},
	{name: "SIGHUP over 10,000 open traces", happens: (*account).reloadOpen, goroutines: 4, wait: "20s"},
	{name: "backend down", happens: (*account).backendDown, lasts: 10 * time.Minute},
	{name: "backend slow (1 s an answer)", happens: (*account).backendSlow, lasts: time.Minute},
	{name: "ten times more than the backend takes", happens: (*account).overload, lasts: time.Minute, goroutines: 4, percentage: 100, memoryMiB: 16},
	{name: "SIGKILL, twice, with a journal", happens: (*account).kill, percentage: 100, journal: true, twice: true},
	{name: "disk of the journal full, then not", happens: (*account).diskFull, journal: true, diskMiB: 24},
	{name: "1 % of requests fail", happens: (*account).someFail, lasts: 30 * time.Minute},
}

// TestAccounting requires that every span which was answered with success is delivered, or counted under a reason, whatever happens.
func TestAccounting(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	rows := map[string]string{}
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range scenarios {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				row := runAccount(t, s)
				mu.Lock()
				defer mu.Unlock()
				rows[s.name] = row
			})
		}
	})
	if path := os.Getenv(reliabilityFile); path != "" && !t.Failed() {
		writeReliability(t, path, rows)
	}
}

func runAccount(t *testing.T, s scenario) string {
	a := &account{ledger: newLedger(), t: t, receiver: freeAddress(t), scenario: s}
	a.status.Store(http.StatusOK)
	backend := a.backend(t, a.answer)
	sampler := section{
		"budget": section{"percentage": cmp.Or(s.percentage, 20)}, "memory": section{"limit_mib": cmp.Or(s.memoryMiB, 128)},
		"completion": section{"initial_wait": cmp.Or(s.wait, "1s"), "max_wait": "20s"},
	}
	if s.journal {
		a.journal = t.TempDir()
		if s.diskMiB > 0 {
			smallDisk(t, a.journal, s.diskMiB)
		}
		sampler["journal"] = section{"directory": a.journal, "max_mib": 64}
	}
	config, err := yaml.Marshal(section{
		"receivers":  section{"otlp": section{"protocols": section{"http": section{"endpoint": a.receiver}}}},
		"processors": section{"smart_tail_sampling": sampler},
		"exporters": section{"otlp_http": section{
			"endpoint": backend, "timeout": "30s", "compression": "none", "sending_queue": section{"enabled": false}, "retry_on_failure": section{"enabled": false},
		}},
		"service": section{
			"telemetry": section{"metrics": section{"level": "none"}},
			"pipelines": section{"traces": section{"receivers": []string{"otlp"}, "processors": []string{"smart_tail_sampling"}, "exporters": []string{"otlp_http"}}},
		},
	})
	require.NoError(t, err)
	a.file = filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(a.file, config, 0o600))
	a.collector = start(t, nil, "--config", a.file)
	a.incarnated = 1

	lasts := shortly
	if os.Getenv(reliabilityFile) != "" && s.lasts > 0 {
		most, err := time.ParseDuration(os.Getenv(reliabilityMost))
		require.NoError(t, err)
		lasts = min(s.lasts, most)
	}
	began := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		a.load(ctx, a.receiver, cmp.Or(s.goroutines, 1), 20*time.Millisecond)
	}()
	s.happens(a, lasts)
	a.collector.stop(t) // under load: it goes on until the receiver is closed
	cancel()
	<-loaded
	return a.balance(time.Since(began))
}

// answer is the backend's.
func (a *account) answer() int {
	time.Sleep(time.Duration(a.takes.Load()))
	if rand.Int64N(1000) < a.faults.Load() {
		return http.StatusServiceUnavailable
	}
	return int(a.status.Load())
}

// wait lets the load go on for a while.
func (*account) wait(lasts time.Duration) { time.Sleep(lasts) }

func (a *account) reload(lasts time.Duration) {
	for range 2 {
		a.wait(lasts / 2)
		a.incarnated++
		require.NoError(a.t, a.collector.cmd.Process.Signal(syscall.SIGHUP))
		a.collector.waitReady(a.t, a.incarnated)
	}
	a.wait(lasts / 2)
}

func (a *account) reloadOpen(time.Duration) {
	eventually(a.t, "10,000 traces are open", time.Minute, func() bool { return a.figures().acked >= 50_000 })
	a.incarnated++
	require.NoError(a.t, a.collector.cmd.Process.Signal(syscall.SIGHUP))
	a.collector.waitReady(a.t, a.incarnated)
	require.GreaterOrEqual(a.t, total(a.t, a.collector.log.String(), "kept_traces")+total(a.t, a.collector.log.String(), "dropped_traces"), 9_500)
}

func (a *account) kill(lasts time.Duration) {
	for range 2 {
		a.wait(lasts)
		require.NoError(a.t, a.collector.cmd.Process.Kill())
		<-a.collector.exited
		a.collector = start(a.t, nil, "--config", a.file)
	}
	a.wait(lasts)
}

// diskFull leaves the journal no room, and gives it back.
func (a *account) diskFull(lasts time.Duration) {
	a.wait(lasts)
	filler := filepath.Join(a.journal, "filler")
	f, err := os.Create(filler)
	require.NoError(a.t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	require.ErrorIs(a.t, err, syscall.ENOSPC)
	require.NoError(a.t, f.Close())
	a.logs("The journal cannot be written to")
	a.wait(lasts)
	require.NoError(a.t, os.Remove(filler))
	a.logs("The journal is written to again")
	a.wait(lasts)
}

// logs waits until the collector says something.
func (a *account) logs(what string) {
	eventually(a.t, what, time.Minute, func() bool { return strings.Contains(a.collector.log.String(), what) })
}

func (a *account) backendDown(lasts time.Duration) {
	a.wait(shortly)
	a.status.Store(http.StatusServiceUnavailable)
	a.wait(lasts)
	a.status.Store(http.StatusOK)
	before := a.figures().delivered
	eventually(a.t, "the sampler recovers by itself", time.Minute, func() bool { return a.figures().delivered > before })
	a.wait(shortly)
}

func (a *account) backendSlow(lasts time.Duration) {
	a.takes.Store(int64(time.Second))
	a.wait(2*shortly + lasts)
	a.takes.Store(0)
}

func (a *account) overload(lasts time.Duration) {
	a.takes.Store(int64(3 * time.Second))
	eventually(a.t, "the sampler refuses", 2*time.Minute, func() bool { return a.figures().refused > 0 })
	a.wait(lasts)
	a.takes.Store(0)
}

func (a *account) someFail(lasts time.Duration) {
	a.faults.Store(10)
	a.wait(lasts)
	a.faults.Store(0)
}

// balance requires that all adds up, and gives the row of the table. What a sampler counts in its last moments stands in its log.
func (a *account) balance(lasted time.Duration) string {
	f := a.figures()
	log := a.collector.log.String()
	dropped, late, lost := total(a.t, log, "dropped_spans"), total(a.t, log, "late_dropped_spans"), total(a.t, log, "lost_spans")
	counted := f.delivered + dropped + late + lost
	detail := fmt.Sprintf("%+v, dropped %d, late %d, lost %d", f, dropped, late, lost)
	assert.GreaterOrEqual(a.t, counted, f.acked, detail)
	assert.LessOrEqual(a.t, counted, f.acked+f.unanswered, detail)
	if !a.scenario.twice {
		assert.Zero(a.t, f.duplicates, detail)
	}
	if a.scenario.percentage == 100 {
		assert.Zero(a.t, f.missing, detail)
	}
	assert.Zero(a.t, lost, detail)
	assert.Greater(a.t, f.acked, 1000, detail)
	a.t.Log(detail)
	return fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %d | %d | %d |", a.scenario.name, lasted.Round(time.Second), f.acked, f.refused, f.delivered, dropped, late, lost, f.duplicates)
}

// total adds up a figure of all samplers that have ended.
func total(t *testing.T, log, name string) (sum int) {
	t.Helper()
	for _, found := range regexp.MustCompile(`Sampling has ended.*[" ]`+name+`": (\d+)`).FindAllStringSubmatch(log, -1) {
		n, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		sum += n
	}
	return sum
}

// smallDisk makes a directory a file system of its own, of so many MiB.
func smallDisk(t *testing.T, directory string, miB int) {
	t.Helper()
	mount := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", miB), "tmpfs", directory)
	if text, err := mount.CombinedOutput(); err != nil {
		t.Skipf("a file system of its own cannot be mounted here, which needs root, and a kernel that lets it: %v: %s", err, text)
	}
	t.Cleanup(func() {
		text, err := exec.CommandContext(context.Background(), "umount", directory).CombinedOutput()
		require.NoError(t, err, "%s", text)
	})
}
