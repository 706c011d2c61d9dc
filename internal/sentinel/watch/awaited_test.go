package watch

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// A partial view that nothing reaches does not begin for ever.
func TestNothingReachesAPartialView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil)
		p.place.Partial, p.broken = true, true
		p.sending(testStream(t, nil))
		pass(lateAfter)
		assert.Equal(t, Starting, p.State())
		pass(grace + 5*time.Second)
		assert.Equal(t, Unknown, p.State())
		assert.Equal(t, []string{"sentinel: there should have been a verdict within 7s, and there is none"}, p.Report().Reasons)
		p.setBroken(false)
		p.until(OK, 2*lateAfter)
		p.end()
	})
}

// A stream that pauses from the beginning has no verdict due.
func TestPauseAtTheBeginningIsFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pass(2 * time.Minute)
		p := watching(t, nil).sending(testStream(t, func(c *traffic.Config) {
			c.Name, c.Every, c.For = "burst", 10*time.Minute, time.Minute
		}))
		pass(5 * time.Minute)
		assert.Equal(t, Starting, p.State(), p.Report().Reasons)
		p.until(OK, 5*time.Minute)
		p.end()
		assert.Equal(t, []State{OK}, p.witness.changes)
	})
}

// Each listed instance has to be heard, not only one of them.
func TestListedInstancesAreMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil)
		p.place.Instances = map[uint16]string{instance: "here", 8: "node-8"}
		p.sending(testStream(t, nil))
		pass(lateAfter + grace + time.Second)
		assert.Equal(t, Unknown, p.State())
		assert.Equal(t, []string{`sentinel: the generator of stream ambient of the listed instance "node-8" (8) has not been heard`}, p.Report().Reasons)
		p.end()
	})
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil)
		p.place.Instances = map[uint16]string{instance: "here"}
		p.sending(testStream(t, nil)).until(OK, 2*lateAfter)
		pass(time.Minute)
		assert.Equal(t, OK, p.State(), p.Report().Reasons)
		p.end()
	})
}

// A place that names receivers of which one does not come says which, though another does.
func TestReceiversThatAreNotThere(t *testing.T) {
	for _, names := range [][]component.ID{
		{component.MustNewIDWithName("sentinel", "eu")}, {component.MustNewID("sentinel"), component.MustNewIDWithName("sentinel", "eu")},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := watching(t, nil)
			p.place.Receivers = names
			p.sending(testStream(t, nil))
			pass(lateAfter + grace + time.Second)
			assert.Equal(t, Unknown, p.State())
			assert.Equal(t, []string{"sentinel: of its receivers, sentinel/eu never started in this collector; is the name right?"}, p.Report().Reasons)
			p.end()
		})
	}
}

// A listed instance is named as it is listed.
func TestInstancesAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil)
		p.place.Instances = map[uint16]string{instance: "paris"}
		p.sending(testStream(t, nil)).until(OK, 2*lateAfter)
		require.NoError(t, p.generator.Shutdown(t.Context()))
		p.until(Unknown, time.Minute)
		assert.Regexp(t, `^sentinel: the generator of stream ambient \(instance "paris"\) has been silent for`, p.Report().Reasons[0])
		p.end()
	})
}
