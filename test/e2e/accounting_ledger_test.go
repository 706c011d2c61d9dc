package e2e

import (
	"bytes"
	"context"
	enc "encoding/binary"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// ledger is what became of spans outside of the collector, each known by its number.
type ledger struct {
	next atomic.Uint64 // number of the last span

	mu         sync.Mutex // guards everything below
	acked      map[uint64]bool
	refused    int             // answered with an error, or not taken because nobody listened
	unanswered map[uint64]bool // the connection broke before there was an answer
	delivered  map[uint64]int
}

func newLedger() *ledger {
	return &ledger{acked: map[uint64]bool{}, unanswered: map[uint64]bool{}, delivered: map[uint64]int{}}
}

// backend is a server that takes OTLP over HTTP; answer says with what status, and may take its time.
func (l *ledger) backend(t *testing.T, answer func() int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the collector has ended
		}
		if status := answer(); status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		request := ptraceotlp.NewExportRequest()
		if err := request.UnmarshalProto(body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, rs := range request.Traces().ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					id := span.SpanID()
					l.delivered[enc.BigEndian.Uint64(id[:])]++
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// load sends traces of five spans to a receiver until ctx ends, a request of twenty at a time, each of several goroutines one every
// pause. The last span of every tenth trace comes half a second after the others.
func (l *ledger) load(ctx context.Context, address string, goroutines int, pause time.Duration) {
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			var late []ptrace.Traces
			for ctx.Err() == nil {
				now, rest := l.traces(20)
				l.send(ctx, address, now)
				if late = append(late, rest); len(late) > int(500*time.Millisecond/max(pause, 10*time.Millisecond)) {
					l.send(ctx, address, late[0])
					late = late[1:]
				}
				time.Sleep(pause)
			}
		})
	}
	all.Wait()
}

// traces makes n traces, and what comes later of every tenth.
func (l *ledger) traces(n int) (now, later ptrace.Traces) {
	now, later = ptrace.NewTraces(), ptrace.NewTraces()
	scope := func(td ptrace.Traces) ptrace.SpanSlice {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", "shop")
		return rs.ScopeSpans().AppendEmpty().Spans()
	}
	spans, rest := scope(now), scope(later)
	for range n {
		var trace pcommon.TraceID
		enc.BigEndian.PutUint64(trace[:], rand.Uint64())
		enc.BigEndian.PutUint64(trace[8:], rand.Uint64())
		splits := rand.IntN(10) == 0
		var root pcommon.SpanID
		for i := range 5 {
			var id pcommon.SpanID
			enc.BigEndian.PutUint64(id[:], l.next.Add(1))
			to := spans
			if splits && i == 4 {
				to = rest
			}
			span := to.AppendEmpty()
			span.SetTraceID(trace)
			span.SetSpanID(id)
			if i == 0 {
				root = id
			} else {
				span.SetParentSpanID(root)
			}
			span.SetName("step")
			begin := time.Now()
			span.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
			span.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(time.Duration(rand.ExpFloat64() * float64(time.Millisecond)))))
		}
	}
	return now, later
}

// send posts a request once, and notes what became of its spans.
func (l *ledger) send(ctx context.Context, address string, td ptrace.Traces) {
	if td.SpanCount() == 0 {
		return
	}
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		panic(err) // of what was made here
	}
	sent := false
	request, err := http.NewRequestWithContext(sentTrace(context.WithoutCancel(ctx), &sent), http.MethodPost, "http://"+address+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := ledgerClient.Do(request)
	status := 0
	if err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		status = response.StatusCode
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, span := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		id := span.SpanID()
		switch number := enc.BigEndian.Uint64(id[:]); {
		case status == http.StatusOK:
			l.acked[number] = true
		case err != nil && sent:
			l.unanswered[number] = true
		default:
			l.refused++
		}
	}
	if status != http.StatusOK {
		time.Sleep(20 * time.Millisecond) // as a sender does that will try again
	}
}

// figures are what a ledger adds up to.
type figures struct {
	acked, refused, unanswered, delivered, duplicates, missing int // missing: acknowledged and not delivered
}

func (l *ledger) figures() (f figures) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f.acked, f.refused, f.unanswered = len(l.acked), l.refused, len(l.unanswered)
	f.delivered = len(l.delivered)
	for number, times := range l.delivered {
		f.duplicates += times - 1
		if !l.acked[number] && !l.unanswered[number] {
			f.refused-- // it was taken in all the same, as when the answer came too late
			f.unanswered++
		}
	}
	for number := range l.acked {
		if l.delivered[number] == 0 {
			f.missing++
		}
	}
	return f
}

var ledgerClient = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

// sentTrace notes whether a request left, so that one that nobody took is told apart from one that nobody answered.
func sentTrace(ctx context.Context, sent *bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { *sent = true }})
}
