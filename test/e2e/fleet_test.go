package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// halves sends traces in two parts, and does something in between; other traces are sent whole all the time. once says that no span may
// come to a gateway twice.
func (f *fleet) halves(t *testing.T, once bool, between func()) {
	t.Helper()
	f.load.send(t, f.load.begin(200), wholeTrace, once)
	halved := f.load.begin(200)
	f.load.send(t, halved, firstHalf, once)
	f.arrived(t)
	between()
	f.load.send(t, halved, secondHalf, once)
	f.load.send(t, f.load.begin(200), wholeTrace, once)
	f.arrived(t)
}

// kill ends a gateway at once. What it held is lost, and counted by nobody.
func (f *fleet) kill(t *testing.T, g *fleetGateway, decided int) {
	t.Helper()
	f.gone = len(g.seen.traces()) - decided
	require.NoError(t, g.cmd.Process.Kill())
	<-g.exited
}

// TestFleet runs the examples of an agent, three times, and of a gateway, three times, on this machine. A gateway is killed, one is added,
// and one is drained while traces are under way.
func TestFleet(t *testing.T) {
	t.Parallel()
	f := &fleet{}
	one := f.startGateway(t, "gateway 1", "gateway.yaml")
	two := f.startGateway(t, "gateway 2", "gateway.yaml")
	f.journal = t.TempDir()
	three := f.startGateway(t, "gateway 3", "gateway.yaml")
	for range 3 {
		f.agents = append(f.agents, startAgent(t, one, two, three))
	}
	f.load = newFleetLoad(f.agents[0].http, f.agents[1].http, f.agents[2].http)

	f.load.send(t, f.load.begin(900), wholeTrace, true)
	f.arrived(t)
	require.Zero(t, f.check(t, "before"), "each trace has one gateway")
	for _, g := range f.gateways {
		assert.Greater(t, len(g.seen.traces()), 100, "%s has its part", g.name)
		assert.Greater(t, g.metric(t, "completeness"), 0.9, g.name)
	}

	// What the killed one did not take goes to the others, once they are known to be the only ones.
	decided := len(three.seen.traces())
	var held map[pcommon.TraceID][]fileSpan
	f.halves(t, true, func() {
		held = three.seen.traces()
		f.kill(t, three, decided)
		f.load.send(t, f.load.begin(100), wholeTrace, false)
		f.route(t, one, two)
	})
	orphaned := 0
	for _, g := range f.running() {
		for id := range g.seen.traces() {
			if len(held[id]) > 0 {
				orphaned++
			}
		}
	}
	assert.Positive(t, orphaned, "second halves of traces whose first the killed gateway took with it")
	assert.Equal(t, orphaned, f.check(t, "after a gateway was killed"))

	// It had a journal: one that starts there decides what it held, and nothing is missing.
	again := f.startGateway(t, "gateway 3 again", "gateway.yaml")
	again.found, f.gone, f.journal = true, 0, ""
	assert.Equal(t, orphaned, f.check(t, "after it came back"))
	assert.GreaterOrEqual(t, again.metric(t, "fragmented_traces"), float64(orphaned), "first halves")

	four := f.startGateway(t, "gateway 4", "gateway.yaml")
	before := orphaned
	f.halves(t, true, func() { f.route(t, one, two, four) })
	after := f.check(t, "after a gateway was added")
	assert.Greater(t, after, before, "traces that were under way to the others")
	assert.Less(t, after-before, 180, "only the new gateway's part of 200 moves")
	assert.NotEmpty(t, four.seen.traces())

	before = after
	f.halves(t, true, func() {
		f.route(t, two, four)
		one.stop(t) // decides what it holds
	})
	after = f.check(t, "after a gateway was drained")
	assert.Greater(t, after, before)
	for _, c := range f.agents {
		c.stop(t)
	}
	for _, g := range f.running() {
		g.stop(t)
	}
}
