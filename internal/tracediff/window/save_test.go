package window

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A window that is saved, restored in another process and filled further is the window that nobody interrupted, but partial.
func TestRestartedWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := every(t, "q", anyQuery.Draw(t, "query"), "code")
		traces := anyTraces(t)
		cut := rapid.IntRange(0, len(traces)).Draw(t, "cut")
		send := func(h *harness, traces [][]spec) {
			h.now = epoch.Add(time.Minute) // spans of the whole minute are neither late nor early
			for _, spans := range traces {
				h.send(spans...)
			}
		}
		before := newHarness(t, Limits{}, q)
		send(before, traces[:cut])
		require.NoError(t, before.engine.Shutdown(context.Background()))
		saved, err := before.engine.Save()
		require.NoError(t, err)

		after := newHarness(t, Limits{}, q)
		require.NoError(t, after.engine.Restore(saved))
		send(after, traces[cut:])
		require.NoError(t, after.engine.Shutdown(context.Background()))
		after.leap(10 * time.Second)
		got := after.one()
		want := minute(t, q, Limits{}, traces)
		if len(before.engine.Open("q")) > 0 {
			require.Equal(t, snapshot.Partial, got.State)
		}
		require.Equal(t, want.ID, got.ID)
		requireSame(t, want, got)
	})
}

// Windows that ended while nobody was there close as soon as somebody is, and spans of then are late.
func TestWindowsThatEndedMeanwhile(t *testing.T) {
	before := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	before.send(request(1, time.Second)...)
	before.pass(15 * time.Second)
	saved, err := before.engine.Save() // and a crash
	require.NoError(t, err)

	after := newHarnessAt(t, epoch.Add(time.Hour), Limits{}, every(t, "q", `service != ""`))
	require.NoError(t, after.engine.Restore(saved))
	after.engine.Step()
	s := after.one()
	assert.Equal(t, snapshot.Partial, s.State)
	assert.EqualValues(t, 3, s.Coverage.Spans)
	after.pass(70 * time.Second)
	require.Len(t, after.closed, 2)
	assert.Equal(t, epoch.Add(time.Hour), after.closed[1].Start)
}

// Queries that changed meanwhile do not get windows of what they meant before.
func TestRestoreKnowsWhatAQueryMeans(t *testing.T) {
	before := newHarness(t, Limits{}, every(t, "q", `service != ""`, "code"), every(t, "gone", `service != ""`))
	before.send(request(1, time.Second)...)
	before.pass(15 * time.Second)
	saved, err := before.engine.Save()
	require.NoError(t, err)
	for name, q := range map[string]Query{
		"text": every(t, "q", `service = "shop"`, "code"),
		"keys": every(t, "q", `service != ""`, "tenant"),
		"name": every(t, "r", `service != ""`, "code"),
	} {
		h := newHarness(t, Limits{}, q)
		require.NoError(t, h.engine.Restore(saved))
		assert.Empty(t, h.engine.Open(q.ID), name)
	}
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`, "code"))
	require.NoError(t, h.engine.Restore(saved))
	require.NoError(t, h.engine.Restore(saved)) // twice does not count twice
	require.Len(t, h.engine.Open("q"), 1)
	assert.EqualValues(t, 3, h.engine.Open("q")[0].Coverage.Spans)
}

func TestBrokenWindowsAreRefused(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	h.send(request(1, time.Second)...)
	h.pass(15 * time.Second)
	saved, err := h.engine.Save()
	require.NoError(t, err)
	for n := range saved {
		broken := append([]byte(nil), saved...)
		broken[n] ^= 1
		again := newHarness(t, Limits{}, every(t, "q", `service != ""`))
		require.Error(t, again.engine.Restore(broken), n)
		require.Error(t, again.engine.Restore(saved[:n]), n)
		require.Empty(t, again.engine.Open("q"), n)
	}
}
