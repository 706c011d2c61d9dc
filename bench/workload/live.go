package workload

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Live is a stream of traces whose spans do not arrive together: each of the eight services sends its spans of a trace when
// it has them, as separate SDKs do. The first piece opens the trace; each other follows after a delay of 40 ms on average
// (exponential), and one in 500 after up to 400 ms more.
type Live struct {
	random *rand.Rand
	due    pieces
	count  uint64
}

// piece is what one service sends of one trace.
type piece struct {
	at    time.Duration
	trace pcommon.TraceID
	spans []pieceSpan
}

type pieceSpan struct {
	span span
	id   identity
}

// Sent is told of a piece that goes out: the trace, how many spans of it, and how much later than it was due.
type Sent func(trace pcommon.TraceID, spans int, lag time.Duration)

// NewLive makes a stream. The same seed makes the same one.
func NewLive(seed uint64) *Live {
	return &Live{random: rand.New(rand.NewPCG(seed, SpansPerTrace))}
}

// Open begins n traces at the given time.
func (l *Live) Open(n int, now time.Duration) {
	for range n {
		l.count++
		oddity := Usual
		switch l.count % (OddEvery * Traces) {
		case 0:
			oddity = Failing
		case 1:
			oddity = Slow
		}
		l.open(drawTrace(l.random, oddity), now)
	}
}

func (l *Live) open(spans [SpansPerTrace]span, now time.Duration) {
	salt := l.random.Uint64()
	var trace pcommon.TraceID
	putIDs(trace[:8], salt)
	putIDs(trace[8:], mix(salt))
	var byService [len(Services)][]pieceSpan
	for i := range spans {
		s := &spans[i]
		id := identity{trace: trace}
		putIDs(id.span[:], salt+uint64(i)+1)
		putIDs(id.parent[:], salt+uint64(max(0, s.parent))+1)
		var thing [16]byte
		putHex(thing[:], mix(salt-uint64(i)))
		var address [14]byte
		putAddress(address[:], mix(salt^uint64(i)))
		id.thing, id.address = string(thing[:]), string(address[:])
		byService[s.service] = append(byService[s.service], pieceSpan{*s, id})
	}
	for i, spans := range byService {
		at := now
		if i > 0 {
			at += time.Duration(l.random.ExpFloat64() * float64(40*time.Millisecond))
		}
		if l.random.IntN(500) == 0 {
			at += time.Duration(l.random.Float64() * float64(400*time.Millisecond))
		}
		heap.Push(&l.due, piece{at: at, trace: trace, spans: spans})
	}
}

func putIDs(to []byte, v uint64) {
	v = mix(v)
	for i := range to {
		to[i] = byte(v >> (8 * i))
	}
}

// Take gathers what is due by now. sent sees every piece of it.
func (l *Live) Take(now time.Duration, sent Sent) ptrace.Traces {
	td := ptrace.NewTraces()
	scopes := addServices(td)
	for len(l.due) > 0 && l.due[0].at <= now {
		p := heap.Pop(&l.due).(piece)
		for i := range p.spans {
			s := &p.spans[i]
			s.span.put(scopes[s.span.service].AppendEmpty(), origin.Add(now), &s.id)
		}
		sent(p.trace, len(p.spans), now-p.at)
	}
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool { return rs.ScopeSpans().At(0).Spans().Len() == 0 })
	return td
}

// pieces is a heap by time.
type pieces []piece

func (p pieces) Len() int           { return len(p) }
func (p pieces) Less(i, j int) bool { return p[i].at < p[j].at }
func (p pieces) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

// Push implements heap.Interface.
func (p *pieces) Push(x any) { *p = append(*p, x.(piece)) }

// Pop implements heap.Interface.
func (p *pieces) Pop() any {
	last := (*p)[len(*p)-1]
	(*p)[len(*p)-1] = piece{}
	*p = (*p)[:len(*p)-1]
	return last
}
