package compare_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

const (
	server   = ptrace.SpanKindServer
	client   = ptrace.SpanKindClient
	producer = ptrace.SpanKindProducer
	consumer = ptrace.SpanKindConsumer
	ms       = time.Millisecond
)

// purchase is a request to web, which calls payment, cart and stock one after the other; calls to payment are delayed on the way.
func purchase(delay time.Duration, generic bool) func(*rand.Rand) []spanned {
	return func(r *rand.Rand) []spanned {
		spans := []spanned{{service: "web", name: "GET /", kind: server, parent: -1}}
		at := ms
		for _, service := range []string{"payment", "cart", "stock"} {
			lasts, waits := about(r, 5*ms), about(r, ms)
			if service == "payment" {
				waits += delay
			}
			name := "POST /" + service
			call := spanned{service: "web", name: name, kind: client, parent: 0, at: at, lasts: lasts + waits}
			if generic {
				call.name = "HTTP POST"
			}
			spans = append(spans, call, spanned{service: service, name: name, kind: server, parent: len(spans), at: at + waits/2, lasts: lasts})
			at += lasts + waits
		}
		spans[0].lasts = at + ms
		return spans
	}
}

// A delay in the network shows in no span of the service that it is before. It is named all the same, whatever client spans are called.
func TestDelayBeforeAService(t *testing.T) {
	for name, generic := range map[string]bool{"HTTP POST": true, "a name for each callee": false} {
		t.Run(name, func(t *testing.T) {
			d := compare.Compare(replayed(t, 0, 600, purchase(0, generic)), replayed(t, 3, 600, purchase(500*ms, generic)), nil, compare.DefaultThresholds())
			require.NotEmpty(t, d.Causes)
			c := d.Causes[0]
			assert.Equal(t, "payment", c.Service)
			assert.Equal(t, compare.Waiting, c.Measure)
			assert.Equal(t, compare.Slower, c.Verdict)
			assert.Equal(t, snapshot.Edge, c.Site.Kind)
			assert.InDelta(t, 501e6, d.Changes[c.Main].B.Wait, 1e6)
			assert.InDelta(t, 1e6, d.Changes[c.Main].A.Wait, 0.1e6)
			assert.Len(t, d.Causes, 1, "all else follows from it")
			require.GreaterOrEqual(t, c.Symptom, 0)
			assert.Equal(t, webGet, d.Changes[c.Symptom].Identity, "what users notice")
			for i := range d.Changes {
				x := &d.Changes[i]
				assert.False(t, x.Flagged && x.Kind == snapshot.Service && x.Value == "payment" && x.Measure == compare.Latency, "it is as fast as ever")
			}
		})
	}
}

// The two sides of a call that share one id are two spans, and the wait lies between them.
func TestDelayBetweenJoinedSpans(t *testing.T) {
	request := func(delay time.Duration) func(*rand.Rand) []spanned {
		return func(r *rand.Rand) []spanned {
			own, waits, query := about(r, 20*ms), about(r, 2*ms)+delay, about(r, 8*ms)
			return []spanned{
				{service: "web", name: "get /cart", kind: server, parent: -1, lasts: own + waits + 10*ms},
				{service: "web", name: "get", kind: client, parent: 0, at: 5 * ms, lasts: own + waits},
				{service: "stock", name: "get /stock", kind: server, parent: 1, at: 5*ms + waits/2, lasts: own, joined: true},
				{service: "stock", name: "select", kind: client, parent: 2, at: 6*ms + waits/2, lasts: query},
			}
		}
	}
	a, b := replayed(t, 0, 600, request(0)), replayed(t, 3, 600, request(50*ms))
	edge := snapshot.Identity{Kind: snapshot.Edge, CallerService: "web", Caller: "get", Service: "stock", Value: "get /stock"}
	d := compare.Compare(a, b, nil, compare.DefaultThresholds())
	c := find(d, edge, compare.Waiting)
	require.NotNil(t, c)
	assert.InDelta(t, 2e6, c.A.Wait, 0.1e6)
	assert.InDelta(t, 52e6, c.B.Wait, 0.1e6)
	assert.True(t, c.Flagged)
	require.Len(t, d.Causes, 1)
	assert.Equal(t, "stock", d.Causes[0].Service)
	assert.Equal(t, edge, d.Causes[0].Site)
	for i := range d.Changes {
		x := &d.Changes[i]
		assert.False(t, x.Measure == compare.Waiting && x.Identity != edge, "%+v waits for nobody", x.Identity)
	}
}

// What is sent through a queue waits from the end of the producer's span to the start of the consumer's.
func TestDelayInAQueue(t *testing.T) {
	request := func(delay time.Duration) func(*rand.Rand) []spanned {
		return func(r *rand.Rand) []spanned {
			lasts, waits := about(r, 5*ms), about(r, 20*ms)+delay
			return []spanned{
				{service: "shop", name: "POST /order", kind: server, parent: -1, lasts: 12 * ms},
				{service: "shop", name: "orders publish", kind: producer, parent: 0, at: 4 * ms, lasts: 2 * ms},
				{service: "mail", name: "orders process", kind: consumer, parent: 1, at: 6*ms + waits, lasts: lasts},
			}
		}
	}
	a, b := replayed(t, 0, 600, request(0)), replayed(t, 3, 600, request(900*ms))
	edge := snapshot.Identity{Kind: snapshot.Edge, CallerService: "shop", Caller: "orders publish", Service: "mail", Value: "orders process"}
	d := compare.Compare(a, b, nil, compare.DefaultThresholds())
	c := find(d, edge, compare.Waiting)
	require.NotNil(t, c)
	assert.True(t, c.Flagged)
	assert.InDelta(t, 20e6, c.A.Wait, 1e6)
	assert.InDelta(t, 920e6, c.B.Wait, 1e6)
	require.NotEmpty(t, d.Causes)
	assert.Equal(t, "mail", d.Causes[0].Service)
	assert.Equal(t, edge, d.Causes[0].Site)
	for i := range d.Changes {
		x := &d.Changes[i]
		assert.False(t, x.Flagged && x.Measure == compare.Latency && x.Kind == snapshot.Operation, "%+v takes as long as ever", x.Identity)
	}
}

// All of nineteen traces are two seconds slower: few, but there is no doubt.
func TestSmallFault(t *testing.T) {
	request := func(slower time.Duration) func(*rand.Rand) []spanned {
		return func(r *rand.Rand) []spanned {
			lasts := about(r, 30*ms) + slower
			return []spanned{
				{service: "web", name: "POST /refund", kind: server, parent: -1, lasts: lasts + 10*ms},
				{service: "web", name: "POST", kind: client, parent: 0, at: 2 * ms, lasts: lasts + 2*ms},
				{service: "ledger", name: "refund", kind: server, parent: 1, at: 3 * ms, lasts: lasts},
			}
		}
	}
	d := compare.Compare(replayed(t, 0, 19, request(0)), replayed(t, 3, 19, request(2*time.Second)), nil, compare.DefaultThresholds())
	require.NotEmpty(t, d.Causes)
	assert.Equal(t, "ledger", d.Causes[0].Service)
	c := find(d, snapshot.Identity{Kind: snapshot.Operation, Service: "ledger", Value: "refund"}, compare.Latency)
	assert.True(t, c.Flagged)
	d = compare.Compare(replayed(t, 0, 19, request(0)), replayed(t, 3, 19, request(0)), nil, compare.DefaultThresholds())
	assert.Zero(t, flags(d))
}
