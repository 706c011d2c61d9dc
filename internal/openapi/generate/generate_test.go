package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/openapi"
)

// The document is what the routes and types say.
func TestDocumentHasNotDrifted(t *testing.T) {
	t.Chdir("../../..")
	made, err := generate(".")
	require.NoError(t, err)
	assert.Equal(t, string(openapi.Document()), string(made), "run make generate")
}
