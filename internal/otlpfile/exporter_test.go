package otlpfile

import (
	"path/filepath"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// What the file exporter itself writes, in each of its formats, is read back equal.
func TestReadsTheFileExporter(t *testing.T) {
	tests := []struct {
		name, format, compression string
		native                    bool // compress the file instead of each message
	}{
		{name: "json", format: "json"},
		{name: "proto", format: "proto"},
		{name: "json zstd", format: "json", compression: "zstd"},
		{name: "proto zstd", format: "proto", compression: "zstd"},
		{name: "json zstd file", format: "json", compression: "zstd", native: true},
		{name: "proto zstd file", format: "proto", compression: "zstd", native: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.native {
				const gate = "exporter.file.nativeCompression"
				require.NoError(t, featuregate.GlobalRegistry().Set(gate, true))
				defer func() { require.NoError(t, featuregate.GlobalRegistry().Set(gate, false)) }()
			}
			sent := []ptrace.Traces{batch("a", "b"), batch("c"), batch()}

			factory := fileexporter.NewFactory()
			cfg := factory.CreateDefaultConfig().(*fileexporter.Config)
			cfg.Path = filepath.Join(t.TempDir(), "traces")
			cfg.FormatType = tt.format
			cfg.Compression = tt.compression
			exp, err := factory.CreateTraces(t.Context(), exportertest.NewNopSettings(factory.Type()), cfg)
			require.NoError(t, err)
			require.NoError(t, exp.Start(t.Context(), componenttest.NewNopHost()))
			for _, td := range sent {
				require.NoError(t, exp.ConsumeTraces(t.Context(), td))
			}
			require.NoError(t, exp.Shutdown(t.Context()))

			r, err := Open(cfg.Path)
			require.NoError(t, err)
			defer r.Close()
			got, broken := readAll(t, r)
			assert.Empty(t, broken)
			require.Len(t, got, len(sent))
			for i := range sent {
				assert.Equal(t, string(protoOf(t, sent[i])), string(protoOf(t, got[i])))
			}
		})
	}
}
