package tracediff

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// listener is a target that remembers the statuses it was sent, by fingerprint.
type listener struct{ sent map[string][]store.Status }

func (l *listener) Send(_ context.Context, alerts []store.Alert, _ time.Time) error {
	for _, a := range alerts {
		l.sent[a.Fingerprint] = append(l.sent[a.Fingerprint], a.Status)
	}
	return nil
}

func (*listener) Repeat() time.Duration { return 0 }
func (*listener) Batch() int            { return 10 }

func alerting(l *listener) func(*Config) {
	return func(c *Config) {
		c.Targets = map[string]alert.Target{"l": l}
		c.Queries[0].Alerts, c.Queries[0].Thresholds.Persist = []string{"l"}, 1
	}
}

// An alert is sent when a change is confirmed and when it is over, once each, whatever restarts lie in between.
func TestAlertsAcrossRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path, l := history(t), &listener{sent: map[string][]store.Status{}}
		r := started(t, path, alerting(l))
		until(0)
		r.send(600, time.Minute, 200)
		r.send(600, time.Minute, 503)
		wait(10 * time.Second)
		require.NotEmpty(t, l.sent, "200 is missing and 503 is new")
		r.stop()
		first := len(l.sent)
		r = started(t, path, alerting(l))
		until(0)
		for range 3 {
			r.send(600, time.Minute, 200)
		}
		wait(20 * time.Second)
		r.stop()
		assert.GreaterOrEqual(t, len(l.sent), first)
		for fingerprint, statuses := range l.sent {
			assert.Equal(t, []store.Status{store.Firing, store.Resolved}, statuses, fingerprint)
		}
	})
}

// A query that is taken out of the configuration leaves no alert that fires for ever.
func TestAlertsOfQueriesThatAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path, l := history(t), &listener{sent: map[string][]store.Status{}}
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
		for fingerprint, statuses := range l.sent {
			assert.Equal(t, []store.Status{store.Firing, store.Resolved}, statuses, fingerprint)
		}
		left, err := r.Alerts(t.Context(), "")
		require.NoError(t, err)
		assert.Empty(t, left)
		r.stop()
	})
}
