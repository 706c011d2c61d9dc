package compare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// One call of a hundred that takes 5 s moves the geometric mean by less than windows differ. It is found all the same, and laid to the
// operation that takes so long, not to those that wait for it.
func TestFewLongCallsAreFound(t *testing.T) {
	s := newScene(5, 8000)
	op := s.busiest()
	d := compare.Compare(s.window(1), s.window(2, simulation.Stalls(op, 0.01, 5*time.Second)), nil, compare.DefaultThresholds())
	c := find(d, s.operation(op), compare.Slowest)
	require.NotNil(t, c)
	assert.True(t, c.Flagged)
	assert.Equal(t, compare.Slower, c.Verdict)
	assert.Greater(t, c.Effect, 2.0)
	require.NotEmpty(t, d.Causes)
	assert.Equal(t, s.operation(op).Service, d.Causes[0].Service)
	assert.Equal(t, compare.Slowest, d.Causes[0].Measure)
}

// Where few calls wait long on their way, they are laid to the service that is called, though only the spans of its callers' clients are longer.
func TestFewLongWaitsAreFound(t *testing.T) {
	s := newScene(5, 8000)
	s.system = simulation.NewSystem(microservices.Options{Seed: 5, Services: 6, Endpoints: 6, Clients: microservices.Generic})
	service := s.system.Operations[s.calledFromOutside()].Service
	d := compare.Compare(s.window(1), s.window(2, simulation.StallsOnTheWay(service, 0.02, 5*time.Second)), nil, compare.DefaultThresholds())
	require.NotEmpty(t, d.Causes)
	assert.Equal(t, service, d.Causes[0].Service)
	assert.Equal(t, compare.Slowest, d.Causes[0].Measure)
	assert.Nil(t, find(d, s.operation(s.calledFromOutside()), compare.Slowest), "its own spans take as long as ever")
}

// calledFromOutside is the operation that another service calls most.
func (s *scene) calledFromOutside() int {
	best, calls := -1, s.system.Calls()
	for from := range s.system.Operations {
		for _, to := range s.system.Callees(from) {
			if s.system.Operations[from].Service != s.system.Operations[to].Service && (best < 0 || calls[to] > calls[best]) {
				best = to
			}
		}
	}
	return best
}

// A burst is one event, however many calls are in it.
func TestLongCallsInOneBurstAreNone(t *testing.T) {
	s := newScene(5, 8000)
	for seed := range 10 {
		burst := simulation.Stalls(s.busiest(), 0.5, 5*time.Second).During(0.5, 0.52)
		d := compare.Compare(s.window(2*seed), s.window(2*seed+1, burst), nil, compare.DefaultThresholds())
		for i := range d.Changes {
			c := &d.Changes[i]
			assert.False(t, c.Flagged && c.Measure == compare.Slowest, "%v: %v to %v, p %v", c.Identity, c.A.Mean, c.B.Mean, c.P)
		}
	}
}

// Where all calls are slower as a whole, that is what is said, and not besides that the slowest of them are.
func TestSlowerCallsAreNotFewLongOnes(t *testing.T) {
	s := newScene(5, 8000)
	op := s.busiest()
	d := compare.Compare(s.window(1), s.window(2, simulation.Latency(op, 2)), nil, compare.DefaultThresholds())
	assert.True(t, find(d, s.operation(op), compare.Latency).Flagged)
	assert.Nil(t, find(d, s.operation(op), compare.Slowest))
}
