package rehearsal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Restarts, stopped processes, steps of the clock and restarts of the backend are no fault of the pipeline, and not called so.
// (The evaluation does this for 72 hours.)
func TestNoFalseAlarms(t *testing.T) {
	s := setting(t)
	config := s.Stream.Config()
	config.Rate = 1
	var err error
	s.Stream, err = traffic.NewStream(s.Stream.Key(), config)
	require.NoError(t, err)
	s.LateAfter, s.LostAfter = verify.DefaultLateAfter, verify.DefaultLostAfter
	for _, vantage := range []Vantage{PipelineEnd, Jaeger} {
		for _, direct := range []bool{false, true} {
			s.Direct = direct
			soaked, err := s.Soak(vantage, 90*time.Minute, 3)
			require.NoError(t, err)
			assert.Empty(t, soaked.Alarms)
			assert.Greater(t, soaked.Verdicts[verify.Delivered], uint64(3_500), soaked)
			assert.GreaterOrEqual(t, len(soaked.Disturbances), 3)
		}
	}
}
