package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/incident"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// slower is an incident: a service slows its callers down.
func slower() (*store.Query, *incident.Event) {
	began := noon.Add(-6*time.Minute - 40*time.Second)
	d := &compare.Diff{
		ID: "d1", QueryID: "q1", Baseline: "previous", A: compare.Side{Start: noon.Add(-20 * time.Minute), End: noon.Add(-10 * time.Minute)},
		B: compare.Side{Start: noon.Add(-10 * time.Minute), End: noon},
		Changes: []compare.Change{
			{
				Identity: snapshot.Identity{Kind: snapshot.Operation, Service: "checkout", Value: "POST /pay"},
				Measure:  compare.Latency, Verdict: compare.Slower, Flagged: true, Standing: compare.Confirmed,
				A: compare.Absolute{Spans: 9, GeoMean: 20e6}, B: compare.Absolute{Spans: 9, GeoMean: 31e6},
				Effect: 1.55, Low: 1.4, High: 1.7, Q: 0.0012, Windows: 2, Exemplars: []string{"abc", "def"}, Fingerprint: "f1",
			},
			{
				Identity: snapshot.Identity{Kind: snapshot.Operation, Service: "web", Value: "GET /"}, Measure: compare.Latency, Verdict: compare.Slower, Flagged: true,
				A: compare.Absolute{Spans: 9, GeoMean: 100e6}, B: compare.Absolute{Spans: 9, GeoMean: 111e6}, Effect: 1.11, Fingerprint: "f2",
			},
		},
		Causes: []compare.Cause{{
			Service: "checkout", Measure: compare.Latency, Verdict: compare.Slower, Main: 0, Symptom: 1, Explains: []int{1}, Share: math.NaN(), Onset: began,
			Deployed: &compare.Deployment{Service: "checkout", From: "1.0", To: "1.1"},
		}},
	}
	d.Causes[0].Site = d.Changes[0].Identity
	return &store.Query{ID: "q1", Name: "shop", Text: `service IN ("checkout")`},
		&incident.Event{Incident: &incident.Incident{ID: "f1", Culprit: "checkout"}, Kind: incident.Began, Diff: d, Cause: &d.Causes[0]}
}

func stored(t *testing.T, status store.Status, fingerprint string) store.Alert {
	t.Helper()
	q, e := slower()
	e.Incident.ID = fingerprint
	content := NewContent(q, e)
	if status == store.Resolved {
		content.Reason = string(compare.IsGone)
	}
	packed, err := content.Pack()
	require.NoError(t, err)
	a := store.Alert{
		QueryID: "q1", Baseline: "previous", Fingerprint: fingerprint, Status: status, StartsAt: noon, Revision: 3, Content: packed,
	}
	if status == store.Resolved {
		a.EndsAt = noon.Add(time.Hour)
	}
	return a
}

// received is what a server was sent.
type received struct {
	path   string
	header http.Header
	body   []byte
}

