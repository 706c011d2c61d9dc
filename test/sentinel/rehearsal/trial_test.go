package rehearsal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

func setting(t testing.TB) Setting {
	t.Helper()
	key, err := identity.NewKey("an entirely public secret")
	require.NoError(t, err)
	top, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	s, err := traffic.NewStream(key, traffic.Config{Name: "ambient", Topology: top, Rate: 4, Batches: 6, Reorder: 0.2})
	require.NoError(t, err)
	return Setting{Stream: s, LateAfter: 5 * time.Second, LostAfter: 15 * time.Second}
}

// Every class of faults is told for what it is, trace by trace, at every vantage. (The evaluation runs 300 trials of each.)
func TestNoneToldWrong(t *testing.T) {
	s := setting(t)
	for _, class := range Classes() {
		for _, vantage := range Vantages() {
			t.Run(string(class)+"/"+string(vantage), func(t *testing.T) {
				harmed := 0
				for seed := range uint64(4) {
					o, err := s.Trial(class, vantage, seed)
					require.NoError(t, err)
					assert.Empty(t, o.Wrong, "seed %d", seed)
					assert.Greater(t, o.Traces, 20)
					harmed += o.Harmed
				}
				assert.Positive(t, harmed)
			})
		}
	}
}

// Negative control: a verifier that does not see the fault is found out in every trial.
func TestBlindVerifierIsFoundOut(t *testing.T) {
	s := setting(t)
	s.Blind, s.Share = true, 0.5
	for _, class := range []Class{Loss, Incomplete, Delay, Duplication, Corruption} {
		o, err := s.Trial(class, PipelineEnd, 1)
		require.NoError(t, err)
		assert.Len(t, o.Wrong, o.Harmed, class)
		assert.NotEmpty(t, o.Wrong, class)
	}
}

// Negative control: a verifier that sees nothing at all calls nothing delivered.
func TestDeafVerifierIsFoundOut(t *testing.T) {
	s := setting(t)
	s.Deaf = true
	o, err := s.Trial(Healthy, PipelineEnd, 1)
	require.NoError(t, err)
	assert.Len(t, o.Wrong, o.Traces)
}

// A trial is worth nothing if it was not the same the next time.
func TestTrialsRepeat(t *testing.T) {
	s := setting(t)
	first, err := s.Trial(Corruption, Tempo, 5)
	require.NoError(t, err)
	again, err := s.Trial(Corruption, Tempo, 5)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Positive(t, first.Noticed)
}
