package sentinelreceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadata"
)

// NewFactory makes the factory of the sentinel receiver.
func NewFactory() receiver.Factory {
	s := &shared{receivers: map[*Config]*sentinelReceiver{}}
	return receiver.NewFactory(
		metadata.Type,
		createDefaultConfig,
		receiver.WithTraces(s.createTraces, metadata.TracesStability),
		receiver.WithMetrics(s.createMetrics, metadata.MetricsStability),
	)
}

// shared lets the pipelines of traces and of metrics that name the same receiver have the same one. mu guards what is below it.
type shared struct {
	mu        sync.Mutex
	receivers map[*Config]*sentinelReceiver
}

func (s *shared) createTraces(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
	r, err := s.receiver(set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	r.traces = next
	return r, nil
}

func (s *shared) createMetrics(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	r, err := s.receiver(set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	r.metrics = next
	return r, nil
}

func (s *shared) receiver(set receiver.Settings, cfg *Config) (*sentinelReceiver, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.receivers[cfg]; ok {
		return r, nil
	}
	r, err := newReceiver(set, cfg)
	if err != nil {
		return nil, err
	}
	r.forget = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.receivers, cfg)
	}
	s.receivers[cfg] = r
	return r, nil
}
