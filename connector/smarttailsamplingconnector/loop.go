package smarttailsamplingconnector

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/smarttailsampling"
)

// loop sends metrics on at an interval, and a last time when it is stopped.
type loop struct {
	from    *smarttailsampling.Sampler
	next    consumer.Metrics
	set     connector.Settings
	delta   bool
	waiting []pmetric.Metrics // deltas that the next consumer has refused for now
	cancel  context.CancelFunc
	done    chan struct{}
}

// mostWaiting is how many refused deltas are held. Cumulative figures need not be: the next ones say the same and more.
const mostWaiting = 20

func startLoop(from *smarttailsampling.Sampler, next consumer.Metrics, set connector.Settings, delta bool, interval time.Duration) *loop {
	ctx, cancel := context.WithCancel(context.Background())
	l := &loop{from: from, next: next, set: set, delta: delta, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(l.done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				l.send(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	return l
}

// stop ends the loop and sends what was counted since.
func (l *loop) stop(ctx context.Context) {
	l.cancel()
	<-l.done
	l.send(ctx)
	l.lose(ctx, "shutdown", len(l.waiting))
}

// send collects, and hands on what was collected.
func (l *loop) send(ctx context.Context) {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	l.set.Resource.CopyTo(rm.Resource())
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName("github.com/assayhq/assay/connector/smarttailsamplingconnector")
	sm.Scope().SetVersion(l.set.BuildInfo.Version)
	l.from.Metrics().Collect(sm.Metrics())
	if md.DataPointCount() > 0 {
		l.waiting = append(l.waiting, md)
	}
	for len(l.waiting) > 0 {
		err := l.next.ConsumeMetrics(ctx, l.waiting[0])
		if err != nil && l.delta && !consumererror.IsPermanent(err) {
			l.set.Logger.Warn("Metrics of all traces wait: the next consumer does not take them", zap.Error(err))
			l.bound(ctx)
			return
		}
		if err != nil {
			l.set.Logger.Error("The next consumer refuses metrics of all traces", zap.Error(err))
			l.lose(ctx, "rejected", 1)
			continue
		}
		l.waiting = l.waiting[1:]
	}
	l.waiting = nil
}

// bound gives the oldest deltas up where too many wait.
func (l *loop) bound(ctx context.Context) { l.lose(ctx, "waiting", len(l.waiting)-mostWaiting) }

// lose gives up the first n of what waits, and counts it. What is lost of cumulative figures, the next ones say.
func (l *loop) lose(ctx context.Context, reason string, n int) {
	points := 0
	for range max(0, n) {
		points += l.waiting[0].DataPointCount()
		l.waiting = l.waiting[1:]
	}
	if points > 0 {
		l.set.Logger.Error("Metrics of all traces are lost", zap.String("reason", reason), zap.Int("points", points))
		l.from.MetricsLost(ctx, reason, points)
	}
}
