package generator

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Limits of sending.
const (
	maxSpansUnderWay     = 32 << 10 // of a stream
	maxManifestsUnderWay = 4
)

// sender hands batches to the pipeline, each in a goroutine of its own, within limits.
type sender struct {
	ctx     context.Context // ends all tries
	last    chan struct{}   // closed when no batch is to be tried again
	config  *Config
	stream  *traffic.Stream
	account *account

	sending   sync.WaitGroup
	spans     atomic.Int64 // under way
	manifests atomic.Int64 // under way
}

func newSender(ctx context.Context, config *Config, stream *traffic.Stream, account *account) *sender {
	return &sender{ctx: ctx, config: config, stream: stream, account: account, last: make(chan struct{})}
}

// roomy says whether more spans may be sent.
func (s *sender) roomy() bool { return s.spans.Load() < maxSpansUnderWay }

// dispatch sends a batch and accounts for it.
func (s *sender) dispatch(b *batch) {
	s.spans.Add(int64(b.spans))
	s.sending.Go(func() {
		defer s.spans.Add(-int64(b.spans))
		td := b.traces
		b.traces, b.resources, b.scopes = ptrace.Traces{}, nil, nil // what is sent is not ours any more
		tries, err := s.send(b.spans, func(try int) ptrace.Traces {
			if try > 1 {
				return b.rebuild(s.stream)
			}
			return td
		})
		s.account.settle(b, tries, err == nil, s.config.Clock())
	})
}

// tell sends a manifest, unless older ones are still under way: then a later one says the same.
func (s *sender) tell(m *traffic.Manifest) {
	if s.manifests.Add(1) > maxManifestsUnderWay {
		s.manifests.Add(-1)
		return
	}
	build := func(int) ptrace.Traces {
		td := ptrace.NewTraces()
		m.Append(s.stream.Key(), td)
		return td
	}
	first := build(1)
	s.sending.Go(func() {
		defer s.manifests.Add(-1)
		_, _ = s.send(1, func(try int) ptrace.Traces {
			if try > 1 {
				return build(try)
			}
			return first
		})
	})
}

// send tries until the pipeline has taken the traces, has refused them for good, or time is up.
func (s *sender) send(spans int, traces func(try int) ptrace.Traces) (tries int, err error) {
	retry := s.config.Retry
	ctx := s.config.Observer.Begin(s.ctx)
	defer func() { s.config.Observer.End(ctx, s.stream, spans, err) }()
	limited, cancel := context.WithTimeout(ctx, retry.MaxElapsedTime)
	defer cancel()
	for pause := retry.InitialInterval; ; pause = min(2*pause, retry.MaxInterval) {
		tries++
		if err = s.config.Send(limited, traces(tries)); err == nil || consumererror.IsPermanent(err) {
			return tries, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
			continue
		case <-limited.Done():
		case <-s.last:
		}
		timer.Stop()
		return tries, fmt.Errorf("given up after %d tries: %w", tries, err)
	}
}
