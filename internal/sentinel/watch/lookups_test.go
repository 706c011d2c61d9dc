package watch

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/backend"
)

// counted notes when a backend is asked.
type counted struct {
	*store
	asked chan time.Time
}

func (c *counted) Lookup(ctx context.Context, q backend.Question) (backend.Answer, error) {
	c.asked <- time.Now()
	return c.store.Lookup(ctx, q)
}

// take returns what was noted, and forgets it.
func (c *counted) take() []time.Time {
	var at []time.Time
	for len(c.asked) > 0 {
		at = append(at, <-c.asked)
	}
	return at
}

// A backend that fails is not hammered, and gets all the questions again once it answers one. What was not asked in time is
// unknown.
func TestFailingBackendIsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		c := &counted{s, make(chan time.Time, 100_000)}
		p := watching(t, func(config *Config) { config.Backends = []BackendConfig{{Name: "jaeger", Backend: c, Share: 1}} })
		p.store = s
		p.sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		pass(20 * time.Second)
		c.take()
		s.setDown(true)
		assert.LessOrEqual(t, p.until(Unknown, time.Minute), 3*time.Second)
		pass(2 * time.Minute)
		at := c.take()
		require.Less(t, len(at), 2*lookupsAtOnce+15, "3 failures, those under way, and then 1, 2, 4, 8, 15, 15... s")
		last := at[len(at)-6:]
		for i, one := range last[1:] {
			assert.InDelta(t, longestPause.Seconds(), one.Sub(last[i]).Seconds(), 1)
		}
		assert.Equal(t, Unknown, p.State())
		assert.Zero(t, p.Report().Verdicts["missing"])
		s.setDown(false)
		pass(longestPause + time.Second)
		answered := len(c.take())
		assert.Greater(t, answered, 50, "what is still due is asked at once")
		p.until(OK, 10*time.Minute)
		assert.Zero(t, p.Report().Verdicts["missing"])
		p.end()
	})
}

// hanging is a backend that may stop to answer.
type hanging struct {
	*store
	stuck atomic.Bool
}

func (h *hanging) Lookup(ctx context.Context, q backend.Question) (backend.Answer, error) {
	if h.stuck.Load() {
		<-ctx.Done()
		return backend.Answer{}, ctx.Err()
	}
	return h.store.Lookup(ctx, q)
}

// A backend that takes questions and answers none is noticed long before the questions are given up.
func TestBackendThatHangs(t *testing.T) {
	for _, begun := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			h := &hanging{store: newStore()}
			p := watching(t, func(config *Config) { config.Backends = []BackendConfig{{Name: "tempo", Backend: h, Share: 1}} })
			p.store = h.store
			h.stuck.Store(!begun)
			p.sending(testStream(t, nil))
			if begun {
				p.until(OK, 2*lateAfter)
				pass(30 * time.Second)
				h.stuck.Store(true)
			} else {
				pass(lateAfter)
			}
			assert.LessOrEqual(t, p.until(Unknown, time.Minute), silence+3*time.Second)
			assert.Regexp(t, `^tempo: none of \d lookups has been answered for \ds$`, p.Report().Reasons[0])
			for range 60 {
				pass(time.Second)
				require.Equal(t, Unknown, p.State(), p.Report().Reasons)
			}
			h.stuck.Store(false)
			p.until(OK, 10*time.Minute)
			assert.Zero(t, p.Report().Verdicts["missing"])
			p.end()
		})
	}
}
