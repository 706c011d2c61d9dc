package sentinelreceiver

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/topology"
)

// The topology that README.md shows can be used as it stands.
func TestTopologyOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	example := regexp.MustCompile("(?s)```yaml\n(histogram_bounds.*?)```").FindSubmatch(text)
	require.NotNil(t, example)
	top, err := topology.Parse("README.md", example[1])
	require.NoError(t, err)
	assert.Len(t, top.Services, 2)
	assert.Equal(t, 1+5*2+2, top.MaxSpans)
}
