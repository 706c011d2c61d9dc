package incident

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// query is one that is evaluated under several baselines, over windows in memory.
type query struct {
	traffic   simulation.Traffic
	series    []*compare.Series
	baselines []func(windows []*snapshot.Snapshot) *snapshot.Snapshot
	book      Book
	windows   []*snapshot.Snapshot
}

const (
	quiet = 8 // windows before a change
	holds = 14
	after = 8
)

// watch follows traffic under the previous window, the one six windows back, and the last one before the change.
func watch(s *simulation.System, requests float64, seed uint64) *query {
	q := &query{traffic: simulation.Traffic{System: s, Weather: simulation.Realistic(), Rate: requests / 60, Length: time.Minute, Start: noon, Seed: seed}}
	for _, lag := range []int{1, 6} {
		q.add(time.Duration(lag)*time.Minute, func(w []*snapshot.Snapshot) *snapshot.Snapshot {
			if len(w) < lag {
				return nil
			}
			return w[len(w)-lag]
		})
	}
	q.add(0, func(w []*snapshot.Snapshot) *snapshot.Snapshot {
		if len(w) < quiet {
			return nil
		}
		return w[quiet-1]
	})
	return q
}

func (q *query) add(lag time.Duration, of func([]*snapshot.Snapshot) *snapshot.Snapshot) {
	q.series = append(q.series, compare.NewSeries(compare.NewRules(compare.DefaultThresholds(), time.Minute, lag, 3)))
	q.baselines = append(q.baselines, of)
}

// next is what the next window says.
func (q *query) next(t *testing.T, changes ...simulation.Change) []Event {
	t.Helper()
	w, traces := q.traffic.Next(changes...)
	b := q.traffic.System.Take(w, traces, simulation.Sampling{})
	var diffs []*compare.Diff
	for n, s := range q.series {
		name := []string{"previous", "6m", "pin"}[n]
		d, err := s.Next(context.Background(), q.baselines[n](q.windows), b, q, compare.DefaultThresholds(), compare.Naming{ID: b.ID + name, QueryID: "q", Baseline: name})
		require.NoError(t, err)
		if d != nil {
			diffs = append(diffs, d)
		}
	}
	q.windows = append(q.windows, b)
	return q.book.Update(diffs)
}

// Snapshot implements compare.Windows.
func (q *query) Snapshot(_ context.Context, id string) (*snapshot.Snapshot, error) {
	if n := slices.IndexFunc(q.windows, func(s *snapshot.Snapshot) bool { return s.ID == id }); n >= 0 {
		return q.windows[n], nil
	}
	return nil, nil
}

// Before implements compare.Windows.
func (q *query) Before(_ context.Context, start time.Time) (last *snapshot.Snapshot, _ error) {
	for _, s := range q.windows {
		if s.Start.Before(start) {
			last = s
		}
	}
	return last, nil
}

// story plays a change that begins and ends: what begins, and what is over and why.
func (q *query) story(t *testing.T, changes ...simulation.Change) (began []Event, ended []string) {
	t.Helper()
	for n := range quiet + holds + after {
		var now []simulation.Change
		if n >= quiet && n < quiet+holds {
			now = changes
		}
		for _, e := range q.next(t, now...) {
			switch e.Kind {
			case Began:
				began = append(began, e)
				assert.GreaterOrEqual(t, n, quiet)
			case Ended:
				ended = append(ended, string(e.Change.Reason))
				assert.GreaterOrEqual(t, n, quiet+holds)
			}
		}
	}
	return began, ended
}

// A deployment that brings a new service, and makes its caller wait for it, is one story under three baselines at once; and it ends once,
// when it is rolled back. A healthy window has a flag now and then: one that has it when the story begins, or during it, spoils one run
// in thirty.
func TestOneDeploymentIsOneStory(t *testing.T) {
	system := simulation.NewSystem(microservices.Options{Seed: 11, Services: 8, Endpoints: 6, Clients: microservices.Generic})
	fresh := system.AddService("recommender", "Recommend", 30*time.Millisecond)
	caller := system.Endpoints[2]
	shop := system.Operations[caller].Service
	const runs = 6
	one := 0
	for seed := range uint64(runs) {
		began, ended := watch(system, 3000, 5+seed).story(t, simulation.Deployed(shop, "2"), simulation.Added(caller, fresh, 1))
		require.NotEmpty(t, began)
		if len(began) == 1 && slices.Contains([]string{"recommender", shop}, began[0].Incident.Culprit) {
			one++
			assert.Equal(t, &compare.Deployment{Service: shop, From: "1", To: "2"}, began[0].Cause.Deployed)
			assert.Equal(t, []string{"gone"}, ended)
		}
	}
	assert.GreaterOrEqual(t, one, runs-1)
}

// Callers fail with a service in different shares, and are noticed one after the other; they are parts of one story all the same.
func TestOneFaultIsOneStory(t *testing.T) {
	system := simulation.NewSystem(microservices.Options{Seed: 11, Services: 8, Endpoints: 6, Clients: microservices.Generic})
	calls := system.Calls()
	stories, messages := 0, 0
	for op := range system.Endpoints[0] { // operations below the endpoints
		if calls[op] < 0.5 || stories == 4 {
			continue
		}
		service := system.Operations[op].Service
		stories++
		for k, fault := range []simulation.Change{simulation.ServiceFailures(service, 0.06, 0.5), simulation.Latency(op, 2.5)} {
			began, ended := watch(system, 2000, uint64(100*op+k)).story(t, fault)
			messages += len(began)
			assert.Len(t, ended, len(began))
		}
	}
	require.Equal(t, 4, stories)
	assert.InDelta(t, 2*stories, messages, 1)
}
