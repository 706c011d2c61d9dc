package compare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// What a fault obviously brings about is no cause of its own: that something else is asked instead, that others are faster since fewer requests come, that
// something around it is a little slower.
func TestObviousConsequences(t *testing.T) {
	request := func(stock, count, cart time.Duration, instead bool) task {
		k := task{service: "gw", name: "GET /", own: 2 * ms, calls: []task{
			{service: "stock", name: "check", own: stock, client: "POST /stock", calls: []task{{service: "db", name: "count", own: count, client: "POST /db"}}},
			{service: "cart", name: "add", own: cart, client: "POST /cart"},
		}}
		if instead {
			k.calls = append(k.calls, task{service: "archive", name: "read", own: ms / 10, client: "POST /archive"})
		}
		return k
	}
	usual := request(5*ms, 5*ms, 20*ms, false)
	for _, tt := range []struct {
		name     string
		requests int
		after    task
		causes   int
	}{
		{"asked instead", 800, request(400*ms, 5*ms, 20*ms, true), 1},
		{"fewer requests", 400, request(400*ms, 5*ms, 10*ms, false), 1},
		{"as many requests", 800, request(400*ms, 5*ms, 10*ms, false), 2},
		{"slightly slower below", 800, request(400*ms, 8*ms, 20*ms, false), 1},
		{"much slower below", 800, request(400*ms, 60*ms, 20*ms, false), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := compare.Compare(replayed(t, 0, 800, usual.request), replayed(t, 3, tt.requests, tt.after.request), nil, compare.DefaultThresholds())
			require.NotEmpty(t, d.Causes)
			assert.Equal(t, "stock", d.Causes[0].Service)
			assert.Equal(t, compare.Slower, d.Causes[0].Verdict)
			assert.Len(t, d.Causes, tt.causes)
		})
	}
}
