package alert

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/store"
)

// Outcome of an attempt, for metrics.
type Outcome string

// What becomes of an attempt.
const (
	Sent     Outcome = "sent"
	Failed   Outcome = "failed"   // will be tried again
	Rejected Outcome = "rejected" // by the target, for good
)

// Deliverer says what is due. Call Deliver from one goroutine at a time, and from one collector at a time.
type Deliverer struct {
	Outbox   store.Outbox
	Targets  map[string]Target
	Logger   *zap.Logger
	Observe  func(target string, outcome Outcome, alerts int)
	Random   *rand.Rand // spreads retries
	lastFail map[string]string
}

// Waits between attempts double from the shortest to the longest.
const (
	shortest = 2 * time.Second
	longest  = 5 * time.Minute
)

// Deliver sends all that is due at now. It fails where the outbox cannot be read or noted in; failures of targets are
// noted there.
func (d *Deliverer) Deliver(ctx context.Context, now time.Time) error {
	var errs []error
	for name, target := range d.Targets {
		for ctx.Err() == nil {
			due, err := d.Outbox.DueAlerts(ctx, name, now, target.Batch())
			if err != nil || len(due) == 0 {
				errs = append(errs, err)
				break
			}
			if err := d.record(ctx, name, target, due, now, target.Send(ctx, due, now)); err != nil {
				errs = append(errs, err)
				break
			}
		}
	}
	return errors.Join(errs...)
}

// record notes what became of an attempt.
func (d *Deliverer) record(ctx context.Context, name string, target Target, due []store.Alert, now time.Time, failure error) error {
	spoiled := errors.Is(failure, ErrRejected) && len(due) > 1
	if !spoiled {
		d.report(name, failure, len(due))
	}
	var errs []error
	for _, a := range due {
		switch {
		case failure == nil:
			var next time.Time
			if target.Repeat() > 0 {
				next = now.Add(target.Repeat())
			}
			errs = append(errs, d.Outbox.Delivered(ctx, a, next))
		case spoiled:
			// One of them spoils the batch: find it by sending each alone.
			alone := []store.Alert{a}
			errs = append(errs, d.record(ctx, name, target, alone, now, target.Send(ctx, alone, now)))
		case errors.Is(failure, ErrRejected):
			errs = append(errs, d.Outbox.DropAlert(ctx, a))
		default:
			errs = append(errs, d.Outbox.Failed(ctx, a, now.Add(d.wait(a.Attempts))))
		}
	}
	return errors.Join(errs...)
}

// wait is the time to the next attempt: the doubled last one, give or take a quarter.
func (d *Deliverer) wait(attempts int) time.Duration {
	w := longest
	if attempts < 16 {
		w = min(longest, shortest<<attempts)
	}
	return time.Duration(float64(w) * (0.75 + d.Random.Float64()/2))
}

// report logs when a target stops to answer and when it does again.
func (d *Deliverer) report(name string, failure error, alerts int) {
	if d.lastFail == nil {
		d.lastFail = map[string]string{}
	}
	outcome, text := Sent, ""
	switch {
	case errors.Is(failure, ErrRejected):
		outcome, text = Rejected, failure.Error()
		d.Logger.Error("A target refuses an alert for good", zap.String("target", name), zap.Int("alerts", alerts), zap.Error(failure))
	case failure != nil:
		outcome, text = Failed, fmt.Sprint(failure)
		if d.lastFail[name] == "" {
			d.Logger.Warn("Alerts cannot be delivered; they stay in the outbox and are tried again", zap.String("target", name), zap.Error(failure))
		}
	case d.lastFail[name] != "":
		d.Logger.Info("Alerts are delivered again", zap.String("target", name))
	}
	d.lastFail[name] = text
	d.Observe(name, outcome, alerts)
}
