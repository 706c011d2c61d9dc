package e2e

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExamples validates every configuration that we show to users, as it stands, and starts and stops it.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(repository(t), "examples", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			result := run(t, nil, "validate", "--config", file)
			require.Zero(t, result.code, result.stderr)
			overlay, moved := relocate(t, file)
			env := []string{"KAFKA_BROKER=" + kafkaBroker(t), "STATE=" + t.TempDir(), "DATA_DIR=" + t.TempDir()}
			c := start(t, env, "--config", file, "--config", overlay)
			for component, address := range moved {
				if listensOnTCP(component) {
					assertListens(t, component, address)
				}
			}
			c.stop(t)
		})
	}
}
