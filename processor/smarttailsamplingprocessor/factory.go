package smarttailsamplingprocessor

import (
	"context"

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
	stored := stored{ids: map[component.ID]bool{}}
	return processor.NewFactory(
		metadata.Type,
		func() component.Config { return smarttailsampling.DefaultConfig() },
		processor.WithTraces(func(_ context.Context, set processor.Settings, cfg component.Config, next consumer.Traces) (processor.Traces, error) {
			return stored.create(set, cfg.(*Config), next)
		}, metadata.TracesStability),
	)
}
