package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOracleOfTheEngine(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	for _, budget := range []float64{1, 10} {
		w, err := runEngine(budget, 1, 3, 0)
		require.NoError(t, err)
		assert.Equal(t, 36_000, w.oracle.Seen())
		assert.Positive(t, w.kept)
		assert.Equal(t, 120, w.looks)
		assert.Empty(t, w.findings, "%v %%", budget)
	}
	w, err := runEngine(10, 1, 3, 3)
	require.NoError(t, err)
	assert.NotEmpty(t, w.findings, "a third of what is kept gets lost")
}
