package main

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Everything that the generator says it has sent has arrived.
func TestQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	args := []string{"-quick"}
	if binary := "../../_build/telemetrygen"; exists(binary) {
		args = append(args, "-telemetrygen", binary)
	}
	binary := "../../_build/otelcol-assay"
	if exists(binary) {
		args = append(args, "-binary", binary)
	}
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out, io.Discard))
	assert.Regexp(t, `received of what was claimed +\| 100 `, out.String())
	assert.Regexp(t, `not accounted for +\| 0\.00 `, out.String())
	if exists(binary) {
		assert.Regexp(t, `above a bare collector +\| [0-9.]+ `, out.String())
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func TestRefusesNonsense(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), []string{"-rounds", "0"}, io.Discard, io.Discard), "-rounds: must be at least 1")
	require.ErrorContains(t, run(t.Context(), []string{"-quick", "-telemetrygen", "/does/not/exist"}, io.Discard, io.Discard), "telemetrygen")
}
