package synthetic

import (
	"math"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/test/microservices"
)

// execution is one request on its way.
type execution struct {
	system   *microservices.System
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

// enter executes a request to an endpoint from outside.
func (e *execution) enter(endpoint int) {
	if e.system.Gateway < 0 {
		e.serve(endpoint, 0, 0)
		return
	}
	o := &e.system.Operations[e.system.Gateway]
	own := e.ownTime(e.system.Gateway)
	root := span{id: e.rand.Uint64() | 1, service: o.Home, name: o.Name, kind: ptrace.SpanKindServer}
	root.end, root.failed = e.request(e.system.Gateway, endpoint, root.id, own/2)
	root.end += own - own/2
	e.spans = append(e.spans, root)
}

// serve executes an operation for the span parent and returns when it ends and whether it failed.
func (e *execution) serve(op int, parent uint64, start time.Duration) (time.Duration, bool) {
	o := &e.system.Operations[op]
	id := e.rand.Uint64() | 1
	own := e.ownTime(op)
	failed := e.rand.Float64() < o.Fails || e.strikes(Failing, op)
	t := start + own/2
	if !failed {
		var bad bool
		t, bad = e.call(op, id, t)
		failed = bad && !o.Forgives
	}
	t += own - own/2
	e.spans = append(e.spans, span{id: id, parent: parent, service: o.Home, name: o.Name, kind: ptrace.SpanKindServer, start: start, end: t, failed: failed})
	return t, failed
}

// call makes the calls of an operation.
func (e *execution) call(op int, id uint64, start time.Duration) (end time.Duration, failed bool) {
	o := &e.system.Operations[op]
	calls := o.Calls
	if e.strikes(Silent, op) {
		calls = calls[:len(calls)/2]
	}
	if e.strikes(Detour, op) {
		calls = append([]microservices.Call{{To: e.incident.to, Chance: 1, Times: 1}}, calls...)
	}
	t := start
	end = start
	for _, c := range calls {
		if c.Chance < 1 && e.rand.Float64() >= c.Chance || e.strikes(MissingBranch, c.To) {
			continue
		}
		times := 1 + e.rand.IntN(c.Times)
		if e.strikes(Retries, c.To) {
			times = retries
		}
		for range times {
			done, bad := e.request(op, c.To, id, t)
			end = max(end, done)
			failed = failed || bad
			if !o.Parallel {
				t = done
			}
			if bad && !o.Forgives {
				return end, true
			}
		}
	}
	return end, failed
}

// request calls another operation and waits for it.
func (e *execution) request(from, to int, parent uint64, start time.Duration) (time.Duration, bool) {
	wire := time.Duration(float64(network) * math.Exp(0.3*e.rand.NormFloat64()))
	if e.strikes(Delay, to) {
		wire += stall / 2
	}
	service, callee := e.system.Operations[from].Home, &e.system.Operations[to]
	s := span{id: e.rand.Uint64() | 1, parent: parent, service: service, name: callee.Name, kind: ptrace.SpanKindClient, start: start}
	if callee.Store() {
		s.failed = e.rand.Float64() < callee.Fails || e.strikes(Failing, to)
		s.end = start + 2*wire + e.ownTime(to)
		e.spans = append(e.spans, s)
		return s.end, s.failed
	}
	name, ok := e.system.Client(service, to)
	if !ok {
		end, failed := e.serve(to, parent, start+wire)
		return end + wire, failed
	}
	s.name = name
	s.end, s.failed = e.serve(to, s.id, start+wire)
	s.end += wire
	e.spans = append(e.spans, s)
	return s.end, s.failed
}

// ownTime draws how long an operation itself takes.
func (e *execution) ownTime(op int) time.Duration {
	v := e.system.Operations[op].OwnTime(e.rand)
	if e.strikes(Slow, op) {
		v *= 6
	}
	if e.strikes(Busy, op) {
		v *= 2.5
	}
	return time.Duration(v)
}

// strikes tells whether the incident is a fault of this kind in an operation, and notes that the request came by.
func (e *execution) strikes(f Fault, op int) bool {
	if !e.incident.on(f, &e.system.Operations[op]) {
		return false
	}
	e.hit = true
	return true
}
