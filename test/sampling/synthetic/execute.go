package synthetic

import (
	"math"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// execution is one request on its way.
type execution struct {
	topology *Topology
	rand     *rand.Rand
	incident incident
	hit      bool // the request came by the place of the incident
	spans    []span
}

// span is a finished span. Times count from the beginning of the request.
type span struct {
	id, parent uint64
	service    int
	name       string
	kind       ptrace.SpanKind
	start, end time.Duration
	failed     bool
}

const (
	network = 300 * time.Microsecond // one way
	stall   = 60 * time.Millisecond  // of a Delay
	retries = 5
)

// gatewayService is the index of the gateway among the services.
const gatewayService = -1

// enter executes a request to an endpoint from outside.
func (e *execution) enter(o *operation) {
	if !e.topology.options.Gateway {
		e.serve(o, 0, 0)
		return
	}
	own := time.Duration(float64(network) * math.Exp(0.3*e.rand.NormFloat64()))
	root := span{id: e.rand.Uint64() | 1, service: gatewayService, name: "/*", kind: ptrace.SpanKindServer}
	call := span{id: e.rand.Uint64() | 1, parent: root.id, service: gatewayService, name: anyCall, kind: ptrace.SpanKindClient, start: own}
	call.end, root.failed = e.serve(o, call.id, own+network)
	call.end += network
	call.failed, root.end = root.failed, call.end+own
	e.spans = append(e.spans, call, root)
}

// anyCall is what the spans of all calls between services are called behind a gateway.
const anyCall = "HTTP POST"

// serve executes an operation for the span parent and returns when it ends and whether it failed.
func (e *execution) serve(o *operation, parent uint64, start time.Duration) (time.Duration, bool) {
	id := e.rand.Uint64() | 1
	own := e.ownTime(o)
	failed := e.rand.Float64() < o.fails || e.strikes(Failing, o)
	t := start + own/2
	if !failed {
		var bad bool
		t, bad = e.call(o, id, t)
		failed = bad && !o.forgives
	}
	t += own - own/2
	e.spans = append(e.spans, span{id: id, parent: parent, service: o.service, name: o.name, kind: ptrace.SpanKindServer, start: start, end: t, failed: failed})
	return t, failed
}

// call makes the calls of an operation.
func (e *execution) call(o *operation, id uint64, start time.Duration) (end time.Duration, failed bool) {
	calls := o.calls
	if e.strikes(Silent, o) {
		calls = calls[:len(calls)/2]
	}
	if e.strikes(Detour, o) {
		calls = append([]call{{to: e.incident.to, chance: 1, times: 1}}, calls...)
	}
	t := start
	end = start
	for _, c := range calls {
		if c.chance < 1 && e.rand.Float64() >= c.chance || e.strikes(MissingBranch, c.to) {
			continue
		}
		times := 1 + e.rand.IntN(c.times)
		if e.strikes(Retries, c.to) {
			times = retries
		}
		for range times {
			done, bad := e.request(o, c.to, id, t)
			end = max(end, done)
			failed = failed || bad
			if !o.parallel {
				t = done
			}
			if bad && !o.forgives {
				return end, true
			}
		}
	}
	return end, failed
}

// request calls another operation and waits for it.
func (e *execution) request(from, to *operation, parent uint64, start time.Duration) (time.Duration, bool) {
	wire := time.Duration(float64(network) * math.Exp(0.3*e.rand.NormFloat64()))
	if e.strikes(Delay, to) {
		wire += stall / 2
	}
	id := e.rand.Uint64() | 1
	s := span{id: id, parent: parent, service: from.service, name: to.name, kind: ptrace.SpanKindClient, start: start}
	if to.leaf {
		s.failed = e.rand.Float64() < to.fails || e.strikes(Failing, to)
		s.end = start + 2*wire + e.ownTime(to)
	} else {
		if e.topology.options.Gateway {
			s.name = anyCall
		}
		s.end, s.failed = e.serve(to, id, start+wire)
		s.end += wire
	}
	e.spans = append(e.spans, s)
	return s.end, s.failed
}

// ownTime draws how long an operation itself takes: log-normal, now and then from a Pareto tail above three medians.
func (e *execution) ownTime(o *operation) time.Duration {
	v := float64(o.median) * math.Exp(o.spread*e.rand.NormFloat64())
	if e.rand.Float64() < o.heavy {
		const tail = 1.8
		v = 3 * float64(o.median) * math.Pow(1-e.rand.Float64(), -1/tail)
	}
	if e.strikes(Slow, o) {
		v *= 6
	}
	if e.strikes(Busy, o) {
		v *= 2.5
	}
	return time.Duration(v)
}

// strikes tells whether the incident is a fault of this kind in o, and notes that the request came by.
func (e *execution) strikes(f Fault, o *operation) bool {
	if e.incident.at == nil || !e.incident.on(f, o) {
		return false
	}
	e.hit = true
	return true
}
