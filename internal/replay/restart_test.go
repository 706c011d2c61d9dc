package replay

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// replayed is a replay of a recording to a receiver of its own, under way.
type replayed struct {
	notes chan string
	done  chan struct{}
	sum   Summary
	err   error
}

func startReplay(t *testing.T, endpoint string, protocol Protocol) *replayed {
	t.Helper()
	r := &replayed{notes: make(chan string, 100), done: make(chan struct{})}
	cfg := NewConfig()
	cfg.Files, cfg.Speed, cfg.Rebase = []string{filepath.Join(recorded, "tgen.jsonl.zst")}, Max, false
	cfg.Client.Endpoint, cfg.Client.Protocol, cfg.Client.RetryFor = endpoint, protocol, 5*time.Minute
	cfg.Note = func(s string) { r.notes <- s }
	go func() {
		defer close(r.done)
		r.sum, r.err = Run(t.Context(), cfg)
	}()
	return r
}

// A receiver that comes up after the replay has begun gets everything, and the user is told what is waited for.
func TestReceiverComesUpLater(t *testing.T) {
	for _, protocol := range []Protocol{GRPC, HTTP} {
		t.Run(string(protocol), func(t *testing.T) {
			endpoints := map[Protocol]string{GRPC: freeAddress(t), HTTP: freeAddress(t)}
			r := startReplay(t, endpoints[protocol], protocol)
			note := <-r.notes // an attempt has failed
			assert.Contains(t, note, "connection refused")
			assert.Contains(t, note, "is the collector running?")
			assert.Contains(t, note, "trying again for 5m0s; --retry-for 0 gives up at once")
			sink := new(consumertest.TracesSink)
			stop := startReceiverAt(t, endpoints, sink, nil)
			defer stop()
			<-r.done
			require.NoError(t, r.err)
			assert.Equal(t, int64(6260), r.sum.Accepted)
			assert.Equal(t, 6260, sink.SpanCount())
			assert.Positive(t, r.sum.Retries)
			assert.Empty(t, r.notes, "it is said once")
		})
	}
}

// signalling is a sink that takes three batches, says so, and is busy from then on.
type signalling struct {
	consumertest.TracesSink
	third chan struct{}
	calls atomic.Int64
}

func (s *signalling) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	switch n := s.calls.Add(1); {
	case n > 3:
		return errors.New("shutting down")
	case n == 3:
		close(s.third)
	}
	return s.TracesSink.ConsumeTraces(ctx, td)
}

// A collector that is restarted in the middle of a replay costs retries, no spans.
func TestReceiverRestarts(t *testing.T) {
	for _, protocol := range []Protocol{GRPC, HTTP} {
		t.Run(string(protocol), func(t *testing.T) {
			endpoints := map[Protocol]string{GRPC: freeAddress(t), HTTP: freeAddress(t)}
			before, after := &signalling{third: make(chan struct{})}, new(consumertest.TracesSink)
			stop := startReceiverAt(t, endpoints, before, nil)
			r := startReplay(t, endpoints[protocol], protocol)
			<-before.third
			stop()
			stop = startReceiverAt(t, endpoints, after, nil)
			defer stop()
			<-r.done
			require.NoError(t, r.err)
			assert.True(t, r.sum.Complete())
			assert.Equal(t, int64(6260), r.sum.Accepted)
			assert.GreaterOrEqual(t, before.SpanCount()+after.SpanCount(), 6260, "a lost answer may deliver a batch twice")
			assert.Positive(t, after.SpanCount())
		})
	}
}

// A receiver that was away for long is noticed as soon as it is back: gRPC's own pauses between connections do not add to ours.
func TestConnectionsAreTriedAgainSoon(t *testing.T) {
	assert.LessOrEqual(t, reconnect().Backoff.MaxDelay, firstBackoff)
	assert.Positive(t, reconnect().MinConnectTimeout)
}
