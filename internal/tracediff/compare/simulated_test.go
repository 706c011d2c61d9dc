package compare_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// Seeds are fixed, so that a test gives the same answer every time; limits leave room for three standard errors.
const pairsOfTests = 40

// scene is a simulated system and what its windows are like.
type scene struct {
	system  *simulation.System
	weather simulation.Weather
	size    float64
	p       float64 // of sampling; 0: all
}

func newScene(seed uint64, size float64) *scene {
	return &scene{simulation.NewSystem(simulation.Options{Seed: seed, Services: 6, Endpoints: 6}), simulation.Realistic(), size, 0}
}

func (s *scene) window(n int, changes ...simulation.Change) *snapshot.Snapshot {
	traces := s.system.Play(simulation.Window{Requests: s.size, Weather: s.weather, Seed: uint64(n), Changes: changes})
	return s.system.Snapshot(traces, time.Unix(int64(600*n), 0), simulation.Sampling{Probability: s.p, Seed: uint64(n)})
}

// busiest is the operation below the endpoints that is called most.
func (s *scene) busiest() int {
	best := -1
	calls := s.system.Calls()
	for i, c := range calls {
		if i < s.system.Endpoints[0] && (best < 0 || c > calls[best]) {
			best = i
		}
	}
	return best
}

func (s *scene) operation(op int) snapshot.Identity {
	o := &s.system.Operations[op]
	return snapshot.Identity{Kind: snapshot.Operation, Service: o.Service, Value: o.Name}
}

func find(d *compare.Diff, id snapshot.Identity, m compare.Measure) *compare.Change {
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Identity == id && c.Measure == m {
			return c
		}
	}
	return nil
}

func flags(d *compare.Diff) (n int) {
	for i := range d.Changes {
		if d.Changes[i].Flagged {
			n++
		}
	}
	return n
}

// Under no change each test may say p <= 5 % and p <= 1 % hardly more often than that, in whatever weather and however
// sampled: spans that go together, bursts, sessions.
func TestSizeOfEachTest(t *testing.T) {
	stormy := simulation.Realistic()
	stormy.Bursts, stormy.Sessions, stormy.Minute = 1.5, 3, 0.12
	for _, tt := range []struct {
		name    string
		weather simulation.Weather
		size    float64
		p       float64
	}{
		{"nothing but chance", simulation.Calm(), 2000, 0},
		{"realistic", simulation.Realistic(), 2000, 0},
		{"stormy", stormy, 2000, 0},
		{"sampled", simulation.Realistic(), 10_000, 0.1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(3, tt.size)
			s.weather, s.p = tt.weather, tt.p
			var all, below5, below1 [4]float64
			flagged := 0
			for n := range pairsOfTests {
				d := compare.Compare(s.window(2*n), s.window(2*n+1), nil, compare.DefaultThresholds())
				if flags(d) > 0 {
					flagged++
				}
				for i := range d.Changes {
					c := &d.Changes[i]
					m := map[compare.Measure]int{compare.Latency: 0, compare.Errors: 1, compare.CallRate: 2, compare.Presence: 3}[c.Measure]
					all[m]++
					if c.P <= 0.05 {
						below5[m]++
					}
					if c.P <= 0.01 {
						below1[m]++
					}
				}
			}
			for m, name := range [...]string{"latency", "errors", "calls", "presence"} {
				if all[m] == 0 {
					continue
				}
				// Some twenty groups move together, so that there are far fewer independent tests than there are tests.
				slack := 3 * math.Sqrt(0.05*20/all[m])
				assert.LessOrEqual(t, below5[m]/all[m], 0.05+slack, "%s: p <= 5 %%", name)
				assert.LessOrEqual(t, below1[m]/all[m], 0.01+slack/2, "%s: p <= 1 %%", name)
			}
			assert.LessOrEqual(t, flagged, 3, "pairs with any flag, of %d", pairsOfTests)
		})
	}
}

