package main_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outputPath is the line of the manifest that says where the builder writes.
var outputPath = regexp.MustCompile(`(?m)^  output_path: .*$`)

// TestGeneratedFromManifest fails when builder-config.yaml was changed and this command was not: what `go build` and
// the linter see would then be another program than the one that `make build` ships.
func TestGeneratedFromManifest(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(root, "builder-config.yaml"))
	require.NoError(t, err)
	require.Regexp(t, outputPath, string(text))
	out := t.TempDir()
	config := filepath.Join(t.TempDir(), "builder-config.yaml")
	text = outputPath.ReplaceAll(text, []byte("  output_path: "+out))
	require.NoError(t, os.WriteFile(config, text, 0o600))

	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a cold cache compiles the builder first
	defer cancel()
	builder := exec.CommandContext(ctx, "go", "tool", "-modfile=internal/tools/builder/go.mod", "builder",
		"--config", config, "--skip-compilation", "--skip-get-modules")
	builder.Dir = root // paths of local components in the manifest are relative to it
	log, err := builder.CombinedOutput()
	require.NoErrorf(t, err, "%s", log)

	fresh, err := filepath.Glob(filepath.Join(out, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, fresh)
	for _, path := range fresh {
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Base(path))
		if assert.NoError(t, err, "run `make generate` and commit cmd/otelcol-assay") {
			assert.Equal(t, string(want), string(got),
				"%s was not generated from builder-config.yaml: run `make generate` and commit it", filepath.Base(path))
		}
	}
}
