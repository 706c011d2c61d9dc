package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// soak is a collector with a sentinel to which things happen that are no fault of the pipeline.
type soak struct {
	*watched
	t         *testing.T
	until     time.Time // an unknown verdict is right
	happened  map[string]int
	delivered uint64 // as last seen
}

// look requires that nothing is blamed, and says whether the verdict is ok.
func (s *soak) look() bool {
	v := s.status(s.t)
	require.NotEqual(s.t, "degraded", v.State, "%v after %v", v.Reasons, s.happened)
	require.Empty(s.t, against(v), v.Failing)
	if v.State == "unknown" {
		require.True(s.t, time.Now().Before(s.until), "%v after %v: %v", v.Reasons, s.happened, v.Verdicts)
	}
	s.delivered = v.Verdicts["delivered"]
	return v.State == "ok"
}

// settles waits until the verdict is ok, and for as long that all is overdue, if anything, that was sent before.
func (s *soak) settles() {
	eventually(s.t, "the verdict is ok again", 20*time.Second, s.look)
	for end := time.Now().Add(lateAfter + 2*time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		s.look()
	}
}

// The disturbances. None may make a failing verdict, and only one an unknown one.
var disturbances = map[string]func(*soak){
	// The traces that are on the road arrive late by less than they may.
	"road shut for a while": func(s *soak) {
		s.road.shut.Store(true)
		time.Sleep(lateAfter / 2)
		s.road.shut.Store(false)
	},
	// Generator and verifier are stopped together. What was not sent is a gap: more than a tenth of the last five seconds.
	"stopped": func(s *soak) {
		require.NoError(s.t, s.cmd.Process.Signal(syscall.SIGSTOP))
		time.Sleep(lateAfter + time.Duration(1+s.happened["stopped"]%10)*time.Second)
		s.until = time.Now().Add(12 * time.Second)
		require.NoError(s.t, s.cmd.Process.Signal(syscall.SIGCONT))
	},
	"restarted": func(s *soak) {
		s.stop(s.t)
		s.collector = start(s.t, nil, s.args...)
	},
	"killed, and short of memory then": func(s *soak) {
		require.NoError(s.t, s.cmd.Process.Kill())
		<-s.exited
		s.collector = start(s.t, []string{"GOGC=5", "GOMEMLIMIT=40MiB"}, s.args...)
	},
}

// TestSentinelSoak lets a healthy pipeline run, disturbs everything else, and allows no false alarm. It takes less than a minute,
// or as long as ASSAY_SOAK says (`make soak`: half an hour).
//
// Steps of the clock are not among the disturbances: a process cannot have them without the machine. They are in the soak in
// virtual time (test/sentinel/rehearsal), 72 hours of it in `make evaluation-sentinel`.
func TestSentinelSoak(t *testing.T) {
	t.Parallel()
	var length time.Duration
	if text := os.Getenv("ASSAY_SOAK"); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err, "ASSAY_SOAK")
	}
	s := &soak{t: t, happened: map[string]int{}, watched: startWatched(t, section{
		"extensions": section{
			"file_storage": section{"directory": filepath.Join(t.TempDir(), "state"), "create_directory": true},
			"sentinel":     section{"storage": "file_storage"},
		},
		"service": section{"extensions": []string{"console", "file_storage", "sentinel"}},
	})}
	r, names := seeded(t), keys(disturbances)
	begin := time.Now()
	s.settles()
	for round := 0; round == 0 || time.Since(begin) < length; round++ {
		r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			disturbances[name](s)
			s.happened[name]++
			s.settles()
		}
	}
	assert.Positive(t, s.delivered)

	u := s.uptime(t)
	t.Logf("%v: %v; %d delivered since the last kill was saved; seconds %v", time.Since(begin).Round(time.Second), s.happened, s.delivered, u.Uptime["24h"].Seconds)
	assert.Zero(t, u.Uptime["24h"].Seconds["degraded"])
	for _, one := range u.Transitions {
		assert.True(t, slices.Contains([]string{"starting", "ok", "unknown"}, one.State), one.State)
	}
	s.stop(t)
}
