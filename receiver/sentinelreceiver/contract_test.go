package sentinelreceiver

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/assayhq/assay/internal/sentinel/streamconfig"
	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadata"
)

// turnstile stands between the receiver, which sends by itself, and the contract's consumer, which expects what it has asked for: each
// call of Generate lets one batch through, with its span ids as the attribute that the contract looks for. A batch that was let
// through once is let through again; batches that nobody asked for are taken.
type turnstile struct {
	asked chan chan []receivertest.UniqueIDAttrVal
	mu    sync.Mutex
	known map[pcommon.SpanID]bool
}

func (*turnstile) Start() {}
func (*turnstile) Stop()  {}

func (s *turnstile) Generate() []receivertest.UniqueIDAttrVal {
	answer := make(chan []receivertest.UniqueIDAttrVal)
	s.asked <- answer
	return <-answer
}

func (s *turnstile) pass(ctx context.Context, td ptrace.Traces, next consumer.Traces) error {
	all := spans([]ptrace.Traces{td})
	if len(all) == 0 {
		return nil // a manifest
	}
	var ids []receivertest.UniqueIDAttrVal
	for _, span := range all {
		ids = append(ids, receivertest.UniqueIDAttrVal(span.SpanID().String()))
		span.Attributes().PutStr(receivertest.UniqueIDAttrName, span.SpanID().String())
	}
	if !s.again(all[0].SpanID(), false) {
		select {
		case answer := <-s.asked:
			s.again(all[0].SpanID(), true)
			answer <- ids
		default:
			return nil
		}
	}
	return next.ConsumeTraces(ctx, td)
}

// again says whether a batch was let through before, or notes that it is.
func (s *turnstile) again(first pcommon.SpanID, note bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if note {
		s.known[first] = true
	}
	return s.known[first]
}

func TestConsumeContract(t *testing.T) {
	s := &turnstile{asked: make(chan chan []receivertest.UniqueIDAttrVal), known: map[pcommon.SpanID]bool{}}
	factory := receiver.NewFactory(metadata.Type, createDefaultConfig, receiver.WithTraces(
		func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			through, err := consumer.NewTraces(func(ctx context.Context, td ptrace.Traces) error { return s.pass(ctx, td, next) })
			require.NoError(t, err)
			return NewFactory().CreateTraces(ctx, set, cfg, through)
		}, metadata.TracesStability))
	receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
		T: t, Factory: factory, Signal: pipeline.SignalTraces, Generator: s, GenerateCount: 30,
		Config: changed(func(c *Config) {
			c.Streams.Ambient = configoptional.Some(streamconfig.Ambient{Shape: streamconfig.Shape{Rate: 100, Batches: 3, Reorder: 0.5}})
			c.Retry.MaxInterval = 100 * time.Millisecond
		}),
	})
}
