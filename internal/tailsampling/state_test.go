package tailsampling

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/statecodec"
	"github.com/assayhq/assay/test/spanbatch"
)

// taught is a harness whose engine has seen two minutes of traffic.
func taught(t tester, change func(*Config)) *harness {
	t.Helper()
	h := newHarness(t, change)
	h.learn(rand.New(rand.NewPCG(1, 2)), 1200)
	return h
}

// learn sends a trace every tenth of a second.
func (h *harness) learn(r *rand.Rand, traces int) {
	for range traces {
		h.send(spanbatch.New(r.Uint64(), 1, 16))
		h.pass(100 * time.Millisecond)
	}
}

// restarted is a harness with the state of another one, at the same time.
func restarted(t tester, h *harness, change func(*Config)) *harness {
	t.Helper()
	b := newIdle(t)
	b.now = h.now
	b.engine = New(configured(change), b, b, func() time.Time { return b.now })
	t.Cleanup(func() { require.NoError(t, b.engine.Shutdown(context.Background())) })
	require.NoError(t, b.engine.LoadState(h.engine.State()))
	return b
}

// lastOf are the last decisions, by trace.
func (h *harness) lastOf(n int) map[pcommon.TraceID]Decision {
	out := map[pcommon.TraceID]Decision{}
	for _, d := range h.order[max(0, len(h.order)-n):] {
		out[d.TraceID] = d
	}
	return out
}

// An engine that begins with a state decides as the one that has learned it: as soon, by the same signs, with about the same probability.
func TestStateGoesOn(t *testing.T) {
	for _, unit := range []Unit{SharePercent, SpansPerSecond} {
		change := func(c *Config) { c.Budget = Budget{Unit: unit, Value: 15} }
		a := taught(t, change)
		a.pass(10 * time.Second) // what is undecided is in no state: a would go on with a debt that b cannot know of
		b := restarted(t, a, change)
		fresh := newHarness(t, change)
		fresh.now = a.now
		for _, h := range []*harness{a, b, fresh} {
			h.learn(rand.New(rand.NewPCG(3, 4)), 100)
			h.pass(time.Minute)
		}
		want, got, naive := a.lastOf(100), b.lastOf(100), fresh.lastOf(100)
		require.Len(t, got, 100)
		var waited, ratio, learned []float64
		for id, d := range want {
			waited = append(waited, got[id].Latency.Seconds()-d.Latency.Seconds())
			ratio = append(ratio, math.Abs(math.Log(got[id].Probability/d.Probability)))
			learned = append(learned, math.Abs(math.Log(naive[id].Probability/d.Probability)))
			assert.Equal(t, d.Path, got[id].Path)
		}
		slices.Sort(waited)
		slices.Sort(ratio)
		slices.Sort(learned)
		assert.LessOrEqual(t, waited[90], 0.1, "decided as soon")
		assert.Less(t, ratio[80], 0.2, "with about the same probability")
		assert.Greater(t, learned[80], 2*ratio[80], "which an engine without the state does not have")
		name, ok := b.engine.OperationName(want[a.order[0].TraceID].Endpoint)
		_, known := a.engine.OperationName(want[a.order[0].TraceID].Endpoint)
		assert.Equal(t, known, ok)
		assert.Equal(t, name.Service != "", ok)
	}
}

// A state that is written between steps is one that can be read, and decisions go on meanwhile.
func TestStateIsWrittenBetweenSteps(t *testing.T) {
	h := taught(t, nil)
	var states [][]byte
	h.engine.SaveState(func([]byte) { t.Error("this request was replaced") })
	h.engine.SaveState(func(b []byte) { states = append(states, bytes.Clone(b)) })
	r := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		h.learn(r, 1)
	}
	require.Len(t, states, 1)
	b := newHarness(t, nil)
	require.NoError(t, b.engine.LoadState(states[0]))
	assert.Len(t, b.engine.decider.learned.operations, len(h.engine.decider.learned.operations))
	assert.Len(t, b.engine.decider.learned.paths, len(h.engine.decider.learned.paths))
}

