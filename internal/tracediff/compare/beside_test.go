package compare

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A handler that is there while its caller waits for another call loses nothing of its own; one that runs before the call does.
func TestSpansBesideACallHaveNoTimeOfTheirOwn(t *testing.T) {
	const traces = 100
	took := func(before, after float64) [2]snapshot.Slice { // s in each trace
		return [2]snapshot.Slice{{Duration: before * 1e9 * traces}, {Duration: after * 1e9 * traces}}
	}
	system := func(entry [2]snapshot.Slice) []pair {
		operation := func(service, name string, sum [2]snapshot.Slice) pair {
			return pair{id: snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: name}, sum: sum}
		}
		call := func(caller, name, service, value string, sum [2]snapshot.Slice) pair {
			return pair{id: snapshot.Identity{Kind: snapshot.Edge, CallerService: caller, Caller: name, Service: service, Value: value}, sum: sum}
		}
		return []pair{
			operation("gateway", "/*", entry),
			operation("gateway", "handle", took(0.1, 1.1)), operation("gateway", "HTTP GET", took(0.1, 1.0)), operation("shop", "GET", took(0.1, 1.0)),
			call("gateway", "/*", "gateway", "handle", took(0.1, 1.1)), call("gateway", "/*", "gateway", "HTTP GET", took(0.1, 1.0)),
			call("gateway", "HTTP GET", "shop", "GET", took(0.1, 1.0)),
		}
	}
	at := &tester{}
	at.sides[0].sum.TraceWeight, at.sides[1].sum.TraceWeight = traces, traces

	handle := operation{"gateway", "handle"}
	assert.InDelta(t, 0.9, at.beside(system(took(0.1, 1.1)), true)[handle], 1e-9, "at the same time")
	assert.Zero(t, at.beside(system(took(0.2, 2.1)), true)[handle], "one after the other")
	assert.Zero(t, at.beside(system(took(0.1, 1.1)), false)[handle], "nothing is faster")
}
