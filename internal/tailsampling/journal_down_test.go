package tailsampling

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/journal"
)

// big is a trace of one span of about 4 KiB that goes on.
func (h *harness) big(n int) {
	h.t.Helper()
	id := traceID(n, 0.5)
	h.send(makeBatch(id, spec{id: byte(h.offered), parent: byte(h.offered >> 8), service: "shop", name: "GET /", attribute: strings.Repeat(string(rune('a'+n%26)), 2000)}))
}

// A directory that is gone takes nothing down but the journal; it says so, and comes back with all that is undecided.
func TestJournalComesBack(t *testing.T) {
	for name, renewed := range map[string]bool{"the same directory": false, "a new directory": true} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "journal")
			h := journaled(t, dir, func(cfg *Config) { cfg.Completion.InitialWait = 50 * time.Second })
			send := func(n int) { h.send(simple(traceID(n, 0.5), time.Second)) }
			send(1)
			h.pass(time.Second)
			if renewed {
				require.NoError(t, os.RemoveAll(dir))
			} else {
				require.NoError(t, os.Rename(dir, dir+"2"))
			}
			require.NoError(t, os.WriteFile(dir, nil, 0o600)) // so that it cannot be made anew
			h.pass(2 * time.Second)
			require.Equal(t, JournalDown, h.engine.Stats().Journal.State)
			require.Len(t, h.notices, 1)
			require.Error(t, h.notices[0])
			send(2)
			send(1)
			h.pass(10 * time.Second)
			require.Equal(t, JournalDown, h.engine.Stats().Journal.State)
			require.NoError(t, os.Remove(dir))
			if !renewed {
				require.NoError(t, os.Rename(dir+"2", dir))
			}
			h.pass(6 * time.Second)
			require.Equal(t, JournalWhole, h.engine.Stats().Journal.State)
			require.Len(t, h.notices, 2)
			require.NoError(t, h.notices[1])
			send(3)
			next := h.after(time.Second, crashed(t, dir), nil)
			next.pass(time.Minute)
			require.Len(t, next.decisions, 3)
			require.Equal(t, 4, next.decisions[traceID(1, 0.5)].Spans)
			require.Zero(t, next.engine.Stats().Journal.Recovery.DamagedRecords)
		})
	}
}

// A journal that is too small for what is undecided refuses no span: it says so, and is whole again when there is room.
func TestJournalTooSmall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	small := func(o *journal.Options) { o.MaxBytes = journal.MinBytes }
	h := journaled(t, dir, func(cfg *Config) { cfg.Completion.InitialWait = 30 * time.Second }, small)
	h.pass(tickInterval)
	for n := range 2000 {
		h.big(n)
	}
	h.pass(time.Second)
	require.Equal(t, JournalDown, h.engine.Stats().Journal.State)
	require.ErrorIs(t, h.notices[0], journal.ErrFull)
	require.LessOrEqual(t, h.engine.Stats().Journal.Bytes, int64(journal.MinBytes))
	h.pass(20 * time.Second)
	for n := range 10 {
		h.big(5000 + n)
	}
	h.pass(20 * time.Second)
	require.Equal(t, JournalWhole, h.engine.Stats().Journal.State, "the large ones are decided")
	require.Len(t, h.notices, 2)
	require.Len(t, h.decisions, 2000)
	next := h.after(time.Second, crashed(t, dir), nil)
	next.pass(time.Minute)
	require.Len(t, next.decisions, 10)
}

// A slow trace does not pin the journal: what it needs is copied, and the rest goes.
func TestSlowTraceDoesNotPinTheJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	small := func(o *journal.Options) { o.MaxBytes = 4 << 20 }
	change := func(cfg *Config) { cfg.Completion.MaxWait, cfg.Completion.InitialWait = time.Hour, 10*time.Second }
	h := journaled(t, dir, change, small)
	slow := traceID(0, 0.5)
	spans := 0
	most := int64(0)
	for n := range 3000 {
		if n%25 == 0 {
			h.send(simple(slow, time.Second))
			spans += 2
		}
		h.big(1 + n)
		h.pass(50 * time.Millisecond)
		st := h.engine.Stats().Journal
		require.Equal(t, JournalWhole, st.State)
		require.LessOrEqual(t, st.Bytes, max(int64(journalFactor)*st.Live+(journalSlack+3)*(128<<10)), "factor")
		most = max(most, st.Bytes)
	}
	require.Positive(t, h.engine.assembly.ledger.compactor.total)
	next := h.after(time.Second, crashed(t, dir), change, small)
	next.pass(15 * time.Second)
	require.Equal(t, spans, next.decisions[slow].Spans)
	t.Logf("%d bytes at most, %d bytes copied", most, h.engine.assembly.ledger.compactor.total)
}

// The memory limit holds when a journal is taken in that holds more; the rest follows when there is room.
func TestRecoveryHoldsTheMemoryLimit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	change := func(cfg *Config) { cfg.Completion.InitialWait = 30 * time.Second }
	h := journaled(t, dir, change)
	for n := range 15000 {
		h.big(n)
	}
	next := h.after(time.Second, crashed(t, dir), func(cfg *Config) { change(cfg); cfg.MemoryLimit = 16 << 20 })
	for range 400 {
		next.pass(tickInterval)
		require.Less(t, next.engine.Stats().Bytes, int64(18<<20))
	}
	next.pass(time.Minute)
	require.Len(t, next.decisions, 15000)
	require.True(t, next.engine.Stats().Journal.Recovery.Done)
	again := next.after(time.Second, crashed(t, next.dir(t)), nil)
	again.pass(time.Minute)
	require.Empty(t, again.decisions)
}
