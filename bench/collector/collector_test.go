package collector_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/bench/collector"
)

// A binary that ends at once is reported with its last words, not waited for.
func TestCollectorThatDoesNotStart(t *testing.T) {
	folder := t.TempDir()
	binary := filepath.Join(folder, "otelcol")
	require.NoError(t, os.WriteFile(binary, []byte("#!/bin/sh\necho no such component >&2\nexit 3\n"), 0o700))
	_, err := collector.Start(t.Context(), binary, folder, "bare", "", "127.0.0.1:1")
	require.ErrorContains(t, err, "ended before it listened")
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "no such component")
}
