package replay

import (
	"context"
	"math"
	"time"
)

// pacer says when a batch is due. It belongs to one goroutine.
type pacer struct {
	speed  float64       // recorded seconds per second; 0 means that everything is due at once
	maxGap time.Duration // longest time between two batches; 0 is no limit

	begun bool
	start time.Time // when the first batch was sent, moved back by what maxGap cut out
	base  uint64    // arrival of the first batch
	last  time.Time // latest due time given out
}

// due is the time to send a batch that arrived at the given Unix nanoseconds. One without a time, 0, is due at once.
func (p *pacer) due(arrival uint64, now time.Time) time.Time {
	if arrival == 0 {
		return now
	}
	if !p.begun {
		p.begun, p.start, p.base, p.last = true, now, arrival, now
		return now
	}
	if p.speed == 0 {
		return now
	}
	due := p.start.Add(scale(int64(arrival-p.base), p.speed)) // a signed difference: batches may be out of order
	if gap := due.Sub(p.last); p.maxGap > 0 && gap > p.maxGap {
		p.start = p.start.Add(p.maxGap - gap)
		due = p.last.Add(p.maxGap)
	}
	if due.After(p.last) {
		p.last = due
	}
	return due
}

// scale is d nanoseconds over speed, kept within what a Duration can add to a time.
func scale(d int64, speed float64) time.Duration {
	const limit = math.MaxInt64 / 4
	return time.Duration(max(-limit, min(limit, float64(d)/speed)))
}

// sleepUntil waits for t and tells false if ctx ended first.
func sleepUntil(ctx context.Context, t time.Time) bool {
	return sleep(ctx, time.Until(t))
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
