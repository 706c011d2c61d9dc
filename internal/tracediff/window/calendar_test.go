package window

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A trace belongs wholly to the window in which it begins, and a window closes when its lateness is over and not before.
func TestTracesBelongToTheWindowInWhichTheyBegin(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service = "shop"`))
	h.pass(59 * time.Second)
	h.send(request(1, 59_950*time.Millisecond)...) // its children begin in the next minute
	h.send(request(2, 60*time.Second)...)
	h.pass(10 * time.Second)
	require.Empty(t, h.closed)
	h.pass(time.Second)
	s := h.one()
	assert.EqualValues(t, 1, s.Coverage.Traces)
	assert.EqualValues(t, 3, s.Coverage.Spans)
	assert.EqualValues(t, 19, s.Total.Slices[0].Index)
	h.pass(time.Minute)
	require.Len(t, h.closed, 2)
	assert.EqualValues(t, 3, h.closed[1].Coverage.Spans)
	assert.EqualValues(t, 0, h.closed[1].Total.Slices[0].Index)
	assert.Equal(t, s.End, h.closed[1].Start)
}

// What is still awaited when a window closes is taken as it stands, and what comes after is late.
func TestWindowsDoNotWaitLongerThanTheirLateness(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	h.pass(65 * time.Second)
	spans := request(1, 50*time.Second)
	h.send(spans[1:]...) // the root is missing
	h.pass(10 * time.Second)
	s := h.one()
	assert.EqualValues(t, 2, s.Coverage.Spans)
	assert.EqualValues(t, 1, s.Coverage.Orphans)
	assert.Equal(t, 2, spansOf(s, service("cart")))
	h.send(spans[0])
	h.pass(time.Minute)
	require.Len(t, h.closed, 2)
	assert.Equal(t, snapshot.Coverage{Late: 1}, h.closed[1].Coverage)
	assert.EqualValues(t, 1, h.engine.Stats().Late)
}

// A span that comes after its trace was aggregated is late, also while the window is open, and makes no trace of its own.
func TestLateSpansOfAggregatedTraces(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	spans := request(1, time.Second)
	h.send(spans[:2]...)
	h.pass(9 * time.Second)
	h.send(spans[0]) // again: the wait begins anew
	h.pass(9 * time.Second)
	h.send(spans[1])
	h.pass(11 * time.Second)
	h.send(spans[2])
	h.pass(time.Minute)
	assert.Equal(t, snapshot.Coverage{Traces: 1, Spans: 2, Duplicates: 2, WithoutThreshold: 2, Late: 1}, h.one().Coverage)
}

// Spans from the future and spans hours old are left out, and said so; spans just ahead of the clock are not.
func TestSpansFarFromTheClock(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	h.send(request(1, 9*time.Second)...)
	h.send(request(2, 11*time.Second)...)
	h.send(request(3, -5*time.Hour)...)
	h.send(request(4, 200*365*24*time.Hour)...)
	h.send(spec{trace: 5, id: 1, service: "shop", start: -1_700_006_400*time.Second + 1}) // 1970
	h.pass(70 * time.Second)
	assert.Equal(t, snapshot.Coverage{Traces: 1, Spans: 3, WithoutThreshold: 3, Future: 6, Late: 4}, h.one().Coverage)
}

// One span of no sensible time does not take its trace with it.
func TestOneStraySpanDoesNotMoveItsTrace(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	spans := request(1, time.Second)
	stray := spec{trace: 1, id: 9, parent: 1, service: "shop", name: "stray", start: -30 * 24 * time.Hour}
	h.send(append(spans, stray)...)
	h.pass(70 * time.Second)
	assert.Equal(t, snapshot.Coverage{Traces: 1, Spans: 3, WithoutThreshold: 3, Late: 1}, h.one().Coverage)
}

// A window in which nothing came gives a snapshot; the first window of a query that was added within it is partial.
func TestEmptyAndFirstWindows(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service = "shop"`))
	h.pass(20 * time.Second)
	require.NoError(t, h.engine.AddQuery(every(t, "late", `service = "shop"`)))
	h.pass(110 * time.Second)
	require.Len(t, h.closed, 4)
	states := map[string][]snapshot.State{}
	for _, s := range h.closed {
		states[s.QueryID] = append(states[s.QueryID], s.State)
		assert.Zero(t, s.Coverage)
	}
	assert.Equal(t, map[string][]snapshot.State{
		"q": {snapshot.Complete, snapshot.Complete}, "late": {snapshot.Partial, snapshot.Complete},
	}, states)
}

// Windows of any length begin on the boundaries of that length since 1970.
func TestWindowsOfSeveralLengths(t *testing.T) {
	long := every(t, "long", `service != ""`)
	long.Window = 7 * time.Second
	h := newHarness(t, Limits{}, long)
	h.send(request(1, time.Second)...)
	h.pass(30 * time.Second)
	require.NotEmpty(t, h.closed)
	for i, s := range h.closed {
		assert.Zero(t, s.Start.UnixNano()%int64(7*time.Second))
		assert.Equal(t, 7*time.Second, s.End.Sub(s.Start))
		assert.Equal(t, time.Second, s.Slice)
		assert.Equal(t, 7, s.Slices())
		if i > 0 {
			assert.Equal(t, h.closed[i-1].End, s.Start)
		}
	}
}