// listen is a server that answers with status and remembers.
func listen(t *testing.T, status func(body []byte) int) (*httptest.Server, func() []received) {
	var mu sync.Mutex
	var all []received
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, received{r.URL.Path, r.Header, body})
		w.WriteHeader(status(body))
	}))
	t.Cleanup(server.Close)
	return server, func() []received {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func ok([]byte) int { return http.StatusOK }

func TestAlertmanager(t *testing.T) {
	server, got := listen(t, ok)
	m := NewAlertmanager(server.Client(), server.URL+"/", Links{"https://console.example/", "trace_diff/eu"})
	now := noon.Add(2 * time.Hour)
	require.NoError(t, m.Send(t.Context(), []store.Alert{stored(t, store.Firing, "f1"), stored(t, store.Resolved, "f2")}, now))
	require.Len(t, got(), 1)
	assert.Equal(t, "/api/v2/alerts", got()[0].path)
	assert.JSONEq(t, `[
	  {
	    "labels": {"alertname": "TraceDiff", "severity": "warning", "query": "shop", "baseline": "previous", "kind": "operation",
	      "service": "checkout", "value": "POST /pay", "measure": "latency", "verdict": "slower", "fingerprint": "f1"},
	    "annotations": {"summary": "shop: checkout 1.0 -> 1.1: POST /pay slower, 20.0 -> 31.0 ms, since 11:53:20 UTC", "exemplars": "abc def", "diff": "d1",
	      "description": "since 11:53:20 UTC; confirmed; web GET / slower, 100 -> 111 ms; trace abc"},
	    "startsAt": "2026-03-01T12:00:00Z", "endsAt": "2026-03-01T14:15:00Z", "generatorURL": "https://console.example/api/diffs/d1?component=trace_diff%2Feu"
	  },
	  {
	    "labels": {"alertname": "TraceDiff", "severity": "warning", "query": "shop", "baseline": "previous", "kind": "operation",
	      "service": "checkout", "value": "POST /pay", "measure": "latency", "verdict": "slower", "fingerprint": "f2"},
	    "annotations": {"summary": "shop: checkout 1.0 -> 1.1: POST /pay slower, 20.0 -> 31.0 ms, since 11:53:20 UTC", "exemplars": "abc def", "diff": "d1",
	      "reason": "gone", "description": "since 11:53:20 UTC; confirmed; web GET / slower, 100 -> 111 ms; trace abc; over: measured to be gone"},
	    "startsAt": "2026-03-01T12:00:00Z", "endsAt": "2026-03-01T13:00:00Z", "generatorURL": "https://console.example/api/diffs/d1?component=trace_diff%2Feu"
	  }
	]`, string(got()[0].body))
}

func TestWebhook(t *testing.T) {
	server, got := listen(t, ok)
	h := NewWebhook(server.Client(), server.URL+"/hook", "s3cret", Links{Console: "https://console.example/assay"})
	require.NoError(t, h.Send(t.Context(), []store.Alert{stored(t, store.Resolved, "f1")}, time.Unix(1_700_000_000, 0)))
	require.Len(t, got(), 1)
	r := got()[0]
	assert.Equal(t, "/hook", r.path)
	var n map[string]any
	require.NoError(t, json.Unmarshal(r.body, &n))
	assert.InDelta(t, 1, n["version"], 0)
	assert.Equal(t, "resolved", n["status"])
	assert.Equal(t, "2026-03-01T13:00:00Z", n["endsAt"])
	assert.Equal(t, "POST /pay", n["alert"].(map[string]any)["value"])
	assert.Equal(t, "https://console.example/assay/api/diffs/d1", n["link"])
	assert.Equal(t, n["delivery"], r.header.Get(DeliveryHeader))
	assert.True(t, strings.HasPrefix(r.header.Get(SignatureHeader), "t=1700000000,v1="))

	// The same value from another implementation: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac s3cret
	assert.Equal(t, "t=1700000000,v1=1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940", Sign([]byte("s3cret"), time.Unix(1_700_000_000, 0), []byte(`{"a":1}`)))

	again := stored(t, store.Resolved, "f1")
	require.NoError(t, h.Send(t.Context(), []store.Alert{again}, time.Unix(1_700_000_999, 0)))
	assert.Equal(t, r.header.Get(DeliveryHeader), got()[1].header.Get(DeliveryHeader), "the same news has the same id")
	again.Revision++
	require.NoError(t, h.Send(t.Context(), []store.Alert{again}, time.Unix(1_700_000_999, 0)))
	assert.NotEqual(t, r.header.Get(DeliveryHeader), got()[2].header.Get(DeliveryHeader))

	require.NoError(t, NewWebhook(server.Client(), server.URL, "", Links{}).Send(t.Context(), []store.Alert{again}, noon))
	assert.Empty(t, got()[3].header.Get(SignatureHeader))
}

// outbox is a store of alerts in memory.
type outbox struct {
	alerts  []store.Alert
	next    map[string]time.Time
	dropped []string
	broken  error
}

func (o *outbox) DueAlerts(_ context.Context, _ string, now time.Time, limit int) (due []store.Alert, err error) {
	for _, a := range o.alerts {
		if !o.next[a.Fingerprint].After(now) && len(due) < limit && !slices.Contains(o.dropped, a.Fingerprint) {
			due = append(due, a)
		}
	}
	return due, o.broken
}

func (o *outbox) Delivered(_ context.Context, a store.Alert, next time.Time) error {
	if next.IsZero() {
		next = noon.Add(1000 * time.Hour)
	}
	o.next[a.Fingerprint] = next
	return o.broken
}

func (o *outbox) Failed(_ context.Context, a store.Alert, next time.Time) error {
	for i := range o.alerts {
		if o.alerts[i].Fingerprint == a.Fingerprint {
			o.alerts[i].Attempts++
		}
	}
	o.next[a.Fingerprint] = next
	return o.broken
}

func (o *outbox) DropAlert(_ context.Context, a store.Alert) error {
	o.dropped = append(o.dropped, a.Fingerprint)
	return o.broken
}

func deliverer(o *outbox, target Target) (*Deliverer, map[Outcome]int) {
	outcomes := map[Outcome]int{}
	return &Deliverer{
		Outbox: o, Targets: map[string]Target{"t": target}, Logger: zap.NewNop(), Random: rand.New(rand.NewPCG(1, 2)),
		Observe: func(_ string, outcome Outcome, n int) { outcomes[outcome] += n },
	}, outcomes
}

// A target that is away for ten minutes gets everything soon after, and is not flooded until then.
func TestRetryWithBackoff(t *testing.T) {
	status := http.StatusServiceUnavailable
	server, got := listen(t, func([]byte) int { return status })
	o := &outbox{alerts: []store.Alert{stored(t, store.Firing, "f1")}, next: map[string]time.Time{}}
	d, outcomes := deliverer(o, NewAlertmanager(server.Client(), server.URL, Links{}))
	at := noon
	for ; at.Before(noon.Add(10 * time.Minute)); at = at.Add(time.Second) {
		require.NoError(t, d.Deliver(t.Context(), at))
	}
	assert.Greater(t, len(got()), 5)
	assert.Less(t, len(got()), 12, "requests in ten minutes")
	status = http.StatusOK
	for ; o.alerts[0].Attempts > 0 && outcomes[Sent] == 0; at = at.Add(time.Second) {
		require.NoError(t, d.Deliver(t.Context(), at))
	}
	assert.Less(t, at.Sub(noon), 17*time.Minute)
	assert.Equal(t, 1, outcomes[Sent])
	assert.Positive(t, outcomes[Failed])
	sent := len(got())
	for end := at.Add(10 * time.Minute); at.Before(end); at = at.Add(time.Second) {
		require.NoError(t, d.Deliver(t.Context(), at))
	}
	assert.InDelta(t, sent+3, len(got()), 1, "a firing alert is repeated every three minutes")
}

// One alert that a target refuses costs that alert, not those sent along with it.
func TestOneRejectedAlert(t *testing.T) {
	server, _ := listen(t, func(body []byte) int {
		if strings.Contains(string(body), "f2") {
			return http.StatusBadRequest
		}
		return http.StatusOK
	})
	o := &outbox{next: map[string]time.Time{}}
	for n := range 4 {
		o.alerts = append(o.alerts, stored(t, store.Firing, fmt.Sprint("f", n)))
	}
	d, outcomes := deliverer(o, NewAlertmanager(server.Client(), server.URL, Links{}))
	require.NoError(t, d.Deliver(t.Context(), noon))
	assert.Equal(t, []string{"f2"}, o.dropped)
	assert.Equal(t, map[Outcome]int{Sent: 3, Rejected: 1}, outcomes)
}

// An outbox that cannot be noted in ends the round: the same alert would be sent again and again.
func TestBrokenOutbox(t *testing.T) {
	server, got := listen(t, ok)
	o := &outbox{alerts: []store.Alert{stored(t, store.Firing, "f1")}, next: map[string]time.Time{}}
	d, _ := deliverer(o, &stuck{NewWebhook(server.Client(), server.URL, "", Links{}), o})
	require.ErrorIs(t, d.Deliver(t.Context(), noon), store.ErrUnavailable)
	assert.Len(t, got(), 1)
}

// stuck breaks the outbox while it delivers.
type stuck struct {
	*Webhook
	outbox *outbox
}

func (s *stuck) Send(ctx context.Context, alerts []store.Alert, now time.Time) error {
	s.outbox.broken = store.ErrUnavailable
	return s.Webhook.Send(ctx, alerts, now)
}
