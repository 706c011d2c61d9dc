package smarttailsamplingprocessor

import (
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/processor"
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

// shelves is a host with a storage extension.
type shelves struct {
	component.Host
	all map[component.ID]component.Component
}

func (h shelves) GetExtensions() map[component.ID]component.Component { return h.all }

// Two pipelines that name one processor have a sampler each. They cannot share what is stored.
func TestOneSamplerForAStorage(t *testing.T) {
	storage := component.MustNewID("file_storage")
	files := filestorage.NewFactory()
	fc := files.CreateDefaultConfig().(*filestorage.Config)
	fc.Directory = t.TempDir()
	ext, err := files.Create(t.Context(), extensiontest.NewNopSettings(files.Type()), fc)
	require.NoError(t, err)
	host := shelves{componenttest.NewNopHost(), map[component.ID]component.Component{storage: ext}}
	f := NewFactory()
	cfg := f.CreateDefaultConfig().(*Config)
	cfg.Storage = &storage
	var both [2]processor.Traces
	set := processortest.NewNopSettings(f.Type())
	for i := range both {
		both[i], err = f.CreateTraces(t.Context(), set, cfg, consumertest.NewNop())
		require.NoError(t, err)
	}
	require.NoError(t, both[0].Start(t.Context(), host))
	require.ErrorContains(t, both[1].Start(t.Context(), host), "use the connector smart_tail_sampling")
	require.NoError(t, both[1].Shutdown(t.Context()))
	require.NoError(t, both[0].Shutdown(t.Context()))

	again, err := f.CreateTraces(t.Context(), set, cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, again.Start(t.Context(), host), "after a reload its id is free, and its file too")
	require.NoError(t, again.Shutdown(t.Context()))
}
