package openapi

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A part has the operations that were asked for, and the schemas that these need, at any depth; what is not known is left out.
func TestPart(t *testing.T) {
	of := func(operations ...string) (d document) {
		text, err := Part(operations)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &d))
		return d
	}
	d := of("GET /api/topology", "GET /api/unheard-of", "PATCH /api/queries", "")
	assert.Equal(t, []string{"/api/topology"}, slices.Collect(maps.Keys(d.Paths)))
	assert.Equal(t, []string{"Edge", "Node", "Problem", "Topology"}, slices.Sorted(maps.Keys(d.Components.Schemas)), "a Topology has nodes and edges")
	assert.Len(t, of("GET /api/queries", "POST /api/queries").Paths["/api/queries"], 2)
	assert.Empty(t, of().Paths)
	assert.NotEmpty(t, of().OpenAPI)
}
