package compare_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Two services that are slower, or fail more, have their shares of what all traces lost; what is only called more often has none.
func TestShares(t *testing.T) {
	request := func(cart, stock time.Duration, cartFails, stockFails float64) func(*rand.Rand) []spanned {
		return task{service: "web", name: "GET /", own: 5 * ms, calls: []task{
			{service: "cart", name: "add", own: cart, fails: cartFails, client: "POST /cart"},
			{service: "stock", name: "count", own: stock, fails: stockFails, client: "POST /stock"},
		}}.request
	}
	usual := request(10*ms, 10*ms, 0.003, 0.003)
	for _, tt := range []struct {
		name  string
		after func(*rand.Rand) []spanned
		want  map[string]float64
	}{
		{"one slower", request(40*ms, 10*ms, 0.003, 0.003), map[string]float64{"cart": 1}},
		{"two slower", request(70*ms, 30*ms, 0.003, 0.003), map[string]float64{"cart": 0.75, "stock": 0.25}},
		{"two failing", request(10*ms, 10*ms, 0.3, 0.1), map[string]float64{"cart": 0.8, "stock": 0.27}},
		{"faster", request(2*ms, 10*ms, 0.003, 0.003), map[string]float64{"cart": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := compared(t, usual, tt.after)
			require.Len(t, d.Causes, len(tt.want))
			for _, c := range d.Causes {
				assert.InDelta(t, tt.want[c.Service], c.Share, 0.08, c.Service)
			}
		})
	}
	small, big := stored("GET /small", 2*ms, 0), stored("GET /big", 40*ms, 0)
	d := compared(t, either(0.8, small, big), either(0.45, small, big))
	require.Len(t, d.Causes, 1)
	assert.True(t, math.IsNaN(d.Causes[0].Share))
}

// One call of ten that takes half a second more costs more than all calls of another that take 4 ms more, and comes first.
func TestFewLongCallsWeighAsMuchAsTheyTake(t *testing.T) {
	request := func(long float64, stock time.Duration) func(*rand.Rand) []spanned {
		return func(r *rand.Rand) []spanned {
			cart := 5 * ms
			if r.Float64() < long {
				cart += 500 * ms
			}
			return task{service: "web", name: "GET /", own: 5 * ms, calls: []task{
				{service: "cart", name: "add", own: cart, client: "POST /cart"}, {service: "stock", name: "count", own: stock, client: "POST /stock"},
			}}.request(r)
		}
	}
	d := compared(t, request(0, 5*ms), request(0.1, 9*ms))
	require.Len(t, d.Causes, 2)
	assert.Equal(t, "cart", d.Causes[0].Service)
	assert.Equal(t, compare.Slower, d.Causes[0].Verdict)
	assert.InDelta(t, 0.92, d.Causes[0].Share, 0.08)
	assert.InDelta(t, 0.08, d.Causes[1].Share, 0.08)
}
