package inprocess

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/bench/workload"
)

const (
	spansPerTrace = workload.SpansPerTrace
	// producers send concurrently, as connections to a receiver do: more than there are cores, so that none idles while
	// a processor keeps one of them waiting.
	producers = 4
)

// feed sends requests from several goroutines. What a consumer gets is unmarshalled anew for every request, as a receiver
// does it, so that it may keep it.
type feed struct {
	to      consumer.Traces
	pace    workload.Pace
	most    int64        // spans, 0: until the context ends
	tickets atomic.Int64 // requests begun
	spans   atomic.Int64 // spans taken
	group   sync.WaitGroup
	failed  atomic.Pointer[error]
	stop    context.CancelFunc
}

// startFeed begins to send at a rate in spans/s, 0 for as fast as they are taken, and up to a number of spans, 0 for as long
// as the context lasts. The requests are the same for every consumer.
func startFeed(ctx context.Context, to consumer.Traces, rate float64, most int) (*feed, error) {
	f := &feed{to: to, most: int64(most)}
	var all [producers][]*workload.Request
	for p := range all {
		requests, err := workload.NewRequests(uint64(p), workload.OddEvery)
		if err != nil {
			return nil, err
		}
		all[p] = requests
	}
	ctx, f.stop = context.WithCancel(ctx)
	f.pace = workload.Pace{Began: time.Now(), Rate: rate}
	for p := range all {
		f.group.Go(func() {
			if err := f.produce(ctx, uint64(p), all[p]); err != nil {
				f.failed.CompareAndSwap(nil, &err)
				f.stop()
			}
		})
	}
	return f, nil
}

func (f *feed) produce(ctx context.Context, seed uint64, requests []*workload.Request) error {
	salts := rand.New(rand.NewPCG(seed, 0))
	for n := 0; ctx.Err() == nil; n++ {
		ticket := f.tickets.Add(1) - 1
		if f.most > 0 && (ticket+1)*workload.SpansPerRequest > f.most {
			return nil
		}
		if !f.pace.Await(ctx, ticket) {
			return nil
		}
		q := requests[n%len(requests)]
		q.Refresh(salts.Uint64())
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(q.Body)
		if err != nil {
			return fmt.Errorf("unmarshal a request of ours: %w", err)
		}
		if err := f.to.ConsumeTraces(context.Background(), td); err != nil {
			return fmt.Errorf("a request was refused after %d spans: %w", f.spans.Load(), err)
		}
		f.spans.Add(workload.SpansPerRequest)
	}
	return nil
}

// wait returns when all is sent, or after a failure.
func (f *feed) wait() error {
	f.group.Wait()
	f.stop()
	if err := f.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// end stops sending.
func (f *feed) end() error {
	f.stop()
	return f.wait()
}
