package alertcycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// A burst is watched in just the seconds in which the stream sends it, whatever its period is.
func TestScheduleIsThatOfTheStream(t *testing.T) {
	key, err := identity.NewKey("an entirely public secret")
	require.NoError(t, err)
	shop, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	for _, every := range []time.Duration{28 * time.Second, 15 * time.Minute, 7 * time.Hour} {
		s, err := traffic.NewStream(key, traffic.Config{Name: "burst", Topology: shop, Rate: 1, Batches: 1, Every: every, For: every / 2})
		require.NoError(t, err)
		schedule := alertcycle.Schedule{Every: every, For: every / 2}
		begin := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
		for at := begin; at.Before(begin.Add(2 * every)); at = at.Add(every / 28) {
			b := schedule.Burst(at)
			assert.False(t, b.Start.After(at), "%v %v", every, at)
			assert.Equal(t, s.Active(traffic.SlotOf(at)), at.Before(b.End), "%v %v", every, at)
		}
	}
}

// What comes of a burst that had begun before the start is neither judged nor spurious; what comes after it is.
func TestStartAmidABurst(t *testing.T) {
	every, length := 15*time.Minute, 5*time.Minute
	begin := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	intervals := alertcycle.Intervals{Scrape: time.Second, Evaluation: time.Second, Range: 10 * time.Second, GroupInterval: 10 * time.Second}
	w := alertcycle.NewWatch(alertcycle.Schedule{Every: every, For: length}, intervals, "", begin.Add(time.Minute))
	w.Notified(begin.Add(2*time.Minute), true)
	assert.Nil(t, w.Stray())
	w.Notified(begin.Add(length+10*time.Second), false)
	w.SawRule(begin.Add(length+time.Minute), alertcycle.RuleFiring)
	w.Notified(begin.Add(length+time.Minute), true)
	assert.NotNil(t, w.Stray())
}
