package smarttailsamplingprocessor

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"

	"github.com/assayhq/assay/internal/smarttailsampling"
	"github.com/assayhq/assay/processor/smarttailsamplingprocessor/internal/metadata"
)

// Config of the smart_tail_sampling processor. README.md has the table of options.
type Config = smarttailsampling.Config

// NewFactory makes the factory of the smart_tail_sampling processor.
func NewFactory() processor.Factory {
	return processor.NewFactory(
		metadata.Type,
		func() component.Config { return smarttailsampling.DefaultConfig() },
		processor.WithTraces(createTraces, metadata.TracesStability),
	)
}

func createTraces(_ context.Context, set processor.Settings, cfg component.Config, next consumer.Traces) (processor.Traces, error) {
	c := cfg.(*Config)
	if c.Metrics.HasValue() {
		return nil, errors.New("metrics: a processor has no output for metrics; configure connectors::smart_tail_sampling instead, with the same keys")
	}
	return smarttailsampling.New(set.TelemetrySettings, c, next)
}
