// Package workload makes the traces that are measured with: 20 endpoints over eight services, 16 spans with eight
// attributes each. What repeats in practice repeats (services, operations, hosts); what does not is fresh in every span
// (ids, one URL of its own, client addresses).
package workload

import (
	"math"
	"math/rand/v2"
	"time"
)

// SpansPerTrace is the size of every trace.
const SpansPerTrace = 16

const endpoints = 20

// Services are the values of service.name.
var Services = [8]string{"frontend", "cart", "checkout", "payment", "shipping", "currency", "ads", "recommendation"}

var (
	nouns = [endpoints]string{
		"basket", "order", "invoice", "refund", "parcel", "address", "account", "session", "wishlist", "review",
		"catalog", "price", "stock", "coupon", "banner", "search", "profile", "message", "receipt", "return",
	}
	verbs = [SpansPerTrace]string{
		"open", "read", "check", "list", "lock", "rate", "merge", "store", "notify", "convert", "sign", "index", "trim",
		"score", "render", "close",
	}
)

// Oddity is what sets a trace apart from the usual.
type Oddity int

// The kinds of traces.
const (
	Usual Oddity = iota
	Failing
	Slow
)

// SlowBy is how much longer a slow trace takes than a usual one. Usual ones stay well below.
const SlowBy = 3 * time.Second

// span is one drawn span; times count from the start of its trace.
type span struct {
	service  int
	endpoint int
	position int // 0 is the root
	parent   int // position, -1 for the root
	start    time.Duration
	duration time.Duration
	failed   bool
}

func (s *span) name() string   { return "GET /" + nouns[s.endpoint] + "/" + verbs[s.position] }
func (s *span) client() bool   { return s.position%2 == 1 }
func (s *span) method() string { return [...]string{"GET", "GET", "GET", "POST"}[s.position%4] }

// drawTrace draws a trace: a binary tree of calls, each within its caller. Durations are log-normal around what is usual
// for the endpoint.
func drawTrace(r *rand.Rand, oddity Oddity) [SpansPerTrace]span {
	var t [SpansPerTrace]span
	endpoint := r.IntN(endpoints)
	usual := float64(20+5*endpoint) * float64(time.Millisecond)
	for i := range t {
		s := &t[i]
		*s = span{service: (i + endpoint) % len(Services), endpoint: endpoint, position: i, parent: (i+1)/2 - 1}
		if i == 0 {
			s.duration = time.Duration(usual * math.Exp(r.NormFloat64()/2))
			continue
		}
		caller := &t[s.parent]
		s.duration = time.Duration(float64(caller.duration) * (0.2 + 0.4*r.Float64()))
		s.start = caller.start + time.Duration(float64(caller.duration-s.duration)*r.Float64())
	}
	switch oddity {
	case Failing:
		t[r.IntN(SpansPerTrace)].failed = true
	case Slow:
		for i := r.IntN(SpansPerTrace); i >= 0; i = t[i].parent {
			t[i].duration += SlowBy
		}
	}
	return t
}
