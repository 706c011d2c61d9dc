package tailsampling

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// runState is the goroutines of a started engine.
type runState struct {
	once    sync.Once
	started bool
	stop    chan struct{}   // ends the decider
	decided chan struct{}   // the decider has ended
	ctx     context.Context // of the senders; ended when Shutdown's deadline passes
	cancel  context.CancelFunc
	senders sync.WaitGroup
}

// Start runs the decider and the senders until Shutdown. Without it, the caller drives Step and Drain.
func (e *Engine) Start() {
	r := &e.run
	r.started = true
	r.stop, r.decided = make(chan struct{}), make(chan struct{})
	r.ctx, r.cancel = context.WithCancel(context.Background())
	go e.decide()
	for range min(4, max(2, runtime.GOMAXPROCS(0))) {
		r.senders.Go(e.send)
	}
}

func (e *Engine) decide() {
	defer close(e.run.decided)
	tick := time.NewTicker(tickInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-e.memory.kick:
		case <-e.run.stop:
			return
		}
		e.Step()
	}
}

// Shutdown refuses further batches, decides every trace as it stands, and hands on what is kept, until ctx ends. What
// cannot be handed on by then is counted as lost. It may be called twice, and without Start.
func (e *Engine) Shutdown(ctx context.Context) error {
	e.run.once.Do(func() { e.shutdown(ctx) })
	return nil
}

func (e *Engine) shutdown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, longestShutdown)
	defer cancel()
	e.intake.Lock()
	e.closed = true
	e.intake.Unlock()
	if e.run.started {
		close(e.run.stop)
		<-e.run.decided
	}
	e.decideAll()
	e.outbox.close()
	if e.run.started {
		stopAfter := context.AfterFunc(ctx, e.run.cancel)
		e.run.senders.Wait()
		stopAfter()
		e.run.cancel()
	} else {
		e.Drain(ctx)
	}
	for _, s := range e.shards {
		s.mu.Lock()
		s.buffer.Close()
		s.mu.Unlock()
	}
}

// longestShutdown bounds a shutdown whose context does not: the Collector gives none, and a next consumer that never
// recovers must not keep the process alive.
const longestShutdown = 30 * time.Second

// decideAll has every open trace decided now.
func (e *Engine) decideAll() {
	now := e.step(e.decider.last)
	for at, s := range e.shards {
		bytes := int64(math.MaxInt64)
		for e.force(uint16(at), s, &bytes, reasonShutdown) {
			e.selectDue(now)
		}
	}
	e.selectDue(now)
}

// send hands on parcels until the outbox is closed and empty.
func (e *Engine) send() {
	for {
		select {
		case <-e.outbox.ready:
		case <-e.outbox.ended:
		}
		for e.sendBatch(e.run.ctx) {
		}
		select {
		case <-e.outbox.ended:
			return
		default:
		}
	}
}

// Drain hands on all that is kept so far, for a caller that drives Step itself.
func (e *Engine) Drain(ctx context.Context) {
	for e.sendBatch(ctx) {
	}
}

// sendBatch hands on one batch and tells whether there was one.
func (e *Engine) sendBatch(ctx context.Context) bool {
	parcels, more := e.outbox.take(nil, batchSpans)
	if len(parcels) == 0 {
		return false
	}
	if more {
		e.outbox.flush() // another sender may help
	}
	n, err := e.handOn(ctx, parcels)
	switch {
	case err == nil:
		e.observer.Sent(n)
	case consumererror.IsPermanent(err):
		e.observer.Lost(LostRejected, n)
	default:
		e.observer.Lost(LostShutdown, n)
	}
	e.freeAll(parcels)
	e.memory.announce()
	return true
}

// handOn tries until the next consumer takes the batch or rejects it for good, or ctx ends. It returns the spans of the
// last attempt: an error may say that only a part of them is left to be sent.
func (e *Engine) handOn(ctx context.Context, parcels []parcel) (spans int, err error) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 50*time.Millisecond, 5*time.Second
	fresh := func() ptrace.Traces { return e.unpack(parcels) }
	for {
		td := fresh()
		spans = td.SpanCount()
		err = e.next.ConsumeTraces(ctx, td)
		if err == nil || consumererror.IsPermanent(err) {
			return spans, err
		}
		if part := new(consumererror.Traces); errors.As(err, part) && part.Data().SpanCount() < spans {
			e.observer.Sent(spans - part.Data().SpanCount())
			fresh = copier(part.Data())
		}
		pause := time.NewTimer(wait.NextBackOff())
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return fresh().SpanCount(), err
		}
	}
}

// copier returns copies of td.
func copier(td ptrace.Traces) func() ptrace.Traces {
	return func() ptrace.Traces {
		c := ptrace.NewTraces()
		td.CopyTo(c)
		return c
	}
}
