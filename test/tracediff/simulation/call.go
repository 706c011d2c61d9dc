package simulation

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
)

// How long a call waits in the network and in queues, there and back.
const (
	waitMedian = 1e6 // ns
	waitSpread = 0.5 // sigma of its log-normal distribution
)

// request executes one request.
func (p *player) request(endpoint int, at float64) Trace {
	p.spans = p.spans[:0]
	p.trace = math.Exp(p.weather.Trace * p.r.NormFloat64())
	if p.system.Gateway >= 0 {
		p.enter(endpoint)
	} else {
		p.call(endpoint, -1)
	}
	if len(p.arena) < len(p.spans) {
		p.arena = make([]span, 1<<14+len(p.spans))
	}
	n := copy(p.arena, p.spans)
	spans := p.arena[:n:n]
	p.arena = p.arena[n:]
	switch {
	case spans[0].failed:
		spans[0].status = 2
	case p.r.IntN(50) == 0:
		spans[0].status = 1
	}
	tenant := uint8(0)
	for tenant < tenants-1 && p.r.IntN(2) == 0 {
		tenant++
	}
	return Trace{slice: uint32(p.slice), at: at, endpoint: int32(endpoint), tenant: tenant, versions: p.regime.versions, spans: spans}
}

// enter executes a request that comes through the gateway, which answers as the endpoint does.
func (p *player) enter(endpoint int) {
	op := p.system.Gateway
	p.spans = append(p.spans, span{op: int32(op), parent: -1})
	own := p.ownTime(op)
	total, lost, failed := p.invoke(op, 0, endpoint)
	p.spans[0].measured(own+total+lost, own+lost, failed)
}

// call executes a call and what it calls. A failure of what it calls makes it fail if it does not forgive it, unless a change
// says otherwise.
func (p *player) call(op, parent int) (total float64, failed bool) {
	o := &p.regime.operations[op]
	at := len(p.spans)
	p.spans = append(p.spans, span{op: int32(op), parent: int32(parent)})
	self := p.ownTime(op) + p.stalled(p.regime.stalls[op])
	total = self
	for _, c := range o.Calls {
		if c.Chance < 1 && p.r.Float64() >= c.Chance {
			continue
		}
		for range c.Times {
			t, lost, f := p.invoke(op, at, c.To)
			self += lost
			total += t + lost
			failed = failed || f && p.passes(o, c.To)
		}
	}
	factor := p.regime.factor[op]
	self += total * (factor - 1)
	total *= factor
	failed = p.fail(op) || failed && !p.regime.exact[op]
	p.spans[at].measured(total, self, failed)
	return total, failed
}

// invoke executes a call as its caller sees it: with what is lost on the way, which is in the client span if there is one, and
// otherwise in no span but the caller's.
func (p *player) invoke(from, at, to int) (total, lost float64, failed bool) {
	if p.regime.operations[from].Home == p.regime.operations[to].Home {
		total, failed = p.call(to, at)
		return total, 0, failed
	}
	lost = p.regime.delayTo[to] + p.regime.delayFrom[from] + p.stalled(p.regime.stallsTo[to])
	client, ok := p.system.client(from, to)
	if !ok {
		total, failed = p.call(to, at)
		return total, lost, failed
	}
	lost += waitMedian * math.Exp(waitSpread*p.net.NormFloat64()+p.minutes[to][p.slice]) * p.waits[p.regime.operations[to].Home]
	here := len(p.spans)
	p.spans = append(p.spans, span{op: int32(client), parent: int32(at), client: true})
	total, failed = p.call(to, here)
	p.spans[here].measured(total+lost, lost, failed)
	return total + lost, 0, failed
}

// ownTime draws how long a call takes beside what it waits for.
func (p *player) ownTime(op int) float64 {
	return p.regime.operations[op].OwnTime(p.r) * math.Exp(p.minutes[op][p.slice]) * p.speed[op] * p.trace * p.regime.own[op]
}

// stalled draws by how much longer a call takes.
func (p *player) stalled(s stall) float64 {
	if s.share > 0 && p.net.Float64() < s.share {
		return s.by
	}
	return 0
}

// passes tells whether a caller fails because its callee did.
func (p *player) passes(caller *microservices.Operation, callee int) bool {
	if share := p.regime.passedOn[callee]; share >= 0 {
		return p.r.Float64() < share
	}
	return !caller.Forgives
}

// fail tells whether a call fails by itself: alone, or because calls just before did.
func (p *player) fail(op int) bool {
	if p.burst[op] > 0 {
		p.burst[op]--
		return true
	}
	together := max(1, p.weather.Bursts)
	if p.r.Float64() >= p.regime.fails[op]/together {
		return false
	}
	p.burst[op] = geometric(p.r, together) - 1
	return true
}

// measured fills in how long a span took, and what that is in a snapshot.
func (s *span) measured(total, self float64, failed bool) {
	s.total, s.self, s.failed = total, self, failed
	s.log, s.logSelf = math.Log(max(1, total)), math.Log(max(1, self))
	s.bucket, s.bucketSelf = snapshot.BucketOf(total)+1, snapshot.BucketOf(self)+1
}
