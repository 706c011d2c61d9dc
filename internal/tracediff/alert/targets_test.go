package alert

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// posted is what Alertmanager was sent in one request.
func posted(t *testing.T, r received) (alerts []postableAlert) {
	t.Helper()
	require.NoError(t, json.Unmarshal(r.body, &alerts))
	return alerts
}

func TestAlertmanager(t *testing.T) {
	server, got := listen(t, ok)
	m := NewAlertmanager(server.Client(), server.URL+"/", Links{"https://console.example/", "trace_diff/eu"})
	now := noon.Add(2 * time.Hour)
	require.NoError(t, m.Send(t.Context(), []store.Alert{stored(t, store.Firing, "f1"), stored(t, store.Resolved, "f2")}, now))
	require.Len(t, got(), 1)
	assert.Equal(t, "/api/v2/alerts", got()[0].path)
	q, e := slower()
	content := NewContent(q, e)
	labels := func(fingerprint string) map[string]string {
		return map[string]string{
			"alertname": "TraceDiff", "severity": "warning", "query": "shop", "baseline": "previous", "kind": "operation", "service": "checkout",
			"value": "POST /pay", "measure": "latency", "verdict": "slower", "fingerprint": fingerprint,
		}
	}
	annotations := func(more ...string) map[string]string {
		all := map[string]string{"summary": content.Summary, "description": content.Description, "exemplars": "abc def", "diff": "d1"}
		if len(more) > 0 {
			all["reason"] = more[0]
			all["description"] += "; over: measured to be gone"
		}
		return all
	}
	const link = "https://console.example/api/diffs/d1?component=trace_diff%2Feu"
	assert.Equal(t, []postableAlert{
		{Labels: labels("f1"), Annotations: annotations(), StartsAt: noon, EndsAt: now.Add(15 * time.Minute), GeneratorURL: link},
		{Labels: labels("f2"), Annotations: annotations("gone"), StartsAt: noon, EndsAt: noon.Add(time.Hour), GeneratorURL: link},
	}, posted(t, got()[0]))
}

// Routing trees of Alertmanager look at service, whatever sort of change it is.
func TestServiceOfAService(t *testing.T) {
	server, got := listen(t, ok)
	q, e := slower()
	e.Cause.Site = snapshot.Identity{Kind: snapshot.Service, Value: "checkout"}
	e.Diff.Changes[0].Identity = e.Cause.Site
	packed, err := json.Marshal(NewContent(q, e))
	require.NoError(t, err)
	a := store.Alert{Fingerprint: "f1", Status: store.Firing, StartsAt: noon, Content: packed}
	require.NoError(t, NewAlertmanager(server.Client(), server.URL, Links{}).Send(t.Context(), []store.Alert{a}, noon))
	sent := posted(t, got()[0])[0]
	assert.Equal(t, "checkout", sent.Labels["service"])
	assert.Equal(t, "checkout", sent.Labels["value"])
	assert.Empty(t, sent.GeneratorURL, "nobody knows where the console is")
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
	assert.InDelta(t, 2, n["version"], 0)
	assert.Equal(t, "resolved", n["status"])
	assert.Equal(t, "2026-03-01T13:00:00Z", n["ends_at"])
	about := n["alert"].(map[string]any)
	assert.Equal(t, "POST /pay", about["cause"].(map[string]any)["site"].(map[string]any)["value"])
	assert.Equal(t, "gone", about["reason"])
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
