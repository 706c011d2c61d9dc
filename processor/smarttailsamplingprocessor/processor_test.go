package smarttailsamplingprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
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
