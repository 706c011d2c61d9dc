package tailsampling

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

func (h *harness) explain(id pcommon.TraceID) Explanation {
	h.t.Helper()
	x, err := h.engine.Explain(context.Background(), id)
	require.NoError(h.t, err)
	return x
}

// busy is a harness that has learned what is usual of simple traces.
func busy(t tester, change func(*Config)) *harness {
	t.Helper()
	h := newHarness(t, change)
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 1500 {
		h.send(simple(traceID(n, r.Float64()), time.Duration(9+r.IntN(3))*time.Millisecond))
		h.pass(50 * time.Millisecond)
	}
	return h
}

// The answer about each trace is what was decided about it, whatever it was.
func TestExplainSaysWhatWasDecided(t *testing.T) {
	h := busy(t, nil)
	h.pass(2 * time.Minute)
	require.Len(t, h.order, 1500)
	for _, d := range h.order {
		x := h.explain(d.TraceID)
		require.Equal(t, FateDecided, x.Fate)
		got := x.Decided.Decision
		assert.InDelta(t, d.Probability, got.Probability, 1e-6)
		assert.InDelta(t, d.Adjusted, got.Adjusted, 1e-9*d.Adjusted)
		got.Probability, got.Adjusted = d.Probability, d.Adjusted
		require.Equal(t, d, got)
		assert.Equal(t, d.Kept, x.Outcome.Kept)
		if x.Outcome.Kept {
			assert.GreaterOrEqual(t, x.Outcome.Randomness, x.Outcome.Threshold)
		}
		assert.Equal(t, OperationName{"shop", "GET /", 0}, x.Decided.Endpoint)
		assert.Equal(t, d.Latency, x.Decided.At.Sub(x.Outcome.LastSpan))
	}
}

func TestExplainNamesTheSign(t *testing.T) {
	h := busy(t, nil)
	slow, failed := traceID(9000, 0.5), traceID(9001, 0.5)
	h.send(simple(slow, time.Second))
	td := simple(failed, 10*time.Millisecond)
	td.ResourceSpans().At(1).ScopeSpans().At(0).Spans().At(0).Status().SetCode(2)
	h.send(td)
	h.pass(time.Minute)

	x := h.explain(slow)
	require.Equal(t, FateDecided, x.Fate)
	assert.True(t, x.Outcome.Kept)
	assert.Equal(t, "latency", x.Decided.Reason)
	latency := x.Decided.Signs[signLatency]
	assert.Greater(t, latency.Strength, latency.Enough, "slower than would have been enough")
	assert.Equal(t, "GET /", latency.Operation.Name, "three quarters of the time are the root's own")
	assert.InDelta(t, 0.98, x.Decided.Excess.Seconds(), 0.02)
	assert.GreaterOrEqual(t, x.Decided.Weight, x.Decided.Cutoff)
	assert.Zero(t, x.Decided.Signs[signError].Strength)
	require.NotNil(t, x.Path)
	assert.InDelta(t, 0.01, x.Path.P50.Seconds(), 0.001)
	assert.InDelta(t, 1502.0/(75+60), x.Path.Rate, 0.5, "20 a second, and then none for a while")
	assert.Positive(t, x.Path.Wait)

	x = h.explain(failed)
	assert.True(t, x.Outcome.Kept)
	assert.Equal(t, "error", x.Decided.Reason)
	assert.Equal(t, 1, x.Decided.Errors)
	assert.Equal(t, "get", x.Decided.Signs[signError].Operation.Name)
	assert.Zero(t, x.Decided.Signs[signLatency].Strength)
}

func TestExplainAroundTheDecision(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Budget = Budget{Unit: SharePercent, Value: 100} })
	id := traceID(1, 0.5)
	assert.Equal(t, FateUnknown, h.explain(id).Fate)

	began := h.now
	h.send(makeBatch(id, spec{id: 2, parent: 1, service: "cart", name: "get", end: 5}))
	h.pass(time.Second)
	x := h.explain(id)
	assert.Equal(t, FateOpen, x.Fate)
	assert.Equal(t, &OpenTrace{FirstSeen: began, LastSeen: began, Spans: 1, Latest: began.Add(h.engine.assembly.cfg.Completion.MaxWait)}, x.Open)
	h.send(makeBatch(id, spec{id: 1, service: "shop", name: "GET /", end: 9}))
	assert.True(t, h.explain(id).Open.Complete)

	h.pass(time.Minute)
	assert.Equal(t, FateDecided, h.explain(id).Fate)
	h.send(makeBatch(id, spec{id: 3, parent: 1, service: "shop", name: "late", end: 9}))
	x = h.explain(id)
	assert.Equal(t, FateDecided, x.Fate, "late spans do not open it again")
	assert.Equal(t, 1, x.LateOpen)
}

