package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// secret is public: nothing here meets real traffic.
const secret = "an entirely public secret"

// road forwards OTLP over HTTP, and does harm to the sentinel's traces on the way where it is told to.
//
//	sending collector ──▶ struck? ── no ───────────▶ intake of the collector that verifies
//	                         └─ yes ─▶ harm.does ──▶ parcels, now or later
type road struct {
	*httptest.Server
	to    string
	key   *identity.Key
	shut  atomic.Bool // it answers 503 to everything
	ended chan struct{}
	later sync.WaitGroup // parcels under way

	mu     sync.Mutex // guards everything below
	harm   *harm      // nil: none
	from   uint32     // slots that are struck, until
	until  uint32
	struck map[pcommon.TraceID]time.Time // traces that harm was done to, and when first
}

// harm is what befalls the traces of whole slots.
type harm struct {
	// strikes chooses among traces and manifests; nil: all traces, no manifest.
	strikes func(identity.TraceID) bool
	// does turns the spans of one trace in a request into what arrives, and says whether that is another thing. It is called by
	// one goroutine at a time. nil: nothing arrives.
	does func(pcommon.TraceID, ptrace.Traces) (arrives []parcel, harmed bool)
}

// parcel is something that arrives after a while.
type parcel struct {
	traces ptrace.Traces
	after  time.Duration
}

// everything strikes manifests too.
func everything(identity.TraceID) bool { return true }

func newRoad(t *testing.T, to string) *road {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	r := &road{to: to, key: key, ended: make(chan struct{}), struck: map[pcommon.TraceID]time.Time{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.Close()
		close(r.ended)
		r.later.Wait()
	})
	return r
}

// breaks strikes the slots from the next one on.
func (r *road) breaks(h *harm) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.harm, r.from, r.until = h, traffic.SlotOf(time.Now())+1, 1<<32-1
	clear(r.struck)
}

// mends strikes no slots after the present one.
func (r *road) mends() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until = traffic.SlotOf(time.Now())
}

// harmed lists the traces that harm was done to, and when the first one was; ok: there is one.
func (r *road) harmed() (traces map[string]bool, first time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	traces = map[string]bool{}
	for id, at := range r.struck {
		if traces[id.String()] = true; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return traces, first, len(traces) > 0
}

// strikes says whether a span is of a trace that is to be harmed. r.mu is held.
func (r *road) strikes(id pcommon.TraceID) bool {
	if r.harm == nil {
		return false
	}
	opened, ours := r.key.Open(id)
	switch {
	case !ours || opened.Slot < r.from || opened.Slot > r.until:
		return false
	case r.harm.strikes == nil:
		return !traffic.IsManifest(opened)
	}
	return r.harm.strikes(opened)
}

// ServeHTTP implements http.Handler.
func (r *road) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the sender has gone
	}
	sent := ptraceotlp.NewExportRequest()
	if err := sent.UnmarshalProto(body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.shut.Load() {
		http.Error(w, "the road is shut", http.StatusServiceUnavailable)
		return
	}
	for _, p := range r.harms(sent.Traces()) {
		if p.after > 0 {
			r.later.Go(func() { r.deliverLater(p) }) //nolint:contextcheck // it outlives the request
		} else if err := r.deliver(request.Context(), p.traces); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// harms decides what arrives of a request.
func (r *road) harms(td ptrace.Traces) []parcel {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	apart := map[pcommon.TraceID]ptrace.Traces{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			ss.Spans().RemoveIf(func(span ptrace.Span) bool {
				id := span.TraceID()
				if !r.strikes(id) {
					return false
				}
				if _, ok := apart[id]; !ok {
					apart[id] = ptrace.NewTraces()
				}
				appendSpan(apart[id], rs, ss, span)
				return true
			})
		}
	}
	arrives := []parcel{{traces: td}}
	for id, spans := range apart {
		harmed := true
		if r.harm.does != nil {
			var changed []parcel
			changed, harmed = r.harm.does(id, spans)
			arrives = append(arrives, changed...)
		}
		opened, _ := r.key.Open(id)
		if _, known := r.struck[id]; harmed && !known && !traffic.IsManifest(opened) {
			r.struck[id] = now
		}
	}
	return arrives
}

// deliver posts spans to the intake.
func (r *road) deliver(ctx context.Context, td ptrace.Traces) error {
	if td.SpanCount() == 0 {
		return nil
	}
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.to+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the intake answers %s", response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body) // so that the connection is used again
	return err
}

// deliverLater forgets what cannot be delivered: the test sees that it is missing.
func (r *road) deliverLater(p parcel) {
	select {
	case <-time.After(p.after):
		_ = r.deliver(context.Background(), p.traces)
	case <-r.ended:
	}
}