func TestStateOfOthersIsRefused(t *testing.T) {
	b := taught(t, nil).engine.State()
	for name, change := range map[string]func(*Config){
		"attributes": func(c *Config) { c.Paths.Attributes = []string{"http.route"} },
		"names":      func(c *Config) { c.Paths.NormalizeNames = false },
	} {
		require.ErrorIs(t, newHarness(t, change).engine.LoadState(b), ErrStateForeign, name)
	}
	newer := bytes.Clone(b)
	newer[0] = 2 * (stateVersion + 1) // the varint of the version
	err := newHarness(t, nil).engine.LoadState(newer)
	require.ErrorIs(t, err, ErrStateVersion)
	require.ErrorContains(t, err, "it has version 2")
	require.NoError(t, newHarness(t, func(c *Config) { c.Budget = Budget{Unit: BytesPerSecond, Value: 1e6} }).engine.LoadState(b), "only cut-offs and the bucket are lost")
	require.NoError(t, newHarness(t, func(c *Config) { c.MemoryLimit, c.Paths.Max = 16<<20, 5 }).engine.LoadState(b), "what has no room is left out")
	require.ErrorIs(t, newHarness(t, nil).engine.LoadState(nil), statecodec.ErrMalformed)
}

// Under another budget, what is kept is the new one's share from the start: neither cut-offs nor the bucket are those of the old one.
func TestStateUnderAnotherBudget(t *testing.T) {
	percent := func(value float64) func(*Config) {
		return func(c *Config) { c.Budget = Budget{Unit: SharePercent, Value: value} }
	}
	for _, before := range []float64{0.5, 5, 80} {
		h := restarted(t, taught(t, percent(before)), percent(5))
		h.learn(rand.New(rand.NewPCG(3, 4)), 300)
		kept, all := 0, 0
		for _, d := range h.order {
			all += d.Spans
			if d.Kept {
				kept += d.Spans
			}
		}
		assert.InDelta(t, 0.05, float64(kept)/float64(all), 0.02, "after %v %%", before)
	}
}

// Wherever it is cut, it is refused.
func TestTornStateIsRefused(t *testing.T) {
	b := taught(t, nil).engine.State()
	h := newHarness(t, nil)
	for n := 0; n < len(b); n += 1 + n/50 {
		require.ErrorIs(t, h.engine.LoadState(b[:n]), statecodec.ErrMalformed, n)
	}
	h.learn(rand.New(rand.NewPCG(1, 2)), 10)
}

// Whatever is read as a state, nothing breaks: it is refused, or the engine goes on with it.
func FuzzLoadState(f *testing.F) {
	good := taught(f, nil).engine.State()
	f.Add(good, 0, byte(0))
	f.Add(good[:len(good)/2], 1, byte(0xff))
	for n := range 8 {
		f.Add(good, 20+n*len(good)/8, byte(1<<n))
	}
	f.Fuzz(func(t *testing.T, b []byte, at int, flip byte) {
		b = bytes.Clone(b)
		if len(b) > 0 {
			b[uint(at)%uint(len(b))] ^= flip
		}
		h := newHarness(t, func(c *Config) { c.MemoryLimit = 16 << 20 })
		if h.engine.LoadState(b) != nil {
			return
		}
		h.learn(rand.New(rand.NewPCG(1, 2)), 5)
		h.pass(15 * time.Second)
		for _, d := range h.order {
			assert.False(t, math.IsNaN(d.Probability) || d.Probability < 0 || d.Probability > 1, "%v", d)
		}
		require.NoError(t, newHarness(t, nil).engine.LoadState(h.engine.State()))
	})
}

func BenchmarkState(b *testing.B) {
	h := newHarness(b, func(c *Config) { c.MemoryLimit = 1 << 30 })
	for n := range 10_000 {
		name := fmt.Sprintf("GET /%c%c%c", 'a'+n%26, 'a'+n/26%26, 'a'+n/676)
		for k := range 3 {
			h.send(makeBatch(traceID(3*n+k, 0.5), spec{id: 1, service: "shop", name: name, end: 1e7},
				spec{id: 2, parent: 1, service: "cart", name: "get", start: 1e6, end: 5e6}))
		}
		if n%100 == 0 {
			h.pass(100 * time.Millisecond)
		}
	}
	h.pass(time.Minute)
	require.GreaterOrEqual(b, len(h.engine.decider.learned.paths), 9000)
	state := h.engine.State()
	b.Run("save", func(b *testing.B) {
		longest := time.Duration(0)
		for b.Loop() {
			w := newStateWriter(h.engine.decider, &h.engine.intake.operations)
			for done := false; !done; {
				began := time.Now()
				done = w.step(entriesPerStep)
				longest = max(longest, time.Since(began))
			}
		}
		b.ReportMetric(float64(longest.Microseconds()), "us-longest-step")
		b.ReportMetric(float64(len(state)), "bytes")
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, New(configured(nil), h, h, time.Now).LoadState(state))
		}
	})
}
