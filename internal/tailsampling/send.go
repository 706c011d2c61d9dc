package tailsampling

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// sender hands what is kept to the next consumer, in batches, and tries again what could not be handed on. Its surface is start,
// drain and close; what is to be sent is put into its outbox.
type sender struct {
	*assembly
	outbox *outbox
	next   Next

	ctx        context.Context // of the goroutines; ended when close's deadline passes
	cancel     context.CancelFunc
	goroutines sync.WaitGroup
}

func newSender(a *assembly, next Next) *sender {
	return &sender{assembly: a, outbox: newOutbox(), next: next}
}

// start begins to send, until close.
func (s *sender) start() {
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for range min(4, max(2, runtime.GOMAXPROCS(0))) {
		s.goroutines.Go(s.send)
	}
}

// close sends what is left, until ctx ends. Nothing may be put into the outbox any more.
func (s *sender) close(ctx context.Context) {
	s.outbox.close()
	if s.cancel == nil { // not started
		s.drain(ctx)
		return
	}
	stopAfter := context.AfterFunc(ctx, s.cancel)
	s.goroutines.Wait()
	stopAfter()
	s.cancel()
}

// drain sends all that is in the outbox.
func (s *sender) drain(ctx context.Context) {
	for s.sendBatch(ctx) {
	}
}

// send hands on parcels until the outbox is closed and empty.
func (s *sender) send() {
	for {
		select {
		case <-s.outbox.ready:
		case <-s.outbox.ended:
		}
		for s.sendBatch(s.ctx) {
		}
		select {
		case <-s.outbox.ended:
			return
		default:
		}
	}
}

// sendBatch hands on one batch and tells whether there was one.
func (s *sender) sendBatch(ctx context.Context) bool {
	parcels, more := s.outbox.take(nil, batchSpans)
	if len(parcels) == 0 {
		return false
	}
	if more {
		s.outbox.flush() // another sender may help
	}
	n, err := s.handOn(ctx, parcels)
	over := true
	switch {
	case err == nil:
		s.observer.Sent(n)
	case consumererror.IsPermanent(err):
		s.observer.Lost(LostRejected, n)
	case s.ledger.whole():
		over = false
		s.ledger.stays(n)
	default:
		s.observer.Lost(LostShutdown, n)
	}
	s.freeAll(parcels, over)
	s.memory.announce()
	return true
}

// handOn tries until the next consumer takes the batch or rejects it for good, or ctx ends. It returns the spans of the
// last attempt: an error may say that only a part of them is left to be sent.
func (s *sender) handOn(ctx context.Context, parcels []parcel) (spans int, err error) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 50*time.Millisecond, 5*time.Second
	fresh := func() ptrace.Traces { return s.unpack(parcels) }
	for {
		td := fresh()
		spans = td.SpanCount()
		err = s.next.ConsumeTraces(ctx, td)
		if err == nil || consumererror.IsPermanent(err) {
			return spans, err
		}
		if part := new(consumererror.Traces); errors.As(err, part) && part.Data().SpanCount() < spans {
			s.observer.Sent(spans - part.Data().SpanCount())
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
