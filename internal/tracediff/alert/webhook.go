package alert

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// Webhook posts one JSON document for each alert that begins or ends:
//
//	{"version": 2, "delivery": "...", "status": "firing", "starts_at": "...", "ends_at": null,
//	 "summary": "...", "link": "...", "alert": {...}}
//
// See wire.Notification.
//
// With a secret each request carries Assay-Signature: t=SECONDS,v1=HEX, where HEX is the HMAC-SHA256 of SECONDS, a dot and
// the body. Receivers compare it in constant time and refuse old seconds. The delivery id is the same when the
// same news is sent again.
type Webhook struct {
	client   *http.Client
	endpoint string
	secret   []byte
	links    Links
}

var _ Target = (*Webhook)(nil)

// NewWebhook sends to endpoint. Without a secret requests are not signed.
func NewWebhook(client *http.Client, endpoint, secret string, links Links) *Webhook {
	return &Webhook{client, endpoint, []byte(secret), links}
}

// Names of the headers.
const (
	SignatureHeader = "Assay-Signature"
	DeliveryHeader  = "Assay-Delivery"
)

// notificationVersion is that of the form of a notification.
const notificationVersion = 2

// Send implements Target.
func (h *Webhook) Send(ctx context.Context, alerts []store.Alert, now time.Time) error {
	for i := range alerts {
		a := &alerts[i]
		c, err := Unpack(a)
		if err != nil {
			return err
		}
		c.Description = details(&c)
		n := wire.Notification{
			Version: notificationVersion, Delivery: a.Fingerprint + "-" + strconv.FormatInt(a.StartsAt.Unix(), 36) + "-" + strconv.FormatInt(a.Revision, 10), Status: wire.AlertStatus(a.Status),
			StartsAt: a.StartsAt.UTC(), Summary: c.Summary, Link: h.links.diff(c.DiffID), Alert: c,
		}
		if a.Status == store.Resolved {
			n.EndsAt = wire.Moment(a.EndsAt)
		}
		body, err := json.Marshal(n)
		if err != nil {
			return err
		}
		headers := http.Header{DeliveryHeader: {n.Delivery}}
		if len(h.secret) > 0 {
			headers.Set(SignatureHeader, Sign(h.secret, now, body))
		}
		if err := post(ctx, h.client, h.endpoint, body, headers); err != nil {
			return err
		}
	}
	return nil
}

// Sign is the value of the signature header for a body at a time.
func Sign(secret []byte, now time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = fmt.Fprintf(mac, "%d.", now.Unix()) // a hash takes everything
	_, _ = mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", now.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// Repeat implements Target.
func (*Webhook) Repeat() time.Duration { return 0 }

// Batch implements Target.
func (*Webhook) Batch() int { return 1 }
