package smarttailsamplingconnector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"

	"github.com/assayhq/assay/connector/smarttailsamplingconnector/internal/metadata"
	"github.com/assayhq/assay/internal/smarttailsampling"
)

// Config of the smart_tail_sampling connector is that of the processor; metrics are the connector's own.
type Config = smarttailsampling.Config

// NewFactory makes the factory of the smart_tail_sampling connector. The outputs that one configuration has share a sampler.
func NewFactory() connector.Factory {
	samplers := samplers{byID: map[component.ID]*shared{}}
	return connector.NewFactory(
		metadata.Type,
		func() component.Config { return smarttailsampling.DefaultConfig() },
		connector.WithTracesToTraces(
			func(_ context.Context, set connector.Settings, cfg component.Config, next consumer.Traces) (connector.Traces, error) {
				return samplers.traces(set, cfg.(*Config), next), nil
			}, metadata.TracesToTracesStability),
		connector.WithTracesToMetrics(
			func(_ context.Context, set connector.Settings, cfg component.Config, next consumer.Metrics) (connector.Traces, error) {
				return samplers.metrics(set, cfg.(*Config), next), nil
			}, metadata.TracesToMetricsStability),
	)
}
