package compare_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// order is a request whose shop calls stock, or a cache that calls stock, and cart.
func order(entry, shop, cart string, own, stocks time.Duration, cached bool) task {
	stock := task{service: "stock", name: "count", own: stocks}
	if cached {
		stock = task{service: "cache", name: "get", own: ms / 2, calls: []task{stock}}
	}
	return task{service: "gw", name: entry, own: 2 * ms, calls: []task{
		{service: "shop", name: shop, own: own, calls: []task{stock, {service: cart, name: "add", own: 5 * ms, client: "POST /cart"}}},
	}}
}

// What has another name is one cause that says so; what was put between two is new; neither is missing. What is slower besides comes first.
func TestOtherNamesAreNoLoss(t *testing.T) {
	const usual = 5 * ms
	before := order("POST /", "buy", "cart", usual, usual, false)
	for _, tt := range []struct {
		name    string
		after   task
		first   string // service
		measure compare.Measure
		kind    compare.CauseKind
		was     string
		causes  int
	}{
		{"operation", order("POST /", "buy2", "cart", usual, usual, false), "shop", compare.Presence, compare.Renamed, "buy", 1},
		{"entry", order("POST /v2", "buy", "cart", usual, usual, false), "gw", compare.Presence, compare.Renamed, "POST /", 1},
		{"service", order("POST /", "buy", "cart2", usual, usual, false), "cart2", compare.Presence, compare.Renamed, "cart", 1},
		{"hop", order("POST /", "buy", "cart", usual, usual, true), "cache", compare.Presence, compare.Inserted, "", 1},
		{"operation that is slower", order("POST /", "buy2", "cart", 60*ms, usual, false), "shop", compare.Presence, compare.Plain, "", 1},
		{"operation that calls what is slower", order("POST /", "buy2", "cart", usual, 60*ms, false), "stock", compare.Latency, compare.Plain, "", 1},
		{"hop before what is slower", order("POST /", "buy", "cart", usual, 60*ms, true), "stock", compare.Latency, compare.Plain, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := compared(t, before.request, tt.after.request)
			require.Len(t, d.Causes, tt.causes)
			c := d.Causes[0]
			assert.Equal(t, tt.first, c.Service)
			assert.Equal(t, tt.measure, c.Measure)
			assert.Equal(t, tt.kind, c.Kind)
			assert.Equal(t, tt.was, c.Was)
			assert.NotEqual(t, compare.Missing, c.Verdict)
		})
	}
}

// Spans of clients that were not there before are no loss, though the wait in them was not seen before, and the time of their callers is.
func TestNewSpansOfClientsAreNoLoss(t *testing.T) {
	request := func(client string, cart time.Duration) task {
		return task{service: "gw", name: "GET /", own: 2 * ms, calls: []task{
			{service: "shop", name: "buy", own: 3 * ms, calls: []task{{service: "stock", name: "count", own: 5 * ms, way: ms, client: client}}},
			{service: "cart", name: "add", own: cart},
		}}
	}
	d := compared(t, request("-", 5*ms).request, request("HTTP POST", 10*ms).request)
	require.NotEmpty(t, d.Causes)
	assert.Equal(t, "cart", d.Causes[0].Service)
	for _, c := range d.Causes[1:] {
		assert.Equal(t, "shop", c.Service)
		assert.Equal(t, compare.Inserted, c.Kind)
	}
}

// Something new that is called by others, or less often, has no other name: what is missing is missing.
func TestNewIsNotRenamed(t *testing.T) {
	before := order("POST /", "buy", "cart", 5*ms, 5*ms, false)
	after := order("POST /", "buy", "cart", 5*ms, 5*ms, false)
	after.calls[0].calls = after.calls[0].calls[:1]
	after.calls = append(after.calls, task{service: "advice", name: "add", own: 5 * ms})
	d := compared(t, before.request, after.request)
	require.NotEmpty(t, d.Causes)
	for _, c := range d.Causes {
		assert.Equal(t, compare.Plain, c.Kind)
	}
}

