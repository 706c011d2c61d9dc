package smarttailsamplingconnector

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/smarttailsampling"
)

// samplers are those of one collector, by the id of their configuration.
//
// The collector makes one node for each pair of signals, and gives the same traces to each:
//
//	traces --+--> node to traces:  takes them in ---> sampler ---> kept traces
//	         |                                           | counts
//	         +--> node to metrics: lets them pass        +-------> metrics
//
// Where there is only an output for metrics, its node takes the traces in, and what is kept goes nowhere.
type samplers struct {
	mu   sync.Mutex // guards everything below
	byID map[component.ID]*shared
}

// shared is the sampler of a configuration and the outputs that it has.
type shared struct {
	forget  func() // takes it out of samplers
	set     connector.Settings
	config  *Config
	traces  consumer.Traces  // nil without an output for traces
	metrics consumer.Metrics // nil without one for metrics

	mu      sync.Mutex // guards everything below
	sampler *smarttailsampling.Sampler
	counts  smarttailsampling.MetricsConfig // of the sampler
	stopped bool
}

// of is what the nodes of a configuration share. An output that is there already is of a collector that was never started.
func (s *samplers) of(set connector.Settings, cfg *Config, taken func(*shared) bool) *shared {
	if have := s.byID[set.ID]; have != nil && have.config == cfg && !taken(have) {
		return have
	}
	it := &shared{set: set, config: cfg}
	it.forget = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.byID[set.ID] == it {
			delete(s.byID, set.ID)
		}
	}
	s.byID[set.ID] = it
	return it
}

func (s *samplers) traces(set connector.Settings, cfg *Config, next consumer.Traces) connector.Traces {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.of(set, cfg, func(of *shared) bool { return of.traces != nil })
	it.traces = next
	return &tracesNode{node{shared: it}}
}

func (s *samplers) metrics(set connector.Settings, cfg *Config, next consumer.Metrics) connector.Traces {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.of(set, cfg, func(of *shared) bool { return of.metrics != nil })
	it.metrics = next
	return &metricsNode{node: node{shared: it}}
}

// start makes and starts the sampler, whichever node is first: by then all outputs are known.
func (s *shared) start(ctx context.Context, host component.Host) (*smarttailsampling.Sampler, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sampler != nil {
		return s.sampler, nil
	}
	cfg := *s.config
	if s.metrics != nil {
		s.counts = *cfg.Metrics.GetOrInsertDefault()
	} else if cfg.Metrics.HasValue() {
		s.set.Logger.Warn("The configuration has metrics, and no pipeline takes them: name the connector as a receiver of a metrics pipeline")
	}
	next := s.traces
	if next == nil {
		next = nowhere{}
	}
	sampler, err := smarttailsampling.New(s.set.TelemetrySettings, smarttailsampling.Owner{Kind: component.KindConnector, ID: s.set.ID}, &cfg, next)
	if err != nil {
		return nil, err
	}
	if err := sampler.Start(ctx, host); err != nil {
		return nil, err
	}
	s.sampler = sampler
	return sampler, nil
}

// stop has the sampler decide what is open, whichever node is first: the outputs of all nodes that have not been stopped still take what comes.
func (s *shared) stop(ctx context.Context) error {
	s.forget()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sampler == nil || s.stopped {
		return nil
	}
	s.stopped = true
	return s.sampler.Shutdown(ctx)
}

// nowhere takes kept traces where only metrics are wanted.
type nowhere struct{}

func (nowhere) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (nowhere) ConsumeTraces(context.Context, ptrace.Traces) error { return nil }
