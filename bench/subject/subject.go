// Package subject builds the processors that are compared, each from its factory and a configuration as a user would write
// it, in front of a sink.
package subject

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"

	"github.com/assayhq/assay/processor/smarttailsamplingprocessor"
)

// Name tells what is measured.
type Name string

// What is measured. Input is the sink alone: the cost of making the input, which is taken off that of the others.
const (
	Input Name = "input"
	Smart Name = "smart_tail_sampling"
	Tail  Name = "tail_sampling"
	// Journaled is Smart with a journal.
	Journaled Name = "smart_tail_sampling with journal"
)

// Subject is a started processor.
type Subject struct {
	consumer.Traces
	name      Name
	processor processor.Traces // nil for Input
	reader    *sdkmetric.ManualReader
}

// Start builds and starts a processor. Its metrics are recorded as in a collector, so that their cost is in the figures.
func Start(ctx context.Context, name Name, o Options, sink consumer.Traces) (*Subject, error) {
	if name == Input {
		return &Subject{Traces: sink, name: name}, nil
	}
	text, err := o.YAML(name)
	if err != nil {
		return nil, err
	}
	return start(ctx, name, text, sink)
}

func start(ctx context.Context, name Name, text string, sink consumer.Traces) (*Subject, error) {
	factory, err := factoryOf(name)
	if err != nil {
		return nil, err
	}
	cfg, err := parse(factory, text)
	if err != nil {
		return nil, fmt.Errorf("configuration of %s: %w", name, err)
	}
	s := &Subject{name: name, reader: sdkmetric.NewManualReader()}
	set := processortest.NewNopSettings(factory.Type())
	set.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.reader))
	if s.processor, err = factory.CreateTraces(ctx, set, cfg, sink); err != nil {
		return nil, fmt.Errorf("create %s: %w", name, err)
	}
	s.Traces = s.processor
	if err = s.processor.Start(ctx, componenttest.NewNopHost()); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return s, nil
}

func factoryOf(name Name) (processor.Factory, error) {
	switch name {
	case Smart, Journaled:
		return smarttailsamplingprocessor.NewFactory(), nil
	case Tail:
		return tailsamplingprocessor.NewFactory(), nil
	}
	return nil, fmt.Errorf("subject: must be %s, %s or %s, got %q", Input, Smart, Tail, name)
}

func parse(factory processor.Factory, text string) (component.Config, error) {
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(text))
	if err != nil {
		return nil, err
	}
	conf, err := retrieved.AsConf()
	if err != nil {
		return nil, err
	}
	cfg := factory.CreateDefaultConfig()
	if err = conf.Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

// Shutdown stops the processor.
func (s *Subject) Shutdown(ctx context.Context) error {
	if s.processor == nil {
		return nil
	}
	return s.processor.Shutdown(ctx)
}
