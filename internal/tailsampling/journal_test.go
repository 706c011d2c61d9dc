package tailsampling

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/journal"
)

// journaled is a harness that keeps everything, with a journal in dir.
func journaled(t tester, dir string, change func(*Config), options ...func(*journal.Options)) *harness {
	t.Helper()
	o := journal.Options{Directory: dir, MaxBytes: 64 << 20}
	for _, f := range options {
		f(&o)
	}
	j, err := journal.Open(o)
	require.NoError(t, err)
	h := newHarness(t, func(cfg *Config) {
		cfg.Budget.Value = 100
		if change != nil {
			change(cfg)
		}
	})
	h.engine.UseJournal(j, JournalObserver{Changed: func(err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.notices = append(h.notices, err)
	}})
	return h
}

// crashed is a copy of the directory as a process that is killed now would leave it.
func crashed(t tester, dir string) string {
	t.Helper()
	to, err := os.MkdirTemp(filepath.Dir(dir), "crashed")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// after is a harness that goes on at a later time with what a crash has left.
func (h *harness) after(d time.Duration, dir string, change func(*Config), options ...func(*journal.Options)) *harness {
	h.t.Helper()
	next := journaled(h.t, dir, change, options...)
	next.now = h.now.Add(d)
	return next
}

func segments(t tester, dir string) (n int) {
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".segment") || strings.HasSuffix(f.Name(), ".spare") {
			n++
		}
	}
	return n
}

// names are the spans that came out, by trace and span id, with how often.
func (h *harness) names() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string]int{}
	for id, spans := range h.out {
		for _, s := range spans {
			out[fmt.Sprint(id, s.SpanID())]++
		}
	}
	return out
}

func TestUndecidedTracesSurvive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	h := journaled(t, dir, nil)
	for n := range 100 {
		h.send(simple(traceID(n, 0.5), time.Second))
	}
	h.pass(time.Second)
	require.Empty(t, h.decisions)
	next := h.after(5*time.Second, crashed(t, dir), nil)
	next.pass(tickInterval)
	require.Equal(t, 100, next.engine.Open())
	got := next.engine.Stats().Journal
	require.Equal(t, JournalWhole, got.State)
	require.Equal(t, 100, got.Recovery.Traces)
	require.Equal(t, 200, got.Recovery.Spans)
	require.Zero(t, got.Recovery.DamagedRecords)
	next.pass(time.Minute)
	require.Len(t, next.decisions, 100)
	require.Len(t, next.names(), 200)
	for _, spans := range next.out {
		require.Len(t, spans, 2)
	}
}

// What a trace was before the crash counts: it is decided at its maximal age, not that long after the start.
func TestAgesSurvive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	change := func(cfg *Config) { cfg.Completion.InitialWait = 30 * time.Second }
	h := journaled(t, dir, change)
	id := traceID(1, 0.5)
	h.send(simple(id, time.Second))
	for range 4 { // it never is quiet for long
		h.pass(10 * time.Second)
		h.send(simple(id, time.Second))
	}
	for name, one := range map[string]struct{ later, wait time.Duration }{
		"soon":             {5 * time.Second, 15 * time.Second},
		"much later":       {time.Hour, 0},
		"clock leapt back": {-time.Hour, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			next := h.after(one.later, crashed(t, dir), change)
			if one.wait > 0 {
				next.pass(one.wait - 2*time.Second)
				require.Empty(t, next.decisions)
			}
			next.pass(3 * time.Second)
			require.Len(t, next.decisions, 1)
			require.Equal(t, 10, next.decisions[id].Spans)
		})
	}
}

func TestDecidedTracesDoNotComeBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	h := journaled(t, dir, func(cfg *Config) { cfg.Budget.Value = 50 })
	for n := range 100 {
		h.send(simple(traceID(n, float64(n)/100), time.Second))
	}
	h.pass(30 * time.Second)
	require.Len(t, h.decisions, 100)
	next := h.after(time.Second, crashed(t, dir), nil)
	next.pass(time.Minute)
	require.Empty(t, next.decisions)
	require.Equal(t, 0, next.engine.Stats().Journal.Recovery.Spans)
}

// What is kept stays in the journal until it was sent.
func TestKeptAndUnsentTracesSurvive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	h := newIdle(t)
	h.fail = nil
	h = journaled(t, dir, nil)
	for n := range 10 {
		h.send(simple(traceID(n, 0.5), time.Second))
	}
	for end := h.now.Add(30 * time.Second); h.now.Before(end); { // decided, and not drained
		h.now = h.now.Add(tickInterval)
		h.engine.Step()
	}
	require.Len(t, h.decisions, 10)
	// Spans that come meanwhile are followers of the kept trace: another trace to the journal.
	h.send(makeBatch(traceID(3, 0.5), spec{id: 9, parent: 1, service: "cart", name: "late", end: time.Second}))
	next := h.after(time.Second, crashed(t, dir), nil)
	next.pass(time.Minute)
	require.Len(t, next.decisions, 10)
	require.Equal(t, 3, next.decisions[traceID(3, 0.5)].Spans)
	require.Len(t, next.names(), 21)
	again := next.after(time.Second, crashed(t, next.dir(t)), nil)
	again.pass(time.Minute)
	require.Empty(t, again.decisions, "both numbers of the trace are over")
}

