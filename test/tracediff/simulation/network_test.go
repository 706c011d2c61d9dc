package simulation

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
)

func networked(c microservices.Clients, gateway bool) *System {
	return NewSystem(microservices.Options{Seed: 4, Services: 8, Endpoints: 6, Clients: c, Gateway: gateway})
}

// crossing is a call of an endpoint to an operation of another service.
func crossing(t *testing.T, s *System) (from, to int) {
	t.Helper()
	for _, from := range s.Endpoints {
		for _, to := range s.Callees(from) {
			if s.Operations[from].Service != s.Operations[to].Service {
				return from, to
			}
		}
	}
	t.Fatal("no such call")
	return 0, 0
}

func waiting(s *snapshot.Snapshot, id snapshot.Identity) float64 {
	g := group(s, id)
	if g == nil {
		return 0
	}
	sum := g.Sum()
	return sum.Wait / sum.WaitWeight
}

// Client spans are between caller and callee, and what is lost on the way is in them and nowhere else.
func TestClientSpans(t *testing.T) {
	for _, naming := range []microservices.Clients{microservices.Generic, microservices.Particular} {
		s := networked(naming, false)
		from, to := crossing(t, s)
		snap := play(s, 1, Calm())
		edge := s.Edge(from, to)
		assert.Equal(t, s.Operations[from].Service, edge.CallerService)
		if naming == microservices.Generic {
			assert.NotEqual(t, s.Operations[to].Name, edge.Caller)
		} else {
			assert.Equal(t, s.Operations[to].Name, edge.Caller)
		}
		assert.InEpsilon(t, 1.13e6, waiting(snap, edge), 0.1, "a log-normal mean is above its median of 1 ms")
		for _, g := range snap.Groups {
			sum := g.Sum()
			if g.Kind != snapshot.Edge || g.Service == g.CallerService {
				assert.Zero(t, sum.WaitWeight, "%v", g.Identity)
			} else {
				assert.InDelta(t, sum.Weight, sum.WaitWeight, 1e-6, "%v", g.Identity)
				assert.GreaterOrEqual(t, sum.LogWait, sum.WaitWeight*11.5, "%v", g.Identity)
			}
		}
	}
	plain := play(networked(microservices.NoClients, false), 1, Calm())
	for _, g := range plain.Groups {
		assert.Zero(t, g.Sum().WaitWeight)
	}
}

// A delay shows in the waiting for the service, and with both ways in that of the service for others; no server span is longer by it.
func TestDelay(t *testing.T) {
	const d = 50 * time.Millisecond
	s := networked(microservices.Generic, true)
	from, to := crossing(t, s)
	callee := s.Operations[to].Service
	own := snapshot.Identity{Kind: snapshot.Operation, Service: callee, Value: s.Operations[to].Name}
	before := play(s, 1, Calm())
	oneWay, both := play(s, 1, Calm(), Delay(callee, d, false)), play(s, 1, Calm(), Delay(callee, d, true))
	assert.InDelta(t, 51.1e6, waiting(oneWay, s.Edge(from, to)), 1e6)
	assert.InEpsilon(t, group(before, own).Sum().Duration, group(oneWay, own).Sum().Duration, 1e-9)
	slowed := false
	for _, next := range s.Callees(to) {
		if s.Operations[next].Service != callee {
			assert.InDelta(t, 51.1e6, waiting(both, s.Edge(to, next)), 3e6)
			slowed = true
		}
	}
	assert.Equal(t, slowed, group(both, own).Sum().Duration > 1.5*group(before, own).Sum().Duration)

	// Without client spans the caller's own time is longer by it.
	s = networked(microservices.NoClients, false)
	caller := snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[from].Service, Value: s.Operations[from].Name}
	before, oneWay = play(s, 1, Calm()), play(s, 1, Calm(), Delay(callee, d, false))
	assert.Greater(t, group(oneWay, caller).Sum().LogSelf, group(before, caller).Sum().LogSelf)
}

// All traces begin at the gateway, and otherwise the traffic is the same.
func TestGateway(t *testing.T) {
	s := networked(microservices.Particular, true)
	snap := play(s, 1, Realistic())
	roots := 0
	for _, g := range snap.Groups {
		if g.Kind == snapshot.Path {
			assert.Equal(t, "gateway", g.Service)
			assert.Equal(t, "/*", g.Value)
			roots++
		}
	}
	assert.Greater(t, roots, 3, "endpoints still have paths of their own")
	without := play(networked(microservices.Particular, false), 1, Realistic())
	for _, g := range without.Groups {
		if g.Kind == snapshot.Operation && strings.HasPrefix(g.Value, "GET /v") {
			assert.InEpsilon(t, g.Sum().Weight, group(snap, g.Identity).Sum().Weight, 0.15)
		}
	}
}

// A service that is new takes time from its caller, and its edge is new.
func TestNewService(t *testing.T) {
	s := networked(microservices.Generic, false)
	op := s.AddService("fresh", "Recommend", 20*time.Millisecond)
	from := s.Endpoints[0]
	id := snapshot.Identity{Kind: snapshot.Service, Value: "fresh"}
	before, after := play(s, 1, Calm()), play(s, 1, Calm(), Added(from, op, 1))
	assert.Nil(t, group(before, id))
	require.NotNil(t, group(after, id))
	require.NotNil(t, group(after, s.Edge(from, op)))
	caller := snapshot.Identity{Kind: snapshot.Operation, Service: s.Operations[from].Service, Value: s.Operations[from].Name}
	x, y := group(before, caller).Sum(), group(after, caller).Sum()
	assert.Greater(t, y.Duration/y.Weight, x.Duration/x.Weight+15e6)
}