// What is really there is seen nearly always, in the right direction, and its size lies in the interval.
func TestPowerOfEachTest(t *testing.T) {
	for _, tt := range []struct {
		name          string
		measure       compare.Measure
		verdict       compare.Verdict
		before, after func(op int) simulation.Change
		effect        float64
	}{
		{"slower", compare.Latency, compare.Slower, nil, func(op int) simulation.Change { return simulation.Latency(op, 1.6) }, 1.6},
		{"faster", compare.Latency, compare.Faster, func(op int) simulation.Change { return simulation.Latency(op, 2) }, nil, 0.5},
		{
			"more errors, few", compare.Errors, compare.MoreErrors, func(op int) simulation.Change { return simulation.Failures(op, 0.003) },
			func(op int) simulation.Change { return simulation.Failures(op, 0.02) }, 0.017,
		},
		{
			"more errors, many", compare.Errors, compare.MoreErrors, func(op int) simulation.Change { return simulation.Failures(op, 0.03) },
			func(op int) simulation.Change { return simulation.Failures(op, 0.08) }, 0.05,
		},
		{
			"fewer errors", compare.Errors, compare.FewerErrors, func(op int) simulation.Change { return simulation.Failures(op, 0.05) },
			func(op int) simulation.Change { return simulation.Failures(op, 0) }, -0.05,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(5, 3000)
			op := s.busiest()
			var before, after []simulation.Change
			if tt.before != nil {
				before = append(before, tt.before(op))
			}
			if tt.after != nil {
				after = append(after, tt.after(op))
			}
			seen, covered := 0, 0
			for n := range pairsOfTests {
				c := find(compare.Compare(s.window(2*n, before...), s.window(2*n+1, after...), nil, compare.DefaultThresholds()), s.operation(op), tt.measure)
				require.NotNil(t, c)
				if c.Flagged && c.Verdict == tt.verdict {
					seen++
				}
				if c.Low <= tt.effect && tt.effect <= c.High {
					covered++
				}
			}
			assert.GreaterOrEqual(t, seen, pairsOfTests*9/10)
			assert.GreaterOrEqual(t, covered, pairsOfTests*34/40, "95 %% intervals that hold the truth")
		})
	}
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
	for n := range pairsOfTests {
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
	assert.GreaterOrEqual(t, appeared, pairsOfTests-1)
	assert.GreaterOrEqual(t, gone, pairsOfTests-1)
	assert.GreaterOrEqual(t, more, pairsOfTests-1)
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

func TestTooLittleIsSaid(t *testing.T) {
	s := newScene(5, 30)
	d := compare.Compare(s.window(1), s.window(2), nil, compare.DefaultThresholds())
	assert.Zero(t, flags(d))
	for i := range d.Changes {
		if d.Changes[i].Measure != compare.CallRate { // that all of thirty traces call something is known
			assert.Equal(t, compare.NotEnoughData, d.Changes[i].Verdict, "%+v", d.Changes[i].Identity)
		}
	}
	empty := &snapshot.Snapshot{Start: time.Unix(0, 0), End: time.Unix(600, 0), Total: snapshot.Group{Identity: snapshot.Identity{Kind: snapshot.Total}}}
	for _, d := range []*compare.Diff{
		compare.Compare(empty, empty, nil, compare.DefaultThresholds()),
		compare.Compare(empty, s.window(3), nil, compare.DefaultThresholds()),
		compare.Compare(s.window(3), empty, nil, compare.DefaultThresholds()),
	} {
		assert.Zero(t, flags(d), "where there is nothing on one side, nothing can be compared")
	}
}

// Numbers of a diff are never NaN: they are stored, and sent as JSON.
func TestNumbersAreFinite(t *testing.T) {
	s := newScene(5, 300)
	d := compare.Compare(s.window(1, simulation.Failures(0, 1)), s.window(2, simulation.Failures(0, 0)), nil, compare.DefaultThresholds())
	for i := range d.Changes {
		c := &d.Changes[i]
		for _, v := range []float64{c.Effect, c.Low, c.High, c.P, c.Q, c.Impact, c.A.Mean, c.B.Mean, c.A.PerTrace, c.B.GeoMean} {
			assert.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%+v", c)
		}
		assert.LessOrEqual(t, c.Low, c.High)
		assert.GreaterOrEqual(t, c.Q, 0.0)
		assert.LessOrEqual(t, c.Q, 1.0)
	}
}
