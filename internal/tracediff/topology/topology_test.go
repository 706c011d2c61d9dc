package topology

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
	"github.com/assayhq/assay/test/golden"
)

var epoch = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// window is a snapshot of ten minutes in which each of some calls was made 600 times, once a second.
func window(number int, versions map[string]string, calls ...[4]string) *snapshot.Snapshot {
	start := epoch.Add(time.Duration(number) * 10 * time.Minute)
	s := &snapshot.Snapshot{
		ID: snapshot.NewID("q", start), QueryID: "q", Start: start, End: start.Add(10 * time.Minute), State: snapshot.Complete,
		Slice: 30 * time.Second,
	}
	groups := map[snapshot.Identity]*snapshot.Group{}
	count := func(id snapshot.Identity, ms float64, errors uint32) *snapshot.Group {
		g := groups[id]
		if g == nil {
			g = &snapshot.Group{Identity: id, Slices: []snapshot.Slice{{}}}
			groups[id] = g
			s.Groups = append(s.Groups, g)
		}
		g.Slices[0].Add(&snapshot.Slice{
			Spans: 600, Traces: 600, ErrorSpans: errors, Weight: 600, ErrorWeight: float64(errors), TraceWeight: 600, TraceWeight2: 600, Duration: 600 * ms * 1e6,
		})
		g.Duration.Add(ms*1e6, 600)
		return g
	}
	for _, c := range calls { // caller's service and operation, callee's
		ms, errors := 20.0, uint32(6)
		if c[0] == "" {
			ms, errors = 100, 0
		}
		count(snapshot.Identity{Kind: snapshot.Service, Value: c[2]}, ms, errors)
		o := count(snapshot.Identity{Kind: snapshot.Operation, Service: c[2], Value: c[3]}, ms, errors)
		if c[0] == "" {
			o.Parents = append(o.Parents, snapshot.Calls{Weight: 600})
			s.Coverage.Traces += 600
			continue
		}
		count(snapshot.Identity{Kind: snapshot.Edge, CallerService: c[0], Caller: c[1], Service: c[2], Value: c[3]}, ms, errors)
	}
	for service, version := range versions {
		s.Versions = append(s.Versions, snapshot.Version{Service: service, Version: version, Weight: 600, First: start.Add(time.Second), Last: s.End.Add(-time.Second)})
	}
	snapshot.SetParents(s.Groups)
	snapshot.Sort(s.Groups)
	return s
}

var (
	entry  = [4]string{"", "", "shop", "GET /"}
	toCart = [4]string{"shop", "GET /", "cart", `items "all"`}
	toDB   = [4]string{"cart", `items "all"`, "cart", "SELECT\\"}
	toPay  = [4]string{"shop", "GET /", "pay <b>", "charge"}
)

func TestGraph(t *testing.T) {
	g := New(window(0, map[string]string{"cart": "1.2"}, entry, toCart, toDB, toPay))
	text, err := json.MarshalIndent(g, "", "  ")
	require.NoError(t, err)
	golden.Equal(t, "graph.json", string(append(text, '\n')))
	require.Len(t, g.Calls, 2, "a call within a service is no call between services")
	assert.Equal(t, "cart", g.Calls[0].ToService)
	assert.InDelta(t, 1, g.Calls[0].SpansPerSecond, 1e-9)
	assert.InDelta(t, 0.01, float64(g.Calls[0].ErrorShare), 1e-9)
	assert.InDelta(t, 0.02, float64(g.Calls[0].P95Seconds), 0.002)
}

func TestDOT(t *testing.T) {
	g := New(window(0, map[string]string{"cart": "1.2"}, entry, toCart, toDB, toPay))
	for _, detail := range []Detail{Services, Operations} {
		var b bytes.Buffer
		require.NoError(t, WriteDOT(&b, g, detail))
		golden.Equal(t, string(detail)+".dot", b.String())
	}
}

// follow is what snapshots amount to, from the oldest to the newest.
func follow(snapshots ...*snapshot.Snapshot) *wire.Evolution {
	var f Follower
	for _, s := range snapshots {
		f.Add(s)
	}
	return f.Evolution()
}

func TestEvolution(t *testing.T) {
	e := follow(
		window(0, map[string]string{"cart": "1"}, entry, toCart, toDB),
		window(1, map[string]string{"cart": "1"}, entry, toCart, toDB),
		window(2, map[string]string{"cart": "2"}, entry, toCart, toPay),
		window(3, nil),
		window(4, map[string]string{"cart": "2", "pay <b>": "7"}, entry, toCart, toPay),
		window(5, map[string]string{"cart": "1", "pay <b>": "7"}, entry, toCart, toPay),
	)
	require.Len(t, e.Windows, 6)
	of := map[[5]string]wire.Part{}
	for _, p := range e.Parts {
		of[[5]string{string(p.Kind), p.Service, p.Operation, p.FromService, p.FromOperation}] = p
		require.Len(t, p.SpansPerSecond, 6)
	}
	stays := of[[5]string{"service", "shop"}]
	assert.False(t, stays.Appeared || stays.Disappeared)
	assert.Equal(t, 5, stays.Windows)
	assert.Equal(t, []float64{1, 1, 1, 0, 1, 1}, stays.SpansPerSecond)
	gone := of[[5]string{"edge", "cart", "SELECT\\", "cart", `items "all"`}]
	assert.True(t, gone.Disappeared)
	assert.False(t, gone.Appeared)
	assert.Equal(t, epoch.Add(20*time.Minute), gone.Last)
	came := of[[5]string{"service", "pay <b>"}]
	assert.True(t, came.Appeared)
	assert.False(t, came.Disappeared)
	assert.Equal(t, epoch.Add(20*time.Minute), came.First)
	assert.InDelta(t, 0.01, float64(came.After.ErrorShare), 1e-9)

	at := func(window int) time.Time { return epoch.Add(time.Duration(window)*10*time.Minute + time.Second) }
	until := func(window int) time.Time { return epoch.Add(time.Duration(window+1)*10*time.Minute - time.Second) }
	require.Equal(t, []wire.Deployment{
		{Service: "cart", Version: "1", First: at(0), Last: until(1), Initial: true, Weight: 1200},
		{Service: "cart", Version: "2", Previous: "1", First: at(2), Last: until(4), Weight: 1200},
		{Service: "pay <b>", Version: "7", First: at(4), Last: until(5), Weight: 1200},
		{Service: "cart", Version: "1", Previous: "2", First: at(5), Last: until(5), Weight: 600}, // rolled back
	}, e.Deployments)
}

// Parts that were seen in the last window before nothing came at all have not disappeared.
func TestSilenceIsNoDisappearance(t *testing.T) {
	e := follow(window(0, nil), window(1, nil, entry), window(2, nil))
	require.Len(t, e.Parts, 2)
	for _, p := range e.Parts {
		assert.False(t, p.Appeared || p.Disappeared, p)
	}
	assert.Empty(t, follow().Parts)
}