func (h *harness) dir(t *testing.T) string {
	t.Helper()
	return h.engine.assembly.ledger.journal.Directory()
}

// At the end, everything was decided and sent, and the journal is empty; what could not be sent stays in it.
func TestShutdownLeavesWhatWasNotSent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	h := journaled(t, dir, nil)
	h.send(simple(traceID(1, 0.5), time.Second))
	h.pass(tickInterval)
	require.NoError(t, h.engine.Shutdown(context.Background()))
	require.Len(t, h.names(), 2)
	require.Zero(t, segments(t, dir))

	h = journaled(t, dir, nil)
	h.send(simple(traceID(1, 0.5), time.Second))
	h.fail = errors.New("unavailable")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, h.engine.Shutdown(ctx))
	require.Empty(t, h.lost)
	require.EqualValues(t, 2, h.engine.Stats().Journal.Stays)

	h = journaled(t, dir, nil)
	h.pass(time.Minute)
	require.Len(t, h.names(), 2)
}

// Whatever happens, nothing that was acknowledged is lost, and nothing that was dropped or sent a while ago comes back. The next consumer
// fails now and then, traces are slow, the journal is small, and the process is killed again and again.
func TestNothingIsLostProperty(t *testing.T) {
	folder, run := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		root := filepath.Join(folder, strconv.Itoa(run))
		defer os.RemoveAll(root)
		dir := filepath.Join(root, "journal")
		shards := rapid.IntRange(1, 4)
		change := func(cfg *Config) {
			cfg.Shards = shards.Draw(r, "shards")
			cfg.Completion.MaxWait = 20 * time.Second
		}
		small := func(o *journal.Options) { o.MaxBytes = 2 << 20 }
		h := journaled(r, dir, change, small)
		acknowledged, sent := map[string]bool{}, map[string]bool{}
		next := 0
		id := func(n int) pcommon.TraceID { return traceID(n, 0.5) }
		steps := rapid.IntRange(5, 40).Draw(r, "steps")
		for range steps {
			switch rapid.IntRange(0, 9).Draw(r, "what") {
			case 0:
				h.fail = nil
			case 1:
				h.fail = errors.New("unavailable")
			case 2:
				for name := range h.names() {
					sent[name] = true
				}
				left := crashed(r, dir)
				h.engine.assembly.ledger.recovery.close()
				_ = h.engine.assembly.ledger.journal.Close() // it is dead
				h.engine.assembly.ledger, h.fail = nil, nil
				now := h.now
				dir = left
				h = journaled(r, dir, change, small)
				h.now = now.Add(time.Second)
			case 3, 4:
				d := time.Duration(rapid.IntRange(1, 500).Draw(r, "ticks")) * tickInterval
				for end := h.now.Add(d); h.now.Before(end); {
					h.now = h.now.Add(tickInterval)
					h.engine.Step()
					if h.fail == nil {
						h.engine.Drain(context.Background())
					}
				}
			default:
				td := ptrace.NewTraces()
				for range rapid.IntRange(1, 400).Draw(r, "spans") {
					next++
					n := next / 7
					if next%11 == 0 {
						n %= 20 // some traces go on for long
					}
					makeBatch(id(n), spec{id: byte(next), parent: byte(next >> 8), service: "shop", name: "GET /", attribute: strings.Repeat("v", next%200)}).
						ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
				}
				var names []string
				for _, rs := range td.ResourceSpans().All() {
					s := rs.ScopeSpans().At(0).Spans().At(0)
					var sid pcommon.SpanID
					sid[0], sid[1], sid[2] = byte(next), byte(next>>8), byte(len(names))
					sid[3] = byte(len(names) >> 8)
					s.SetSpanID(sid)
					names = append(names, fmt.Sprint(s.TraceID(), sid))
				}
				require.NoError(r, h.offer(context.Background(), td))
				for _, name := range names {
					acknowledged[name] = true
				}
			}
			require.Equal(r, JournalWhole, h.engine.Stats().Journal.State)
		}
		h.fail = nil
		h.pass(time.Minute)
		for name := range h.names() {
			sent[name] = true
		}
		for name := range acknowledged {
			assert.True(r, sent[name], name)
		}
		again := h.after(time.Second, crashed(r, dir), change, small)
		again.pass(time.Minute)
		require.Empty(r, again.decisions)
	})
}
