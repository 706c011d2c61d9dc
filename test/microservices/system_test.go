package microservices

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracesketch"
)

var lively = Character{Fanout: 4, Spread: [2]float64{0.1, 0.5}, Heavy: 0.02, Errors: 0.01, InnerErrors: 0.004}

// Whatever is asked for: calls go to later layers, each operation has a name of its own in its service, which is taken for no id,
// and requests are bounded.
func TestSystemsAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{
			Seed: rapid.Uint64().Draw(t, "seed"), Services: rapid.IntRange(1, 60).Draw(t, "services"), Endpoints: rapid.IntRange(1, 60).Draw(t, "endpoints"),
			Gateway: rapid.Bool().Draw(t, "gateway"),
		}
		s := New(o, lively)
		require.Equal(t, s, New(o, lively))
		require.Len(t, s.Endpoints, o.Endpoints)
		require.Equal(t, o.Gateway, s.Gateway >= 0)
		require.Equal(t, o.Gateway, s.Drawn() < len(s.Operations))
		names := map[[2]string]bool{}
		spans := make([]int, len(s.Operations))
		for i := range s.Operations {
			op := &s.Operations[i]
			require.Equal(t, s.Services[op.Home], op.Service)
			require.Equal(t, tracesketch.NormalizeName(op.Name), op.Name)
			names[[2]string{op.Service, op.Name}] = true
			require.Equal(t, op.Store(), op.Layer == Layers-1)
			require.True(t, !op.Store() || len(op.Calls) == 0)
			spans[i] = 2
			if op.Store() {
				spans[i] = 1
			}
			for n, c := range op.Calls {
				require.Less(t, c.To, i, "callees are before their callers")
				require.Greater(t, s.Operations[c.To].Layer, op.Layer)
				require.False(t, slices.ContainsFunc(op.Calls[:n], func(o Call) bool { return o.To == c.To }))
				spans[i] += c.Times * spans[c.To]
			}
			require.LessOrEqual(t, spans[i], largest)
			require.True(t, op.Fails >= 0 && op.Fails <= 0.2)
		}
		require.Len(t, names, len(s.Operations))
	})
}

// Each layer has services of its own where there are enough, and none is without operations.
func TestServicesAreInOneLayer(t *testing.T) {
	for _, services := range []int{4, 6, 8, 10, 12, 16} {
		s := New(Options{Services: services, Endpoints: services}, lively)
		layers := map[string]int{}
		for _, o := range s.Operations {
			if layer, known := layers[o.Service]; known {
				assert.Equal(t, layer, o.Layer, "%d services: %s", services, o.Service)
			}
			layers[o.Service] = o.Layer
		}
		assert.Len(t, layers, services)
	}
}

func TestEndpointsArePopularByRank(t *testing.T) {
	s := New(Options{Seed: 1, Services: 8, Endpoints: 6}, lively)
	r := rand.New(rand.NewPCG(1, 1))
	drawn := map[int]float64{}
	for range 20_000 {
		drawn[s.Endpoint(r)] += 1.0 / 20_000
	}
	var sum, errors float64
	for i, e := range s.Endpoints {
		assert.InDelta(t, s.Popular[i], drawn[e], 0.015)
		assert.InEpsilon(t, s.Popular[0]/float64(i+1), s.Popular[i], 1e-9)
		sum += s.Popular[i]
		errors += s.Operations[e].Fails / float64(len(s.Endpoints))
		if i > 0 {
			assert.Greater(t, s.Operations[e].Fails, s.Operations[s.Endpoints[i-1]].Fails, "the rare ones fail most")
		}
	}
	assert.InDelta(t, 1, sum, 1e-9)
	assert.InDelta(t, lively.Errors, errors, 1e-9)
}

func TestOwnTimesHaveHeavyTails(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	o := Operation{Median: time.Millisecond, Spread: 0.3}
	share := func(above float64) (n float64) {
		for range 50_000 {
			if o.OwnTime(r) > above*float64(o.Median) {
				n += 1.0 / 50_000
			}
		}
		return n
	}
	assert.InDelta(t, 0.5, share(1), 0.01)
	assert.InDelta(t, 0.1587, share(math.Exp(0.3)), 0.01)
	assert.InDelta(t, 0.0001, share(3), 0.0005)
	o.Heavy = 0.1
	assert.InDelta(t, 0.1, share(3), 0.01)
	assert.InDelta(t, 0.1*math.Pow(2, -1.8), share(6), 0.005, "of the tail so many are twice as long")
}

func TestClientsAreNamed(t *testing.T) {
	for _, naming := range []Clients{NoClients, Generic, Particular} {
		s := New(Options{Seed: 1, Services: 8, Endpoints: 6, Clients: naming}, lively)
		from := &s.Operations[s.Endpoints[0]]
		to := from.Calls[0].To
		_, within := s.Client(s.Operations[to].Home, to)
		assert.False(t, within, "a call within a service has none")
		name, ok := s.Client(from.Home, to)
		assert.Equal(t, naming != NoClients, ok)
		switch naming {
		case Generic:
			assert.Contains(t, methods, name)
		case Particular:
			assert.Equal(t, s.Operations[to].Name, name)
		}
	}
}

func TestAddedServices(t *testing.T) {
	s := New(Options{Seed: 1, Services: 8, Endpoints: 6, Gateway: true}, lively)
	op := s.AddService("fresh", "Recommend", time.Millisecond)
	assert.Equal(t, op, len(s.Operations)-1)
	assert.Equal(t, "fresh", s.Services[s.Operations[op].Home])
	callers := s.Callers(op)
	assert.Len(t, callers, s.Drawn(), "all may call it but the gateway")
	calls := s.Calls()
	assert.IsDecreasing(t, []float64{calls[callers[0]], calls[callers[len(callers)-1]]})
	assert.Zero(t, calls[op])
	assert.InDelta(t, 1, calls[s.Gateway], 0)
}
