package alert

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Routing trees of Alertmanager look at service, whatever sort of change it is; so do alerts that an older version has stored.
func TestServiceOfAService(t *testing.T) {
	server, got := listen(t, ok)
	q, e := slower()
	e.Diff.Changes[0].Identity = snapshot.Identity{Kind: snapshot.Service, Value: "checkout"}
	e.Cause.Site = e.Diff.Changes[0].Identity
	content := NewContent(q, e)
	assert.Equal(t, "checkout", content.Service)
	assert.Equal(t, "shop: checkout 1.0 -> 1.1: slower, 20.0 -> 31.0 ms, since 11:53:20 UTC", content.Summary)
	older := content
	older.Service = ""
	for _, content := range []Content{content, older} {
		packed, err := content.Pack()
		require.NoError(t, err)
		a := store.Alert{Fingerprint: "f1", Status: store.Firing, StartsAt: noon, Content: packed}
		require.NoError(t, NewAlertmanager(server.Client(), server.URL, Links{}).Send(t.Context(), []store.Alert{a}, noon))
	}
	require.Len(t, got(), 2)
	for _, r := range got() {
		var alerts []map[string]any
		require.NoError(t, json.Unmarshal(r.body, &alerts))
		labels := alerts[0]["labels"].(map[string]any)
		assert.Equal(t, "service", labels["kind"])
		assert.Equal(t, "checkout", labels["service"])
		assert.Equal(t, "checkout", labels["value"])
		assert.NotContains(t, alerts[0], "generatorURL", "nobody knows where the console is")
	}
}
