package workload

import (
	"context"
	"time"
)

// Pace spreads requests evenly over time. What comes late is not waited for, so that the rate holds on average.
type Pace struct {
	Began time.Time
	Rate  float64 // spans/s, 0: no pause
}

// Await returns when the request with that number is due; false if the context ended before.
func (p Pace) Await(ctx context.Context, number int64) bool {
	if p.Rate == 0 {
		return ctx.Err() == nil
	}
	due := time.Duration(float64(number*SpansPerRequest) / p.Rate * float64(time.Second))
	return Pause(ctx, time.Until(p.Began.Add(due)))
}

// Pause waits; false if the context ended before.
func Pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
