package report

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Causes that the change of their site alone would not tell have words of their own.
func TestWordsOfKindsOfCauses(t *testing.T) {
	missingPart := path("web", "GET /")
	missingPart.PathID = ""
	partial := came(missingPart, 5)
	partial.B.PerTrace = 0.466
	few := took(op("cart", "add"), 5, 5)
	few.Measure, few.A.Mean, few.B.Mean = compare.Slowest, 5.1e6, 55e6
	fewWaits := few
	fewWaits.Identity = op("web", "HTTP POST")
	wait := waited(edge("web", "HTTP POST", "cart", "add"), 1, 25)
	for _, tt := range []struct {
		cause   compare.Cause
		changes []compare.Change
		what    string
		follows string
	}{
		{
			compare.Cause{Service: "shop", Kind: compare.Renamed, Was: "GET /s"},
			[]compare.Change{came(op("shop", "GET /v2"), 5), went(op("shop", "GET /s"))},
			"shop: GET /s is now named GET /v2", "shop GET /s missing, was in 4,000 traces; ",
		},
		{
			compare.Cause{Service: "cart2", Kind: compare.Renamed, Was: "cart"},
			[]compare.Change{came(service("cart2"), 5), went(service("cart"))},
			"cart2 takes the place of cart, in 4,000 traces", "service cart missing, was in 4,000 traces; ",
		},
		{
			compare.Cause{Service: "cache", Kind: compare.Inserted},
			[]compare.Change{came(service("cache"), 5), went(edge("web", "GET /", "cart", "add"))},
			"cache is new between web and cart, in 4,000 traces", "web GET / -> cart add missing, was in 4,000 traces; ",
		},
		{
			compare.Cause{Service: "web", Kind: compare.Inserted},
			[]compare.Change{came(op("web", "HTTP POST"), 5), went(edge("web", "GET /", "cart", "add"))},
			"web: HTTP POST is new between web and cart, in 4,000 traces", "web GET / -> cart add missing, was in 4,000 traces; ",
		},
		{
			compare.Cause{Service: "shop", Kind: compare.SpansMissing},
			[]compare.Change{called(service("shop"), 3, 1.6), partial},
			"shop: spans are missing, 3.00 -> 1.60 a trace",
			"46.6 % of the traces have spans without their parent now; path of web GET / (incomplete traces) new, in 4,000 traces; ",
		},
		{
			compare.Cause{Service: "shop", Kind: compare.SpansMissing},
			[]compare.Change{called(service("shop"), 1, 0.5), called(op("shop", "buy"), 1, 0.5)},
			"shop: spans are missing, 1.00 -> 0.50 a trace", "calls of it are made as before, without a span of it; shop buy fewer calls, 1.00 -> 0.50 a trace; ",
		},
		{
			compare.Cause{Service: "cart", Kind: compare.OnTheWay, Verdict: compare.Slower},
			[]compare.Change{wait},
			"cart or the way to it: network and queueing of add, 1.00 -> 25.0 ms", "called by web HTTP POST; ",
		},
		{
			compare.Cause{Service: "web", Kind: compare.OnTheWay, Verdict: compare.Slower},
			[]compare.Change{wait},
			"web or the way from it: network and queueing of calls to cart add, 1.00 -> 25.0 ms", "",
		},
		{
			compare.Cause{Service: "cart", Verdict: compare.Slower},
			[]compare.Change{few},
			"cart: add slowest calls slower, 5.10 -> 55.0 ms on average", "",
		},
		{
			compare.Cause{Service: "cart", Verdict: compare.Slower},
			[]compare.Change{fewWaits},
			"cart: network and queueing of calls by web HTTP POST slowest calls slower, 5.10 -> 55.0 ms on average", "",
		},
		{
			compare.Cause{Service: "web"},
			[]compare.Change{called(op("web", "GET /big"), 0.24, 0.58), took(all(), 11, 22)},
			"web: more traffic of GET /big, 0.24 -> 0.58 a trace", "all traces slower, 11.0 -> 22.0 ms; ",
		},
		{
			compare.Cause{Service: "web"},
			[]compare.Change{called(op("web", "GET /big"), 0.58, 0.24), took(all(), 22, 11)},
			"web: less traffic of GET /big, 0.58 -> 0.24 a trace", "all traces faster, 22.0 -> 11.0 ms; ",
		},
	} {
		tt.cause.Symptom = -1
		for n := range tt.changes[1:] {
			tt.cause.Explains, tt.cause.Symptom = append(tt.cause.Explains, n+1), 1
		}
		d := diffOf([]compare.Cause{tt.cause}, tt.changes...)
		what, follows := Cause(d, &d.Causes[0], Clean)
		assert.Equal(t, tt.what, what)
		assert.Equal(t, tt.follows+"trace "+aTrace, follows)
	}
}

// The share of a cause is said where it is known.
func TestWordsOfShares(t *testing.T) {
	d := diffOf([]compare.Cause{{Service: "cart", Symptom: -1}}, took(op("cart", "add"), 5, 20))
	c := &d.Causes[0]
	_, follows := Cause(d, c, Clean)
	assert.Equal(t, "trace "+aTrace, follows)
	c.Share = 0.734
	_, follows = Cause(d, c, Clean)
	assert.Equal(t, "73 % of the slowdown; trace "+aTrace, follows)
	assert.InDelta(t, 0.734, float64(causeList(d, Arrange(d))[0].Share), 1e-9)
	c.Share = math.NaN()
	assert.True(t, math.IsNaN(float64(causeList(d, Arrange(d))[0].Share)))
}
