package tracediffexporter

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/assayhq/assay/exporter/tracediffexporter/internal/metadata"
)

// What is valid and hardly works is said at the start, with the way out, and once.
func TestWarnings(t *testing.T) {
	c := loaded(t, "warned")
	require.NoError(t, c.Validate())
	assert.Equal(t, []warning{
		{"defaults::lateness", "traces at the end of a window are summed up after 5s, before they have been quiet for assembly::wait (10s); make it at least that long"},
		{"queries::0::lateness", "it is longer than the window (10s): 361 windows are open at a time, and each diff is 1h0m0s late; make windows longer or it shorter"},
		{"queries::0::thresholds::false_alerts_per_week", "with 120960 comparisons a week a change is confirmed at p = 8.3e-15 or less: what is new has to be seen in some 21 traces at least, " +
			"and other changes must be as plain; raise it or make windows longer"},
		{"queries::1::baselines::1", "windows of 168h0m0s ago are removed after 48h0m0s, so that there is nothing to compare with; raise storage::retention"},
		{"queries::1::thresholds::persist", "the window before a change is removed after 48h0m0s, before it can be confirmed after 48h0m5s; raise storage::retention"},
		{"queries::1::thresholds::persist", "no change is confirmed before 2 windows, 48h0m0s, have flagged it; make windows shorter or it smaller"},
		{"queries::2::thresholds::new_normal_after", "the windows before a change are removed after 48h0m0s; whether it lasts is not known from then on until 72h0m0s; " +
			"raise storage::retention or lower it"},
	}, c.warnings())
	assert.Empty(t, createDefaultConfig().(*Config).warnings(), "the defaults work")
	assert.Empty(t, loaded(t, "wrong").warnings(), "what is refused needs no warning")

	c = config(t)
	c.Defaults.Lateness = time.Second
	core, logs := observer.New(zapcore.WarnLevel)
	set := exportertest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(core)
	e, err := newExporter(set, c)
	require.NoError(t, err)
	require.NoError(t, e.start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, e.shutdown(context.Background()))
	warned := logs.FilterMessage("A setting is valid, and hardly works").All()
	require.Len(t, warned, 1)
	assert.Equal(t, "defaults::lateness", warned[0].ContextMap()["setting"])
}
