package compare_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// Seeds are fixed, so that a test gives the same answer every time; limits leave room for three standard errors.
func pairsOfTests() int { return seeds(40) }

// Under no change each test may say p <= 5 % and p <= 1 % hardly more often than that, in whatever weather and however
// sampled: spans that go together, bursts, sessions.
func TestSizeOfEachTest(t *testing.T) {
	stormy := simulation.Realistic()
	stormy.Bursts, stormy.Sessions, stormy.Minute = 1.5, 3, 0.12
	for _, tt := range []struct {
		name    string
		weather simulation.Weather
		clients microservices.Clients
		size    float64
		p       float64
	}{
		{"nothing but chance", simulation.Calm(), microservices.NoClients, 2000, 0},
		{"realistic", simulation.Realistic(), microservices.Generic, 2000, 0},
		{"stormy", stormy, microservices.NoClients, 2000, 0},
		{"sampled", simulation.Realistic(), microservices.NoClients, 10_000, 0.1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(3, tt.size)
			s.system = simulation.NewSystem(microservices.Options{Seed: 3, Services: 6, Endpoints: 6, Clients: tt.clients})
			s.weather, s.p = tt.weather, tt.p
			measures := []compare.Measure{compare.Latency, compare.Waiting, compare.Errors, compare.CallRate, compare.Presence}
			all, below5, below1 := map[compare.Measure]float64{}, map[compare.Measure]float64{}, map[compare.Measure]float64{}
			flagged := 0
			for n := range pairsOfTests() {
				d := compare.Compare(s.window(2*n), s.window(2*n+1), nil, compare.DefaultThresholds())
				if flags(d) > 0 {
					flagged++
				}
				for i := range d.Changes {
					c := &d.Changes[i]
					if math.IsNaN(c.P) {
						continue
					}
					all[c.Measure]++
					if c.P <= 0.05 {
						below5[c.Measure]++
					}
					if c.P <= 0.01 {
						below1[c.Measure]++
					}
				}
			}
			assert.Equal(t, tt.clients != microservices.NoClients, all[compare.Waiting] > 0)
			for _, m := range measures {
				if all[m] == 0 {
					continue
				}
				// Some twenty groups move together, so that there are far fewer independent tests than there are tests.
				slack := 3 * math.Sqrt(0.05*20/all[m])
				assert.LessOrEqual(t, below5[m]/all[m], 0.05+slack, "%s: p <= 5 %%", m)
				assert.LessOrEqual(t, below1[m]/all[m], 0.01+slack/2, "%s: p <= 1 %%", m)
			}
			assert.LessOrEqual(t, flagged, 3, "pairs with any flag, of %d", pairsOfTests())
		})
	}
}

// What is really there is seen nearly always, in the right direction, and its size lies in the interval. That of errors is a difference
// of shares of traces: an operation that a trace calls several times fails in more of the traces than of the calls.
func TestPowerOfEachTest(t *testing.T) {
	for _, tt := range []struct {
		name          string
		measure       compare.Measure
		verdict       compare.Verdict
		before, after func(op int) simulation.Change
		effect        float64 // 0: the difference of the shares of traces with an error
	}{
		{"slower", compare.Latency, compare.Slower, nil, func(op int) simulation.Change { return simulation.Latency(op, 1.6) }, 1.6},
		{"faster", compare.Latency, compare.Faster, func(op int) simulation.Change { return simulation.Latency(op, 2) }, nil, 0.5},
		{
			"more errors, few", compare.Errors, compare.MoreErrors, func(op int) simulation.Change { return simulation.Failures(op, 0.003) },
			func(op int) simulation.Change { return simulation.Failures(op, 0.02) }, 0,
		},
		{
			"more errors, many", compare.Errors, compare.MoreErrors, func(op int) simulation.Change { return simulation.Failures(op, 0.03) },
			func(op int) simulation.Change { return simulation.Failures(op, 0.08) }, 0,
		},
		{
			"fewer errors", compare.Errors, compare.FewerErrors, func(op int) simulation.Change { return simulation.Failures(op, 0.05) },
			func(op int) simulation.Change { return simulation.Failures(op, 0) }, 0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(5, 3000)
			s.weather.Failing = 0.03 // less than what is taken for granted without history, or else no interval could hold
			op := s.busiest()
			var before, after []simulation.Change
			if tt.before != nil {
				before = append(before, tt.before(op))
			}
			if tt.after != nil {
				after = append(after, tt.after(op))
			}
			truth := tt.effect
			if truth == 0 {
				truth = s.failing(op, after...) - s.failing(op, before...)
			}
			seen, covered := 0, 0
			for n := range pairsOfTests() {
				c := find(compare.Compare(s.window(2*n, before...), s.window(2*n+1, after...), nil, compare.DefaultThresholds()), s.operation(op), tt.measure)
				require.NotNil(t, c)
				if c.Flagged && c.Verdict == tt.verdict {
					seen++
				}
				if c.Low <= truth && truth <= c.High {
					covered++
				}
			}
			assert.GreaterOrEqual(t, seen, pairsOfTests()*9/10)
			assert.GreaterOrEqual(t, covered, pairsOfTests()*34/40, "95 %% intervals that hold the truth")
		})
	}
}