// Reasons are forgotten first, the outcome later, and the answer says from when on each is known.
func TestExplainOfWhatIsForgotten(t *testing.T) {
	h := newHarness(t, func(c *Config) {
		c.MemoryLimit = 64 << 20
		c.KeptCache, c.DroppedCache = 4000, 4000
	})
	h.engine.decider.log = newDecisionLog(1, 1)
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 12_000 {
		h.send(simple(traceID(n, r.Float64()), 10*time.Millisecond))
		h.pass(10 * time.Millisecond)
	}
	h.pass(time.Minute)
	fates := map[Fate]int{}
	for i, d := range h.order {
		x := h.explain(d.TraceID)
		fates[x.Fate]++
		if i >= len(h.order)-logPage {
			require.Equal(t, FateDecided, x.Fate)
		} else {
			require.NotEqual(t, FateDecided, x.Fate)
		}
		if x.Fate == FateDecided {
			require.False(t, x.Decided.At.Before(x.LoggedSince))
		} else {
			require.Nil(t, x.Decided)
		}
		if x.Fate == FateRemembered {
			require.Equal(t, d.Kept, x.Outcome.Kept)
			require.Equal(t, d.Threshold, x.Outcome.Threshold)
		}
		if x.Fate == FateUnknown {
			require.Nil(t, x.Outcome)
		}
	}
	assert.Positive(t, fates[FateUnknown])
	assert.Greater(t, fates[FateRemembered], 2000)
	last := h.explain(h.order[0].TraceID)
	assert.True(t, last.RememberedSince.Before(last.LoggedSince))
	assert.True(t, last.RememberedSince.After(time.Unix(1_700_000_000, 0)), "the first ones are forgotten")
}

func TestExplainUnderRules(t *testing.T) {
	h := newHarness(t, func(c *Config) {
		c.Rules = []Rule{{Name: "health", Action: Drop}, {Name: "vip", Action: Keep}}
		c.Matcher = byName{"health", "vip"}
	})
	for i, name := range []string{"health", "vip"} {
		h.send(makeBatch(traceID(i, 0.9), spec{id: 1, service: "shop", name: name, end: 9}))
	}
	h.pass(time.Minute)
	x := h.explain(traceID(0, 0.9))
	assert.False(t, x.Outcome.Kept)
	assert.Equal(t, "drop:health", x.Decided.Reason)
	assert.Equal(t, "health", x.Decided.Rule)
	x = h.explain(traceID(1, 0.9))
	assert.True(t, x.Outcome.Kept)
	assert.Equal(t, "rule:vip", x.Decided.Reason)
	assert.InDelta(t, 1, x.Decided.Probability, 0)
}

// In a dry run nothing is dropped, and the answer says so.
func TestExplainInADryRun(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.DryRun = true })
	for n := range 50 {
		h.send(simple(traceID(n, 0), 10*time.Millisecond)) // the lowest randomness of all
		h.pass(100 * time.Millisecond)
	}
	h.pass(time.Minute)
	dropped := 0
	for _, d := range h.order {
		o := h.explain(d.TraceID).Outcome
		assert.Equal(t, d.Kept, o.Kept)
		assert.True(t, o.DryRun)
		if !d.Kept {
			dropped++
			assert.NotEmpty(t, h.out[d.TraceID])
		}
	}
	assert.Positive(t, dropped)
}

// A running engine answers, and one that has been shut down says so.
func TestExplainWhileRunning(t *testing.T) {
	h := newStarted(t, nil)
	_, err := h.engine.Explain(context.Background(), traceID(1, 0.5))
	require.NoError(t, err)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, h.engine.Shutdown(context.Background()))
	_, err = h.engine.Explain(context.Background(), traceID(1, 0.5))
	require.ErrorIs(t, err, ErrShutdown)
	_, err = h.engine.Overview(ended)
	require.Error(t, err)
}

// The log holds the last decisions, the latest first, however many there were.
func TestDecisionLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := rapid.IntRange(1, 3).Draw(t, "pages")
		l := newDecisionLog(pages*logPage, 1<<30)
		written := rapid.IntRange(0, 5*logPage).Draw(t, "written")
		for n := range written {
			l.next().decided = time.Duration(n)
		}
		want := written
		for e := range l.all() {
			want--
			require.Equal(t, time.Duration(want), e.decided)
		}
		held := min(written, pages*logPage)
		require.Equal(t, 0, want-(written-held))
		if written > held {
			require.Equal(t, time.Duration(written-held), l.since())
		} else {
			require.Zero(t, l.since())
		}
		require.LessOrEqual(t, l.bytes(), int64(pages)*logPage*loggedBytes)
	})
}

// What was decided before a restart is followed by the spans that come after it.
func TestLateSpansAfterARestart(t *testing.T) {
	change := func(c *Config) { c.Budget = Budget{Unit: SharePercent, Value: 50} }
	a := busy(t, change)
	a.pass(time.Minute)
	b := restarted(t, a, change)
	kept, dropped := 0, 0
	recent := a.order[len(a.order)-500:]
	for _, d := range recent {
		x := b.explain(d.TraceID)
		require.Equal(t, FateRemembered, x.Fate)
		require.Equal(t, d.Kept, x.Outcome.Kept)
		require.Equal(t, d.Threshold, x.Outcome.Threshold)
		b.send(makeBatch(d.TraceID, spec{id: 9, parent: 1, service: "shop", name: "late", end: 9}))
		if d.Kept {
			kept++
		} else {
			dropped++
		}
	}
	b.pass(time.Minute)
	assert.Positive(t, kept)
	assert.Positive(t, dropped)
	assert.Empty(t, b.order, "nothing is decided a second time")
	assert.Equal(t, map[bool]int{true: kept, false: dropped}, b.late)
	for _, d := range recent {
		if d.Kept {
			require.Len(t, b.out[d.TraceID], 1)
			assert.Equal(t, d.Threshold, readTraceState(b.out[d.TraceID][0].TraceState().AsRaw()).Threshold)
		}
	}
}

// byName matches the rule of the index that a span's name has in the list.
type byName []string

func (b byName) Match(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) int {
	return slices.Index(b, span.Name())
}
