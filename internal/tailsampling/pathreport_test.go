package tailsampling

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracesketch"
)

// shopAndJobs sends what an ordinary shop does 20 times a second, and a job that runs every 10 s and fails one time in five.
func shopAndJobs(h *harness, minutes int) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range minutes * 60 * 20 {
		h.send(simple(traceID(n, r.Float64()), time.Duration(9+r.IntN(3))*time.Millisecond))
		if n%200 == 0 {
			h.send(makeBatch(traceID(1_000_000+n, r.Float64()),
				spec{id: 1, service: "cron", name: "nightly", end: time.Second},
				spec{id: 2, parent: 1, service: "store", name: "sweep", start: 1, end: 9e8, failed: n%1000 == 0}))
		}
		h.pass(50 * time.Millisecond)
	}
}

func (h *harness) paths() map[string]PathReport {
	h.t.Helper()
	reports, err := h.engine.Paths(context.Background())
	require.NoError(h.t, err)
	out := map[string]PathReport{}
	for _, r := range reports {
		out[r.Endpoint.Name] = r
	}
	return out
}

// Rates, errors and durations are those of all traffic; the share that is kept is what was kept. They go on after a restart.
func TestPathReports(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Paths.HalfLife = 5 * time.Minute })
	shopAndJobs(h, 10)
	check := func(h *harness) {
		got := h.paths()
		require.Len(t, got, 2)
		shop, job := got["GET /"], got["nightly"]
		assert.InDelta(t, 20, shop.Rate, 0.5)
		assert.InDelta(t, 0.1, job.Rate, 0.01)
		assert.Zero(t, shop.Errors)
		assert.InDelta(t, 0.2, job.Errors, 0.06)
		assert.InDelta(t, 10e6, float64(shop.P50), 1e5)
		assert.InDelta(t, 1e9, float64(job.P99), 1e7)
		assert.False(t, shop.Shared)
	}
	check(h)
	kept := map[tracesketch.Path][2]float64{}
	for _, d := range h.order {
		k := kept[d.Path]
		k[0]++
		if d.Kept {
			k[1]++
		}
		kept[d.Path] = k
	}
	for _, r := range h.paths() {
		k := kept[r.Path]
		assert.InDelta(t, k[1]/k[0], r.Kept, 0.15, r.Endpoint.Name)
	}
	again := restarted(t, h, func(c *Config) { c.Paths.HalfLife = 5 * time.Minute })
	check(again)
}

func TestPathDetail(t *testing.T) {
	h := newHarness(t, nil)
	shopAndJobs(h, 5)
	job := h.paths()["nightly"]
	d, ok, err := h.engine.Path(context.Background(), job.Path, 3)
	require.NoError(t, err)
	require.True(t, ok)
	assert.Equal(t, job, d.PathReport)
	assert.Equal(t, []Edge{
		{Callee: OperationName{"cron", "nightly", 0}},
		{Caller: OperationName{"cron", "nightly", 0}, Callee: OperationName{"store", "sweep", 0}},
	}, d.Edges)
	observed, retained := 0.0, 0.0
	for _, b := range d.Observed {
		assert.LessOrEqual(t, b.From, time.Second)
		assert.Greater(t, b.To, time.Second)
		observed += b.Count
	}
	for _, b := range d.Retained {
		retained += b.Count
	}
	assert.InDelta(t, job.Traces, observed, 1e-3*observed)
	assert.InDelta(t, job.Kept, retained/observed, 1e-3)
	require.Len(t, d.Exemplars, 3)
	for i, e := range d.Exemplars {
		assert.True(t, e.Kept)
		assert.Equal(t, job.Path, e.Path)
		assert.True(t, i == 0 || !e.At.After(d.Exemplars[i-1].At), "the latest first")
	}
	traces := 0
	for _, c := range d.Decisions {
		traces += c.Traces
	}
	assert.Equal(t, 30, traces)

	_, ok, err = h.engine.Path(context.Background(), job.Path+1, 3)
	require.NoError(t, err)
	assert.False(t, ok)
}

// The map has the rates of all traces, and says what a uniform sample would probably have missed.
func TestServiceMap(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Budget = Budget{Unit: SharePercent, Value: 2} })
	shopAndJobs(h, 5)
	m, err := h.engine.ServiceMap(context.Background())
	require.NoError(t, err)
	parts := map[string]MapPart{}
	for _, p := range append(m.Services, m.Calls...) {
		parts[p.Caller+">"+p.Service] = p
	}
	require.Len(t, parts, 6)
	assert.InDelta(t, 20, parts["shop>cart"].Rate, 0.5)
	assert.InDelta(t, 0.1, parts["cron>store"].Rate, 0.01)
	assert.InDelta(t, parts[">cron"].Rate, parts["cron>store"].Rate, 1e-9)
	assert.Zero(t, m.Unmapped)
	assert.InDelta(t, 0.02, m.Kept, 0.01)
	assert.Less(t, parts[">shop"].MissedByUniform, 1e-9)
	job := parts[">store"]
	assert.InDelta(t, math.Pow(1-m.Kept, job.Traces), job.MissedByUniform, 1e-9)
	assert.Greater(t, job.MissedByUniform, 0.2)
	assert.Positive(t, job.KeptRate)

	again := restarted(t, h, func(c *Config) { c.Budget = Budget{Unit: SharePercent, Value: 2} })
	m, err = again.engine.ServiceMap(context.Background())
	require.NoError(t, err)
	assert.InDelta(t, 1, m.Unmapped, 0, "no path has been seen since the restart, and the map says so")
}

func TestOverview(t *testing.T) {
	h := newHarness(t, nil)
	shopAndJobs(h, 2)
	h.pass(time.Minute)
	o, err := h.engine.Overview(context.Background())
	require.NoError(t, err)
	want := map[string][2]int{}
	for _, d := range h.order {
		name := fmt.Sprint(d.Kept, d.Reason)
		want[name] = [2]int{want[name][0] + 1, want[name][1] + d.Spans}
	}
	got := map[string][2]int{}
	for _, c := range o.Decisions {
		got[fmt.Sprint(c.Kept, c.Reason)] = [2]int{c.Traces, c.Spans}
	}
	assert.Equal(t, want, got)
	assert.Equal(t, time.Unix(1_700_000_000, 0), o.Since)
	assert.Equal(t, h.engine.assembly.cfg.Budget, o.Budget)
	require.Len(t, o.Signs, 3)
	assert.Equal(t, "latency", o.Signs[0].Name)
}

// What is asked of a large table is answered between two steps: that must not take long.
func BenchmarkReports(b *testing.B) {
	h := newHarness(b, func(c *Config) { c.MemoryLimit = 1 << 30 })
	for n := range 10_000 {
		name := fmt.Sprintf("GET /%c%c%c", 'a'+n%26, 'a'+n/26%26, 'a'+n/676)
		h.send(makeBatch(traceID(n, 0.5), spec{id: 1, service: "shop", name: name, end: 1e7},
			spec{id: 2, parent: 1, service: "cart", name: "get", start: 1e6, end: 5e6}))
	}
	h.pass(time.Minute)
	ctx := context.Background()
	for name, ask := range map[string]func() error{
		"paths":    func() error { _, err := h.engine.Paths(ctx); return err },
		"map":      func() error { _, err := h.engine.ServiceMap(ctx); return err },
		"explain":  func() error { _, err := h.engine.Explain(ctx, traceID(-1, 0)); return err },
		"overview": func() error { _, err := h.engine.Overview(ctx); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, ask())
			}
		})
	}
}
