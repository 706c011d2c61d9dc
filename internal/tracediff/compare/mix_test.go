package compare_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// stored is a request that reads something small or big of a store that all requests share.
func stored(name string, own time.Duration, fails float64, calls ...task) task {
	return task{service: "gw", name: name, own: 2 * ms, calls: []task{
		{service: "shop", name: "read", own: 2 * ms, calls: []task{{service: "store", name: "get", own: own, fails: fails, calls: calls}}},
	}}
}

// More of the requests that have always been slow, or failing: nothing that they share is to blame.
func TestMixOfRequests(t *testing.T) {
	blob := task{service: "blob", name: "read", own: 40 * ms}
	for _, tt := range []struct {
		name       string
		small, big task
	}{
		{"slower operation", stored("GET /small", 2*ms, 0), stored("GET /big", 40*ms, 0)},
		{"failing operation", stored("GET /small", 2*ms, 0.01), stored("GET /big", 2*ms, 0.5)},
		{"operation with more calls", stored("GET /small", 3*ms, 0), stored("GET /big", 3*ms, 0, blob)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := compared(t, either(0.8, tt.small, tt.big), either(0.45, tt.small, tt.big))
			require.NotEmpty(t, d.Causes)
			c := d.Causes[0]
			assert.Equal(t, snapshot.Identity{Kind: snapshot.Operation, Service: "gw", Value: "GET /big"}, c.Site)
			assert.Equal(t, compare.CallRate, c.Measure)
			assert.Equal(t, compare.MoreCalls, c.Verdict)
			assert.Len(t, d.Causes, 1)
			require.GreaterOrEqual(t, c.Symptom, 0)
			assert.Equal(t, snapshot.Total, d.Changes[c.Symptom].Kind, "no request is worse, but all together are")
		})
	}
}

// What is slower for each kind of requests is slower, however their mix moves.
func TestSlowerWhateverTheMix(t *testing.T) {
	d := compared(t, either(0.8, stored("GET /small", 10*ms, 0), stored("GET /big", 40*ms, 0)),
		either(0.6, stored("GET /small", 60*ms, 0), stored("GET /big", 90*ms, 0)))
	require.NotEmpty(t, d.Causes)
	assert.Equal(t, "store", d.Causes[0].Service)
	assert.Equal(t, compare.Latency, d.Causes[0].Measure)
}

// An operation is slower because one of its callers, for which it is always slow, calls it more often. The caller is at fault.
func TestMixOfCallers(t *testing.T) {
	request := func(exports float64) func(*rand.Rand) []spanned {
		return func(r *rand.Rand) []spanned {
			k := task{service: "gw", name: "GET /", own: 2 * ms, calls: []task{
				{service: "search", name: "find", own: 2 * ms, client: "find", calls: []task{{service: "store", name: "get", own: 2 * ms, client: "get one"}}},
			}}
			if r.Float64() < exports {
				k.calls = append(k.calls, task{service: "export", name: "run", own: 2 * ms, client: "export", calls: []task{{service: "store", name: "get", own: 40 * ms, client: "get all"}}})
			}
			return k.request(r)
		}
	}
	d := compared(t, request(0.1), request(0.7))
	require.NotEmpty(t, d.Causes)
	assert.Equal(t, "gw", d.Causes[0].Service)
	assert.Equal(t, compare.CallRate, d.Causes[0].Measure)
	assert.Len(t, d.Causes, 1)
}
