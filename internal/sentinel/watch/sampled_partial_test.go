package watch

import (
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
)

// What loses some of all traces behind a tail sampler, whatever is in them, loses some of the manifests, and is found by them within a minute: at the end
// of a pipeline and in a backend. That it is over is said, too.
func TestPartialLossBehindATailSampler(t *testing.T) {
	const wait = 5 * time.Second
	share := func(id [16]byte) float64 { return float64(id[6]) / 256 }
	for name, at := range map[string]func(t *testing.T, loses *atomic.Bool) *pipeline{
		"sentinel": func(t *testing.T, loses *atomic.Bool) *pipeline {
			key := testKey(t)
			return keptPlace(t, wait, func(id identity.TraceID) bool { return !loses.Load() || share(key.Seal(id)) >= 0.2 })
		},
		"store": func(t *testing.T, loses *atomic.Bool) *pipeline {
			p, s := hundredthStore(t, wait)
			sampler := s.sampler
			s.behind(func(span ptrace.Span) bool { return sampler(span) && (!loses.Load() || share(span.TraceID()) >= 0.2) })
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var loses atomic.Bool
				p := at(t, &loses)
				pass(3 * time.Minute)
				require.Equal(t, OK, p.State(), p.Report().Reasons)
				onset := time.Now()
				loses.Store(true)
				assert.LessOrEqual(t, p.until(Degraded, 3*time.Minute), lateAfter+wait+time.Minute)
				pass(2 * time.Minute)
				require.Equal(t, Degraded, p.at(name).State)
				said := regexp.MustCompile(`has lost (\d+) % of the traces of stream ambient \(instance 7\) since (\S+) UTC, by the manifests`).FindStringSubmatch(p.at(name).Reason)
				require.NotNil(t, said, p.at(name).Reason)
				lost, err := strconv.Atoi(said[1])
				require.NoError(t, err)
				assert.InDelta(t, 20, lost, 13)
				first, err := time.Parse(time.TimeOnly, said[2])
				require.NoError(t, err)
				assert.InDelta(t, secondsOfDay(onset), secondsOfDay(first), 25)
				loses.Store(false)
				pass(time.Minute)
				p.until(OK, 10*time.Minute)
				p.end()
			})
		})
	}
}