// Time away makes the windows that it touches partial. Those that lie wholly within it leave nothing.
func TestTimeAway(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	h.pass(20 * time.Second)
	h.leap(5 * time.Minute) // asleep until 5:20
	h.pass(2 * time.Minute)
	require.Len(t, h.closed, 3)
	assert.Equal(t, epoch, h.closed[0].Start)
	assert.Equal(t, snapshot.Partial, h.closed[0].State)
	assert.Equal(t, epoch.Add(5*time.Minute), h.closed[1].Start)
	assert.Equal(t, snapshot.Partial, h.closed[1].State)
	assert.Equal(t, epoch.Add(6*time.Minute), h.closed[2].Start)
	assert.Equal(t, snapshot.Complete, h.closed[2].State)
}

// A clock that was an hour ahead and is put right does not make an hour of spans late, and what is seen twice is partial.
func TestClockSetBack(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	h.pass(20 * time.Second)
	h.leap(time.Hour)
	h.pass(20 * time.Second)
	h.send(request(1, time.Hour+30*time.Second)...)
	h.closed = nil
	h.leap(-time.Hour)
	h.send(request(2, 41*time.Second)...)
	h.pass(40 * time.Second)
	s := h.one()
	assert.Equal(t, epoch, s.Start)
	assert.Equal(t, snapshot.Partial, s.State)
	assert.EqualValues(t, 1, s.Coverage.Traces)
	h.pass(time.Minute)
	require.Len(t, h.closed, 2)
	assert.Equal(t, epoch.Add(time.Minute), h.closed[1].Start)
	assert.Equal(t, snapshot.Complete, h.closed[1].State)
}

// A clock that is set back a little closes nothing twice and spoils nothing.
func TestClockSetBackALittle(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	h.pass(40 * time.Second)
	h.leap(-5 * time.Second)
	h.pass(35 * time.Second)
	assert.Equal(t, snapshot.Complete, h.one().State)
}

// A receiver that blocks, because its database is away, costs no window and is no time away.
func TestSlowReceiver(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service != ""`))
	slow := true
	h.engine.cfg.Closed = func(w Window) {
		h.closed = append(h.closed, w.Snapshot)
		if slow {
			slow = false
			for range 150 { // spans go on coming
				h.now = h.now.Add(time.Second)
				h.send(request(int(h.now.Unix()), h.now.Sub(epoch))...)
			}
		}
	}
	h.pass(72 * time.Second)
	h.pass(150 * time.Second)
	require.Len(t, h.closed, 6)
	spans := uint64(0)
	for _, s := range h.closed {
		assert.Equal(t, snapshot.Complete, s.State, s.Start)
		assert.Zero(t, s.Coverage.Late)
		spans += s.Coverage.Spans
	}
	assert.EqualValues(t, 150*3, spans)
}

// Queries come and go while spans arrive. A trace that began before a query was added does not count for it.
func TestQueriesAtRunTime(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "first", `service = "shop"`, "code"))
	spans := request(1, time.Second)
	h.send(spans[:2]...)
	require.NoError(t, h.engine.AddQuery(every(t, "second", `service = "shop"`, "tenant", "code")))
	require.ErrorContains(t, h.engine.AddQuery(every(t, "second", `service = "shop"`)), `query "second": exists already`)
	spans[2].attributes = map[string]any{"tenant": "acme", "code": 7}
	h.send(spans[2])
	other := request(2, 2*time.Second)
	other[1].attributes = spans[2].attributes
	h.send(other...)
	require.Len(t, h.engine.Queries(), 2)
	h.pass(15 * time.Second)

	open := h.engine.Open("first")
	require.Len(t, open, 1)
	assert.Equal(t, snapshot.Open, open[0].State)
	assert.EqualValues(t, 6, open[0].Coverage.Spans)
	assert.Equal(t, 2, spansOf(open[0].Snapshot, valueOf("code", "7")))
	open = h.engine.Open("second")
	require.Len(t, open, 1)
	assert.EqualValues(t, 3, open[0].Coverage.Spans)
	assert.Equal(t, 1, spansOf(open[0].Snapshot, valueOf("tenant", "acme")))
	assert.Empty(t, h.engine.Open("third"))

	require.True(t, h.engine.RemoveQuery("first"))
	require.False(t, h.engine.RemoveQuery("first"))
	h.pass(time.Minute)
	assert.Equal(t, "second", h.one().QueryID)
	require.True(t, h.engine.RemoveQuery("second"))
	h.send(request(3, 70*time.Second)...) // nobody asks
	assert.Zero(t, h.engine.Stats().GroupBytes)
	assert.EqualValues(t, 9, h.engine.Stats().Spans)
	require.NoError(t, h.engine.Shutdown(context.Background()))
}

func TestConfigurationIsChecked(t *testing.T) {
	_, err := New(Config{
		Wait: -1, Limits: Limits{GroupsPerSnapshot: -1, ValuesPerKey: -1, MemoryBytes: 1 << 20},
	})
	for _, want := range []string{
		"assembly::wait: must not be negative, got -1ns", "limits::groups_per_snapshot: must be positive, got -1",
		"limits::values_per_key: must be positive, got -1", "limits::memory_mib: must be at least 4, got 1",
	} {
		require.ErrorContains(t, err, want)
	}
	_, err = New(Config{Queries: []Query{{Scope: "spans", Window: time.Millisecond, Lateness: -1, Keys: []string{"a", ""}}}})
	for _, want := range []string{
		"id: must not be empty", "query: must not be empty", `scope: must be trace or span, got "spans"`,
		"window: must be at least 1s, got 1ms", "lateness: must not be negative, got -1ns", "group_by::1: must not be empty",
	} {
		require.ErrorContains(t, err, want)
	}
}
