package smarttailsamplingprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/processor/processortest"
)

func TestVerifyShutdown(t *testing.T) {
	all := 100.0
	cfg := NewFactory().CreateDefaultConfig().(*Config)
	cfg.Budget.Percentage = &all
	processortest.VerifyShutdown(t, NewFactory(), cfg)
}

func TestConfigStruct(t *testing.T) {
	require.NoError(t, componenttest.CheckConfigStruct(NewFactory().CreateDefaultConfig()))
}

func TestMetricsNeedTheConnector(t *testing.T) {
	cfg := NewFactory().CreateDefaultConfig().(*Config)
	require.NoError(t, confmap.NewFromStringMap(map[string]any{"metrics": map[string]any{"interval": "10s"}}).Unmarshal(cfg))
	_, err := NewFactory().CreateTraces(t.Context(), processortest.NewNopSettings(NewFactory().Type()), cfg, consumertest.NewNop())
	require.ErrorContains(t, err, "connectors::smart_tail_sampling")
}