// An exporter that loses spans is no service that is called less often; a service that is, is.
func TestLostSpansAreNoFewerCalls(t *testing.T) {
	before := order("POST /", "buy", "cart", 5*ms, 5*ms, false)
	leaf, middle := order("POST /", "buy", "cart", 5*ms, 5*ms, false), order("POST /", "buy", "cart", 5*ms, 5*ms, false)
	leaf.calls[0].calls[1].lost = 0.5
	middle.calls[0].lost = 0.5
	seldom := func(r *rand.Rand) []spanned {
		k := order("POST /", "buy", "cart", 5*ms, 5*ms, false)
		if r.Float64() < 0.5 {
			k.calls[0].calls = k.calls[0].calls[:1]
		}
		return k.request(r)
	}
	for _, tt := range []struct {
		name, service string
		after         func(*rand.Rand) []spanned
		kind          compare.CauseKind
	}{
		{"cart's spans are lost", "cart", leaf.request, compare.SpansMissing},
		{"shop's spans are lost", "shop", middle.request, compare.SpansMissing},
		{"cart is called less often", "shop", seldom, compare.Plain},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := compared(t, before.request, tt.after)
			require.Len(t, d.Causes, 1)
			assert.Equal(t, tt.service, d.Causes[0].Service)
			assert.Equal(t, tt.kind, d.Causes[0].Kind)
		})
	}
}

// Where one service alone waits longer for another, the other may be as fast as ever, and the way to it slow.
func TestServiceOrTheWayToIt(t *testing.T) {
	request := func(way time.Duration, callers ...string) func(*rand.Rand) []spanned {
		k := task{service: "gw", name: "GET /", own: 2 * ms}
		for _, service := range callers {
			k.calls = append(k.calls, task{service: service, name: "work", own: 2 * ms, calls: []task{{service: "db", name: "query", own: 2 * ms, way: way}}})
		}
		return k.request
	}
	for _, tt := range []struct {
		callers []string
		kind    compare.CauseKind
	}{{[]string{"shop"}, compare.OnTheWay}, {[]string{"shop", "cart", "mail"}, compare.Plain}} {
		d := compared(t, request(ms, tt.callers...), request(40*ms, tt.callers...))
		require.Len(t, d.Causes, 1)
		assert.Equal(t, "db", d.Causes[0].Service)
		assert.Equal(t, compare.Waiting, d.Causes[0].Measure)
		assert.Equal(t, tt.kind, d.Causes[0].Kind)
	}
}

// A new version that calls an operation otherwise may start in the middle of a window.
func TestOtherNamesInTheMiddleOfAWindow(t *testing.T) {
	const usual = 5 * ms
	before := order("POST /", "buy", "cart", usual, usual, false)
	for name, tt := range map[string]struct {
		after task
		site  string
		was   string
	}{
		"operation": {order("POST /", "buy2", "cart", usual, usual, false), "shop", "buy"},
		"entry":     {order("POST /v2", "buy", "cart", usual, usual, false), "gw", "POST /"},
		"service":   {order("POST /", "buy", "cart2", usual, usual, false), "cart2", "cart"},
	} {
		for _, from := range []int{200, 400, 600} {
			t.Run(fmt.Sprintf("%s, from request %d of 800", name, from), func(t *testing.T) {
				n := 0
				d := compared(t, before.request, func(r *rand.Rand) []spanned {
					if n++; n <= from {
						return before.request(r)
					}
					return tt.after.request(r)
				})
				require.Len(t, d.Causes, 1)
				assert.Equal(t, tt.site, d.Causes[0].Service)
				assert.Equal(t, compare.Renamed, d.Causes[0].Kind)
				assert.Equal(t, tt.was, d.Causes[0].Was)
			})
		}
	}
}
