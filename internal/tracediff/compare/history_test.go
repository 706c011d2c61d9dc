package compare_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// learn takes in so many windows, each against the one before.
func learn(s *scene, windows int, changes func(n int) []simulation.Change) *compare.History {
	h := &compare.History{}
	a := s.window(10_000)
	for n := 1; n <= windows; n++ {
		var c []simulation.Change
		if changes != nil {
			c = changes(n)
		}
		b := s.window(10_000+n, c...)
		h.Learn(a, b)
		a = b
	}
	return h
}

// standardError of the latency of the busiest operation, from its interval.
func standardError(t *testing.T, s *scene, h *compare.History) float64 {
	t.Helper()
	c := find(compare.Compare(s.window(1), s.window(2), h, compare.DefaultThresholds()), s.operation(s.busiest()), compare.Latency)
	require.NotNil(t, c)
	return math.Log(c.High/c.Low) / (2 * 1.96)
}

// Where windows hardly differ, history makes small changes visible that the stated prior hides; where they differ much, it
// widens the intervals, and quiet windows of a restless system are not flagged.
func TestHistoryLearnsHowMuchWindowsDiffer(t *testing.T) {
	calm := newScene(5, 5000)
	calm.weather = simulation.Calm()
	assert.Less(t, standardError(t, calm, learn(calm, 20, nil)), 0.6*standardError(t, calm, nil))

	restless := newScene(5, 5000)
	restless.weather.Between = 0.25
	h := learn(restless, 20, nil)
	assert.Greater(t, standardError(t, restless, h), 2*standardError(t, restless, nil))
	without, with := 0, 0
	for n := range 20 {
		a, b := restless.window(100+2*n), restless.window(101+2*n)
		if flags(compare.Compare(a, b, nil, compare.DefaultThresholds())) > 0 {
			without++
		}
		if flags(compare.Compare(a, b, h, compare.DefaultThresholds())) > 0 {
			with++
		}
	}
	assert.LessOrEqual(t, with, 2)
	assert.Greater(t, without, 10, "or else the prior would do, and this test would say nothing")
}

// One large change is no reason to expect more of its like.
func TestHistoryIsNotSpoiledByOneChange(t *testing.T) {
	s := newScene(5, 5000)
	op := s.busiest()
	quiet := learn(s, 20, nil)
	once := learn(s, 20, func(n int) []simulation.Change {
		if n < 10 {
			return nil
		}
		return []simulation.Change{simulation.Latency(op, 5)}
	})
	assert.InEpsilon(t, standardError(t, s, quiet), standardError(t, s, once), 0.5)
}

// What comes and goes every few windows is not reported each time.
func TestWhatFlickersIsExpected(t *testing.T) {
	s := newScene(5, 3000)
	to := 0
	from := s.system.Callers(to)[0]
	job := simulation.Added(from, to, 0.1)
	id := s.system.Edge(from, to)
	every3 := func(n int) []simulation.Change {
		if n%3 == 0 {
			return []simulation.Change{job}
		}
		return nil
	}
	a, b := s.window(1), s.window(2, job)
	assert.True(t, find(compare.Compare(a, b, nil, compare.DefaultThresholds()), id, compare.Presence).Flagged)
	assert.False(t, find(compare.Compare(a, b, learn(s, 30, every3), compare.DefaultThresholds()), id, compare.Presence).Flagged)
	assert.True(t, find(compare.Compare(a, b, learn(s, 30, nil), compare.DefaultThresholds()), id, compare.Presence).Flagged)
}

func TestHistorySurvivesARestart(t *testing.T) {
	s := newScene(5, 1000)
	h := learn(s, 5, nil)
	data, err := json.Marshal(h)
	require.NoError(t, err)
	back := &compare.History{}
	require.NoError(t, json.Unmarshal(data, back))
	assert.Equal(t, h.Pairs(), back.Pairs())
	a, b := s.window(1), s.window(2)
	assert.Equal(t, withoutNaN(compare.Compare(a, b, h, compare.DefaultThresholds())), withoutNaN(compare.Compare(a, b, back, compare.DefaultThresholds())))

	require.ErrorContains(t, json.Unmarshal([]byte(`{"version":99}`), back), "format 99")
	require.ErrorContains(t, json.Unmarshal([]byte(`{"version":`), back), "unexpected end")
	require.ErrorContains(t, json.Unmarshal([]byte(`{"version":"x"}`), back), "history:")
	assert.Equal(t, h.Pairs(), back.Pairs(), "what cannot be read changes nothing")
}

