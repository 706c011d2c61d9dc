package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// What traces were selected by is no finding: it stands apart and is not tested, and the measure by which they were selected is left out.
func TestWhatFollowsFromTheSelectionStandsApart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	traces := weather{traces: 2000}.traffic(r)
	a, b := split(traces, func(t *tagged) bool { return t.values["tenant.plan"] == "1" })
	for i := range traces {
		traces[i].failed = traces[i].values["tenant.plan"] == "1" && r.Float64() < 0.5
	}
	d, apart := SideBySide(a, b, nil, DefaultThresholds(), func(key, _ string) bool { return key == "tenant.plan" })
	require.Len(t, apart.Selected, 3)
	assert.InDelta(t, 1, apart.Selected[0].Difference, 1e-9)
	assert.True(t, math.IsNaN(apart.Selected[0].P))
	assert.Contains(t, telling(apart), "tenant=1", "what goes with it is")
	assert.NotContains(t, telling(apart), "tenant.plan=1")
	assert.Empty(t, apart.Consequences)
	assert.NotEmpty(t, d.Changes)

	for _, tt := range []struct {
		key   string
		gone  []Measure
		stays Measure
	}{{"duration", []Measure{Latency, Waiting, Slowest}, CallRate}, {"error", []Measure{Errors}, Latency}} {
		d, apart := SideBySide(a, b, nil, DefaultThresholds(), func(key, _ string) bool { return key == tt.key })
		assert.Equal(t, tt.gone, apart.Consequences)
		measures := map[Measure]bool{}
		for i := range d.Changes {
			measures[d.Changes[i].Measure] = true
		}
		for _, m := range tt.gone {
			assert.NotContains(t, measures, m, tt.key)
		}
		assert.Contains(t, measures, tt.stays, tt.key)
	}

	_, apart = SideBySide(a, b, nil, DefaultThresholds(), func(key, value string) bool { return key == "service" && value == "s1" || key == "error" })
	for _, p := range append(apart.Telling, apart.Rest...) {
		assert.False(t, p.Failed, "errors are what was selected by")
		assert.False(t, p.Kind == snapshot.Service && p.Value == "s1")
	}
}

// With too few traces on a side nothing is tested, and it shows.
func TestTooFewToTellApart(t *testing.T) {
	traces := weather{traces: 300}.traffic(rand.New(rand.NewPCG(1, 1)))
	a, b := split(traces, func(t *tagged) bool { return t == &traces[7] || t == &traces[9] })
	found := TellApart(a, b, 0.05, nothing)
	assert.False(t, found.Enough)
	assert.Zero(t, found.Tests)
	assert.Empty(t, found.Telling)
}

// A value that one side lacks may be in its overflow group: nothing is said of it.
func TestValuesBeyondLimitsAreNotTested(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	traces := weather{traces: 2000}.traffic(r)
	a, b := split(traces, func(t *tagged) bool { return t.values["host"] == "7" })
	assert.Contains(t, telling(TellApart(a, b, 0.05, nothing)), "host=7")
	a.Groups = append(a.Groups, &snapshot.Group{Identity: snapshot.Identity{Kind: snapshot.Attribute, Key: "host", Value: snapshot.OverflowValue}})
	found := TellApart(a, b, 0.05, nothing)
	for _, p := range append(found.Telling, found.Rest...) {
		assert.False(t, p.Key == "host" && (p.Value == "7" || p.Value == snapshot.OverflowValue), p.Value)
	}
}

// Two windows differ without reason too: what would tell apart two selections of one window need not do so between windows.
func TestBetweenWindowsMoreIsNeeded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	traces := weather{traces: 12_000}.traffic(r)
	a, b := split(traces, func(t *tagged) bool { return r.Float64() < 0.45 || t.values["build"] == "1" && r.Float64() < 0.12 })
	same := TellApart(a, b, 0.05, nothing)
	require.Contains(t, telling(same), "build=1")
	b.Start, b.End = b.Start.Add(b.End.Sub(b.Start)), b.End.Add(b.End.Sub(b.Start))
	other := TellApart(a, b, 0.05, nothing)
	assert.NotContains(t, telling(other), "build=1")
}

// A group that is called more often because more traces have it is explained; one that each trace calls more often is not.
func TestSharesExplainCalls(t *testing.T) {
	cart := snapshot.Identity{Kind: snapshot.Operation, Service: "cart", Value: "SELECT"}
	edge := snapshot.Identity{Kind: snapshot.Edge, Service: "cart", Value: "SELECT", CallerService: "shop", Caller: "GET /"}
	a := &Apart{Telling: []Property{{Same: []Property{{Identity: cart, ShareA: 0.2, ShareB: 0.4}}}}}
	explains := a.Explains()
	for _, tt := range []struct {
		c    Change
		want bool
	}{
		{Change{Identity: cart, Measure: CallRate, Low: 1.6, High: 2.4}, true},
		{Change{Identity: edge, Measure: CallRate, Low: 1.6, High: 2.4}, false}, // for each call of its caller
		{Change{Identity: edge, Measure: Presence}, true},
		{Change{Identity: cart, Measure: CallRate, Low: 8, High: 12}, false},
		{Change{Identity: cart, Measure: Presence}, true},
		{Change{Identity: cart, Measure: Latency, Low: 1.6, High: 2.4}, false},
		{Change{Identity: snapshot.Identity{Kind: snapshot.Service, Value: "cart"}, Measure: Presence}, false},
	} {
		assert.Equal(t, tt.want, explains(&tt.c), tt.c)
	}
}
