package alert

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/store"
)

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