// A nil history knows nothing and takes nothing ill.
func TestNoHistory(t *testing.T) {
	var h *compare.History
	assert.Zero(t, h.Pairs())
	empty := &compare.History{}
	s := newScene(5, 500)
	assert.Equal(t, withoutNaN(compare.Compare(s.window(1), s.window(2), h, compare.DefaultThresholds())),
		withoutNaN(compare.Compare(s.window(1), s.window(2), empty, compare.DefaultThresholds())))
	empty.Learn(&snapshot.Snapshot{}, &snapshot.Snapshot{})
	assert.Zero(t, empty.Pairs())
}

// A change that is certain is not noise, however long it lasts: or else a lasting one would hide itself.
func TestHistoryLeavesOutWhatIsCertain(t *testing.T) {
	s := newScene(5, 5000)
	op := s.busiest()
	h := learn(s, 20, nil)
	quiet := standardError(t, s, h)
	a := s.window(10_100)
	for n := range 10 {
		b := s.window(10_200+n, simulation.Latency(op, 2))
		d := compare.Compare(a, b, h, compare.DefaultThresholds())
		for i := range d.Changes {
			if d.Changes[i].Flagged {
				d.Changes[i].Standing = compare.Lasting
			}
		}
		h.Learn(a, b, d)
	}
	assert.InEpsilon(t, quiet, standardError(t, s, h), 0.3)
}

// A change that is only suspected is not learned before it is known what it is: or else it would hide itself, too. What was refuted was noise.
func TestHistoryWaitsForWhatIsSuspected(t *testing.T) {
	s := newScene(5, 5000)
	op := s.busiest()
	suspecting, plain := learn(s, 3, nil), learn(s, 3, nil)
	quiet := standardError(t, s, plain)
	a := s.window(10_100)
	for n := range 3 {
		b := s.window(10_200+n, simulation.Latency(op, 3))
		d := compare.Compare(a, b, suspecting, compare.DefaultThresholds())
		for i := range d.Changes {
			if d.Changes[i].Flagged {
				d.Changes[i].Standing = compare.Suspected
			}
		}
		suspecting.Learn(a, b, d)
		plain.Learn(a, b)
	}
	assert.InEpsilon(t, quiet, standardError(t, s, suspecting), 0.2)
	assert.Greater(t, standardError(t, s, plain), 1.5*quiet)
	b := s.window(10_300)
	suspecting.Learn(a, b, compare.Compare(a, b, suspecting, compare.DefaultThresholds()))
	assert.Greater(t, standardError(t, s, suspecting), 1.5*quiet)
}

// Groups that come with the traffic after an idle window, and go with it, are not taken for ones that come and go.
func TestIdleWindowsTeachNothing(t *testing.T) {
	s := newScene(8, 2000)
	busy := s.window(1)
	idle := &snapshot.Snapshot{Start: busy.Start.Add(-busy.End.Sub(busy.Start)), End: busy.Start, Slice: busy.Slice, Keys: busy.Keys}
	h := &compare.History{}
	for range 3 {
		h.Learn(idle, busy)
		h.Learn(busy, idle)
	}
	assert.Zero(t, h.Pairs())
	fewer := *s.window(2)
	gone := s.operation(s.busiest())
	fewer.Groups = nil
	for _, g := range s.window(2).Groups {
		if g.Identity != gone {
			fewer.Groups = append(fewer.Groups, g)
		}
	}
	c := find(compare.Compare(busy, &fewer, h, compare.DefaultThresholds()), gone, compare.Presence)
	require.NotNil(t, c)
	assert.Equal(t, compare.Missing, c.Verdict)
	assert.True(t, c.Flagged)
}
