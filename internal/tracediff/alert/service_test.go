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
	q, d, c := slower()
	c.Identity = snapshot.Identity{Kind: snapshot.Service, Value: "checkout"}
	content := NewContent(q, d, c)
	assert.Equal(t, "checkout", content.Service)
	assert.Equal(t, "checkout: checkout slower", content.Summary())
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
