package sentinelreceiver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	logged "go.uber.org/zap/zaptest/observer"

	"github.com/assayhq/assay/receiver/sentinelreceiver/internal/metadata"
	"github.com/assayhq/assay/test/hosttest"
)

// A key beside an extension is told, by its place in the configuration.
func TestKeyBesideAnExtension(t *testing.T) {
	for beside, told := range map[component.Component]int{&ledger{}: 1, nil: 0} {
		core, logs := logged.New(zap.WarnLevel)
		set := receivertest.NewNopSettings(metadata.Type)
		set.Logger = zap.New(core)
		c := createDefaultConfig().(*Config)
		c.Key = "an entirely public secret"
		r, err := newReceiver(set, c)
		require.NoError(t, err)
		_, _, found, err := r.identify(&hosttest.Host{Extensions: map[component.ID]component.Component{component.MustNewID("sentinel"): beside}})
		require.NoError(t, err)
		assert.Nil(t, found)
		warned := logs.FilterMessageSnippet("a key of its own").All()
		require.Len(t, warned, told)
		if told > 0 {
			assert.Equal(t, "receivers::"+set.ID.String()+"::key", warned[0].ContextMap()["option"])
		}
		r.telemetry.close()
	}
}
