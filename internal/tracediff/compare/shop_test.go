package compare_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// shop is what a window of a small system is like: in each request web's "GET /" calls "add" of the service cart, through a client span that is
// called "HTTP POST", as all of web's are; and list of the service stock, so that not everything depends on cart.
type shop struct {
	requests int     // in a window
	own      float64 // what cart takes for a call, ms
	wait     float64 // what web waits for cart besides, ms
	failing  float64 // share of the calls that cart fails, which web does not pass on
	calls    float64 // of cart in a request
	noise    float64 // standard deviation of the logarithms of times, from slice to slice
}

var asUsual = shop{requests: 1000, own: 20, wait: 2, calls: 1, noise: 0.03}

const (
	minute   = time.Minute
	sliceNum = 20
)

// Groups of the shop.
var (
	cartService = snapshot.Identity{Kind: snapshot.Service, Value: "cart"}
	cartAdd     = snapshot.Identity{Kind: snapshot.Operation, Service: "cart", Value: "add"}
	webGet      = snapshot.Identity{Kind: snapshot.Operation, Service: "web", Value: "GET /"}
	toCart      = snapshot.Identity{Kind: snapshot.Edge, CallerService: "web", Caller: "HTTP POST", Service: "cart", Value: "add"}
)

// noon is when the first window of a scenario begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// window is the nth window of a minute; the share of it from which on it is like then, if that is not 1, the part before like s.
func (s shop) window(n int) *snapshot.Snapshot { return s.turning(n, 1, s) }

// turning is the nth window, of which a part is like s and the rest like then.
func (s shop) turning(n int, at float64, then shop) *snapshot.Snapshot {
	start := noon.Add(time.Duration(n) * minute)
	b := &shopBuilder{
		r: rand.New(rand.NewPCG(uint64(n), 0x5309)), of: map[snapshot.Identity]*snapshot.Group{},
		snap: &snapshot.Snapshot{
			ID: fmt.Sprintf("w%d", n), QueryID: "q", Start: start, End: start.Add(minute), Completed: start.Add(minute), State: snapshot.Complete,
			Slice: minute / sliceNum, Total: snapshot.Group{Identity: snapshot.Identity{Kind: snapshot.Total}},
		},
	}
	for i := range sliceNum {
		now := s
		if float64(i) >= at*sliceNum {
			now = then
		}
		b.slice(uint32(i), now)
	}
	return b.snap
}

type shopBuilder struct {
	r    *rand.Rand
	snap *snapshot.Snapshot
	of   map[snapshot.Identity]*snapshot.Group

	failing float64 // calls that are still to fail
}

func (b *shopBuilder) slice(index uint32, s shop) {
	traces := (s.requests*(int(index)+1))/sliceNum - (s.requests*int(index))/sliceNum
	called := int(math.Round(float64(traces) * min(1, s.calls)))
	spans := int(math.Round(float64(traces) * s.calls))
	noise := func() float64 { return math.Exp(s.noise * b.r.NormFloat64()) }
	own, wait, list := s.own*noise(), s.wait*noise(), 8*noise()
	client := own + wait
	all := 5*noise() + client*s.calls + list
	b.failing += float64(spans) * s.failing
	failed := int(b.failing)
	b.failing -= float64(failed)
	add := func(id snapshot.Identity, spans, traces, failed int, ms, self, wait float64) {
		b.add(id, snapshot.Slice{Index: index}, counts{spans, traces, failed}, ms, self, wait)
	}
	web := snapshot.Identity{Kind: snapshot.Service, Value: "web"}
	post := snapshot.Identity{Kind: snapshot.Operation, Service: "web", Value: "HTTP POST"}
	add(b.snap.Total.Identity, traces, traces, 0, all, 5, 0)
	add(webGet, traces, traces, 0, all, 5, 0)
	add(web, traces+spans+traces, traces, 0, all/2, 5, 0)
	add(post, spans+traces, traces, 0, client, wait, 0)
	add(snapshot.Identity{Kind: snapshot.Service, Value: "stock"}, traces, traces, 0, list, list, 0)
	add(snapshot.Identity{Kind: snapshot.Operation, Service: "stock", Value: "list"}, traces, traces, 0, list, list, 0)
	add(snapshot.Identity{Kind: snapshot.Edge, CallerService: "web", Caller: "GET /", Service: "web", Value: "HTTP POST"}, spans+traces, traces, 0, client, wait, 0)
	add(snapshot.Identity{Kind: snapshot.Edge, CallerService: "web", Caller: "HTTP POST", Service: "stock", Value: "list"}, traces, traces, 0, list, list, 1*noise())
	add(cartService, spans, called, failed, own, own, 0)
	add(cartAdd, spans, called, failed, own, own, 0)
	add(toCart, spans, called, failed, own, own, wait)
}

type counts struct{ spans, traces, failed int }

// add adds spans that all take so many ms.
func (b *shopBuilder) add(id snapshot.Identity, s snapshot.Slice, n counts, ms, self, wait float64) {
	if n.spans == 0 {
		return
	}
	g := b.of[id]
	switch {
	case id.Kind == snapshot.Total:
		g = &b.snap.Total
	case g == nil:
		g = &snapshot.Group{Identity: id}
		b.of[id] = g
		b.snap.Groups = append(b.snap.Groups, g)
	}
	spans, traces, failed := float64(n.spans), float64(n.traces), float64(min(n.failed, n.traces))
	s.Spans, s.Weight, s.Traces, s.TraceWeight, s.TraceWeight2 = uint32(n.spans), spans, uint32(n.traces), traces, traces
	s.ErrorSpans, s.ErrorWeight, s.ErrorTraces, s.ErrorTrace, s.ErrorTrace2 = uint32(n.failed), float64(n.failed), uint32(failed), failed, failed
	log := math.Log(ms * 1e6)
	s.Duration, s.LogDuration, s.LogDuration2, s.LogSelf = spans*ms*1e6, spans*log, spans*log*log, spans*math.Log(self*1e6)
	if wait > 0 {
		s.WaitWeight, s.Wait, s.LogWait = spans, spans*wait*1e6, spans*math.Log(wait*1e6)
	}
	g.Slices = append(g.Slices, s)
	g.Duration.Add(ms*1e6, spans)
	g.Self.Add(self*1e6, spans)
}

// played are the windows of a scenario, oldest first.
type played []*snapshot.Snapshot

// Snapshot implements compare.Windows.
func (p *played) Snapshot(_ context.Context, id string) (*snapshot.Snapshot, error) {
	for _, s := range *p {
		if s.ID == id {
			return s, nil
		}
	}
	return nil, nil
}

// Before implements compare.Windows.
func (p *played) Before(_ context.Context, start time.Time) (last *snapshot.Snapshot, _ error) {
	for _, s := range *p {
		if s.Start.Before(start) {
			last = s
		}
	}
	return last, nil
}
