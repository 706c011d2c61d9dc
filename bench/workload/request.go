package workload

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Request is an OTLP export request in protobuf, made once and then given fresh identities in place: the cheapest way to
// have any number of distinct ones.
type Request struct {
	Body    []byte
	patches []patch
}

const (
	// Traces is how many a Request holds, whole.
	Traces          = 50
	SpansPerRequest = Traces * SpansPerTrace
	// OddEvery is the distance of requests with odd traces: one trace of such a request fails and one is slow, so that of
	// all traces one in 400 fails and one in 400 is slow.
	OddEvery = 8
)

// origin is the start of every trace: a fixed one, so that requests of the same seed are equal in every run.
var origin = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// patch is a place in the body that holds what is fresh in every span.
type patch struct {
	at    int
	what  patchKind
	index uint32 // of the trace or span in the request
}

type patchKind uint8

const (
	patchTraceID patchKind = iota
	patchSpanID
	patchThing
	patchAddress
)

// The places are found by marks that occur nowhere else: each is followed by the index, in four bytes or, in text, in eight
// hexadecimal digits.
var marks = [...]string{
	patchTraceID: "\xf1trace-mark\xf2",
	patchSpanID:  "\xf1sp\xf2",
	patchThing:   "~thing~~",
	patchAddress: "~addr~",
}

// NewRequests makes n requests. The same seed makes the same ones.
func NewRequests(seed uint64, n int) ([]*Request, error) {
	r := rand.New(rand.NewPCG(seed, SpansPerRequest))
	requests := make([]*Request, n)
	for i := range requests {
		q, err := newRequest(r, i%OddEvery == 0)
		if err != nil {
			return nil, err
		}
		requests[i] = q
	}
	return requests, nil
}

func newRequest(r *rand.Rand, odd bool) (*Request, error) {
	td := ptrace.NewTraces()
	scopes := addServices(td)
	for t := range uint32(Traces) {
		oddity := Usual
		if odd && t < 2 {
			oddity = [...]Oddity{Failing, Slow}[t]
		}
		spans := drawTrace(r, oddity)
		for i := range spans {
			s := &spans[i]
			id := markedIdentity(t, t*SpansPerTrace+uint32(i), t*SpansPerTrace+uint32(max(0, s.parent)))
			s.put(scopes[s.service].AppendEmpty(), origin, &id)
		}
	}
	body, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		return nil, fmt.Errorf("marshal a request: %w", err)
	}
	q := &Request{Body: body}
	return q, q.findPatches()
}

func markedIdentity(trace, span, parent uint32) (id identity) {
	binary.BigEndian.PutUint32(id.trace[copy(id.trace[:], marks[patchTraceID]):], trace)
	binary.BigEndian.PutUint32(id.span[copy(id.span[:], marks[patchSpanID]):], span)
	binary.BigEndian.PutUint32(id.parent[copy(id.parent[:], marks[patchSpanID]):], parent)
	id.thing = fmt.Sprintf("%s%08x", marks[patchThing], span)
	id.address = fmt.Sprintf("%s%08x", marks[patchAddress], span)
	return id
}

func (q *Request) findPatches() error {
	var found [len(marks)]int
	for what, mark := range marks {
		for at := 0; ; {
			k := bytes.Index(q.Body[at:], []byte(mark))
			if k < 0 {
				break
			}
			at += k
			index, err := markIndex(q.Body[at+len(mark):], patchKind(what))
			if err != nil {
				return err
			}
			q.patches = append(q.patches, patch{at: at, what: patchKind(what), index: index})
			found[what]++
			at += len(mark)
		}
	}
	want := [len(marks)]int{SpansPerRequest, 2*SpansPerRequest - Traces, SpansPerRequest, SpansPerRequest}
	if found != want {
		return fmt.Errorf("marks in the request: found %v, want %v; a mark occurs by accident", found, want)
	}
	return nil
}

func markIndex(b []byte, what patchKind) (uint32, error) {
	if what == patchTraceID || what == patchSpanID {
		return binary.BigEndian.Uint32(b), nil
	}
	var index [4]byte
	if _, err := hex.Decode(index[:], b[:8]); err != nil {
		return 0, fmt.Errorf("index behind the mark %q: %w", marks[what], err)
	}
	return binary.BigEndian.Uint32(index[:]), nil
}

// Refresh gives all traces and spans of the request new identities. Different salts give different ones.
func (q *Request) Refresh(salt uint64) {
	for i := range q.patches {
		p := &q.patches[i]
		v := mix(salt + uint64(p.index)<<2 + uint64(p.what)) // salts are random: sums do not meet
		at := q.Body[p.at:]
		switch p.what {
		case patchTraceID:
			binary.BigEndian.PutUint64(at, v)
			binary.BigEndian.PutUint64(at[8:], mix(v))
		case patchSpanID:
			binary.BigEndian.PutUint64(at, v)
		case patchThing:
			putHex(at[:16], v)
		case patchAddress:
			putAddress(at[:14], v)
		}
	}
}

func putHex(to []byte, v uint64) {
	const digits = "0123456789abcdef"
	for i := range to {
		to[i] = digits[v&15]
		v >>= 4
	}
}

// putAddress writes an address of some 24,000: both varying parts have three digits.
func putAddress(to []byte, v uint64) {
	const low, count = 100, 156
	a, b := low+v%count, low+v>>32%count
	copy(to, "172.19.")
	for i := 2; i >= 0; i-- {
		to[7+i], to[11+i] = byte('0'+a%10), byte('0'+b%10)
		a, b = a/10, b/10
	}
	to[10] = '.'
}

// mix is the output function of SplitMix64 (Steele, Lea and Flood 2014).
func mix(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
