// Package alert tells others of changes: Alertmanager, or any HTTP server through a signed webhook.
//
//	NewContent    what there is to say of an incident                (content.go)
//	Target        where to say it                                    (target.go)
//	Alertmanager  API v2                                             (alertmanager.go)
//	Webhook       JSON, signed with HMAC-SHA256                      (webhook.go)
//	Deliverer     empties the outbox, with retries                   (deliverer.go)
//
// The outbox is in the store and written in the transaction of the diff, so an alert is neither lost nor made twice by a
// crash. It is delivered at least once: where a crash falls between the target's answer and the note of it, the target is
// told again, with the same labels (Alertmanager takes it for the same alert) or the same delivery id (webhook).
package alert
