package smarttailsamplingprocessor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"

	"github.com/assayhq/assay/internal/smarttailsampling"
)

// stored are the ids of processors of one collector that run with a storage or a journal. The collector makes a processor for each pipeline that names it; two with
// one id would each take the other's place in it.
type stored struct {
	mu  sync.Mutex // guards everything below
	ids map[component.ID]bool
}

func (s *stored) create(set processor.Settings, cfg *Config, next consumer.Traces) (processor.Traces, error) {
	if cfg.Metrics.HasValue() {
		return nil, errors.New("metrics: a processor has no output for metrics; configure connectors::smart_tail_sampling instead, with the same keys")
	}
	sampler, err := smarttailsampling.New(set.TelemetrySettings, smarttailsampling.Owner{Kind: component.KindProcessor, ID: set.ID}, cfg, next)
	switch {
	case err != nil:
		return nil, err
	case cfg.Journal.HasValue():
		return &storedSampler{Sampler: sampler, id: set.ID, of: s, key: "journal"}, nil
	case cfg.Storage != nil:
		return &storedSampler{Sampler: sampler, id: set.ID, of: s, key: "storage"}, nil
	}
	return sampler, nil
}

// storedSampler is a sampler that is alone with its id while it runs.
type storedSampler struct {
	*smarttailsampling.Sampler
	id   component.ID
	of   *stored
	key  string // why it has to be alone
	runs bool   // guarded by of.mu
}

// Start fails where another pipeline has this processor already.
func (s *storedSampler) Start(ctx context.Context, host component.Host) error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.of.ids[s.id] {
		return fmt.Errorf("%s: two pipelines name the processor %q, and each has a sampler of its own, which cannot share what is stored; "+
			"use the connector smart_tail_sampling, which is one sampler for all pipelines, or processors with different names", s.key, s.id)
	}
	if err := s.Sampler.Start(ctx, host); err != nil {
		return err
	}
	s.of.ids[s.id], s.runs = true, true
	return nil
}

// Shutdown gives the id free.
func (s *storedSampler) Shutdown(ctx context.Context) error {
	err := s.Sampler.Shutdown(ctx)
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.runs {
		delete(s.of.ids, s.id)
		s.runs = false
	}
	return err
}
