package tracediff

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// listener is a target that remembers what it was sent.
type listener struct{ sent []store.Alert }

func (l *listener) Send(_ context.Context, alerts []store.Alert, _ time.Time) error {
	l.sent = append(l.sent, alerts...)
	return nil
}

func (*listener) Repeat() time.Duration { return 0 }
func (*listener) Batch() int            { return 10 }

// statuses are those that were sent, by fingerprint.
func (l *listener) statuses() map[string][]store.Status {
	all := map[string][]store.Status{}
	for _, a := range l.sent {
		all[a.Fingerprint] = append(all[a.Fingerprint], a.Status)
	}
	return all
}

func alerting(l *listener) func(*Config) {
	return func(c *Config) {
		c.Targets = map[string]alert.Target{"l": l}
		c.Queries[0].Alerts, c.Queries[0].Thresholds.Persist = []string{"l"}, 1
	}
}

// saying is what an alert says.
func saying(t *testing.T, a *store.Alert) (content map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.Content, &content))
	return content
}

// A new version of a service that calls another one, which makes everything slower, is one message when that is certain and one when it is over,
// under two baselines and whatever restarts lie in between. The second says why, and what it was.
func TestOneDeploymentIsTwoMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path, l := history(t), &listener{}
		watching := func(c *Config) {
			alerting(l)(c)
			c.Queries[0].Thresholds.Persist, c.Queries[0].Baselines = 2, baseline.List("previous", "3m")
		}
		r := started(t, path, watching)
		play := func(minutes int, version, added string) {
			t.Helper()
			r.version, r.added = version, added
			for range minutes {
				r.send(300, time.Minute, 200)
			}
		}
		restart := func() {
			t.Helper()
			r.crash()
			r = started(t, path, watching)
			r.n += 1 << 40
			until(0)
		}
		until(0)
		play(6, "1.0", "")
		play(1, "2.0", "recommender")
		restart()
		play(3, "2.0", "recommender")
		wait(10 * time.Second)
		require.Len(t, l.sent, 1)
		first := saying(t, &l.sent[0])
		assert.Equal(t, map[string]any{"service": "backend", "from": "1.0", "to": "2.0"}, first["cause"].(map[string]any)["deployed"])
		assert.Equal(t, "new", first["cause"].(map[string]any)["verdict"])
		assert.NotContains(t, first, "reason")
		restart()
		play(2, "2.0", "recommender")
		restart()
		play(5, "1.0", "")
		wait(20 * time.Second)
		r.stop()
		require.Len(t, l.sent, 2)
		assert.Equal(t, []store.Status{store.Firing, store.Resolved}, l.statuses()[l.sent[0].Fingerprint])
		last := saying(t, &l.sent[1])
		assert.Equal(t, "gone", last["reason"])
		delete(last, "reason")
		assert.Equal(t, first, last, "targets know it by what it fired with")
		assert.True(t, l.sent[1].EndsAt.After(l.sent[1].StartsAt))
	})
}

// An alert is sent when a change is confirmed and when it is over, once each, whatever restarts lie in between.
func TestAlertsAcrossRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path, l := history(t), &listener{}
		r := started(t, path, alerting(l))
		until(0)
		r.send(600, time.Minute, 200)
		r.send(600, time.Minute, 503)
		wait(10 * time.Second)
		require.NotEmpty(t, l.sent, "200 is missing and 503 is new")
		r.stop()
		r = started(t, path, alerting(l))
		until(0)
		for range 3 {
			r.send(600, time.Minute, 200)
		}
		wait(20 * time.Second)
		r.stop()
		for fingerprint, statuses := range l.statuses() {
			assert.Equal(t, []store.Status{store.Firing, store.Resolved}, statuses, fingerprint)
		}
	})
}

// A query that is taken out of the configuration leaves no alert that fires for ever.
func TestAlertsOfQueriesThatAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path, l := history(t), &listener{}
		r := started(t, path, alerting(l))
		until(0)
		r.send(600, time.Minute, 200)
		r.send(600, time.Minute, 503)
		wait(10 * time.Second)
		require.NotEmpty(t, l.sent)
		r.stop()
		r = started(t, path, func(c *Config) {
			alerting(l)(c)
			c.Queries = nil
		})
		wait(time.Hour)
		for fingerprint, statuses := range l.statuses() {
			assert.Equal(t, []store.Status{store.Firing, store.Resolved}, statuses, fingerprint)
		}
		left, err := r.Alerts(t.Context(), "")
		require.NoError(t, err)
		assert.Empty(t, left)
		r.stop()
	})
}
