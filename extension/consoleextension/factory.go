package consoleextension

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"

	"github.com/assayhq/assay/extension/consoleextension/internal/metadata"
	"github.com/assayhq/assay/ui"
)

// NewFactory makes the factory of the console extension.
func NewFactory() extension.Factory {
	return extension.NewFactory(metadata.Type, createDefaultConfig, create, metadata.ExtensionStability)
}

func create(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
	config := cfg.(*Config)
	e, err := newExtension(config, set.BuildInfo.Version, ui.Files(), set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	if len(config.Serve) > 0 {
		return &publicConsole{e}, nil
	}
	return e, nil
}