// failing is the share of the traces with an operation in which it fails, counted in many of them.
func (s *scene) failing(op int, changes ...simulation.Change) float64 {
	many := *s
	many.size, many.weather = 60_000, simulation.Calm()
	for _, g := range many.window(1, changes...).Groups {
		if g.Identity == s.operation(op) {
			sum := g.Sum()
			return float64(sum.ErrorTraces) / float64(sum.Traces)
		}
	}
	return 0
}

// Calls that are added are new, calls that end are missing, calls that are made more often are more calls.
func TestPowerForEdges(t *testing.T) {
	s := newScene(5, 3000)
	to := 0
	from := s.system.Callers(to)[0]
	calls := s.system.Calls()[from]
	id := s.system.Edge(from, to)
	some := simulation.Added(from, to, 40/(s.size*calls))
	few, many := simulation.Added(from, to, 0.1), simulation.Added(from, to, 0.3)
	appeared, gone, more := 0, 0, 0
	for n := range pairsOfTests() {
		a, b := s.window(2*n), s.window(2*n+1, some)
		if c := find(compare.Compare(a, b, nil, compare.DefaultThresholds()), id, compare.Presence); c != nil && c.Flagged && c.Verdict == compare.New {
			appeared++
		}
		if c := find(compare.Compare(b, a, nil, compare.DefaultThresholds()), id, compare.Presence); c != nil && c.Flagged && c.Verdict == compare.Missing {
			gone++
		}
		d := compare.Compare(s.window(2*n, few), s.window(2*n+1, many), nil, compare.DefaultThresholds())
		if c := find(d, id, compare.CallRate); c != nil && c.Flagged && c.Verdict == compare.MoreCalls {
			more++
		}
	}
	assert.GreaterOrEqual(t, appeared, pairsOfTests()-1)
	assert.GreaterOrEqual(t, gone, pairsOfTests()-1)
	assert.GreaterOrEqual(t, more, pairsOfTests()-1)
}

// A hundred calls within one time slice are one event: they must not be taken for a new edge.
func TestOneBurstIsNoNewGroup(t *testing.T) {
	s := newScene(5, 3000)
	a, b := s.window(1), s.window(2)
	id := snapshot.Identity{Kind: snapshot.Operation, Service: "nightly", Value: "job"}
	slice := snapshot.Slice{Index: 7, Spans: 100, Traces: 100, Weight: 100, TraceWeight: 100, TraceWeight2: 100, LogDuration: 1300, LogDuration2: 17000, Duration: 1e8}
	b.Groups = append(b.Groups, &snapshot.Group{Identity: id, Slices: []snapshot.Slice{slice}})
	c := find(compare.Compare(a, b, nil, compare.DefaultThresholds()), id, compare.Presence)
	require.NotNil(t, c)
	assert.False(t, c.Flagged)
	assert.Equal(t, compare.NotEnoughData, c.Verdict)

	// As many calls all over the window are new.
	spread := &snapshot.Group{Identity: id}
	for i := range uint32(20) {
		spread.Slices = append(spread.Slices, snapshot.Slice{Index: i, Spans: 5, Traces: 5, Weight: 5, TraceWeight: 5, TraceWeight2: 5, Duration: 5e6})
	}
	b.Groups[len(b.Groups)-1] = spread
	c = find(compare.Compare(a, b, nil, compare.DefaultThresholds()), id, compare.Presence)
	assert.Equal(t, compare.New, c.Verdict)
}

// A group that may hide in the overflow group of the other side is not new.
func TestWhatMayBeInTheOverflowIsNotNew(t *testing.T) {
	s := newScene(5, 3000)
	a, b := s.window(1), s.window(2)
	gone := a.Groups[0]
	a.Groups[0] = &snapshot.Group{Identity: snapshot.Identity{Kind: gone.Kind, Key: gone.Key, Value: snapshot.OverflowValue}, Slices: gone.Slices}
	d := compare.Compare(a, b, nil, compare.DefaultThresholds())
	c := find(d, gone.Identity, compare.Presence)
	require.NotNil(t, c)
	assert.Equal(t, compare.NotEnoughData, c.Verdict)
	for i := range d.Changes {
		assert.NotEqual(t, snapshot.OverflowValue, d.Changes[i].Value)
	}
}

// A sample and the whole are one traffic: comparing them may not flag anything, though counts differ a hundredfold.
func TestSamplingIsNoChange(t *testing.T) {
	s := newScene(5, 20_000)
	flagged := 0
	for n := range 10 {
		s.p = 0
		a := s.window(2 * n)
		s.p = 0.05
		b := s.window(2*n + 1)
		if flags(compare.Compare(a, b, nil, compare.DefaultThresholds())) > 0 {
			flagged++
		}
	}
	assert.LessOrEqual(t, flagged, 1)
}
