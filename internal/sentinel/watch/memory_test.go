package watch

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What was known is known after a restart, and the time in between is not watched.
func TestRestartRemembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &notebook{}
		remembering := func(c *Config) { c.Memory = book }
		p := watching(t, remembering).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		p.setBroken(true)
		p.until(Degraded, time.Minute)
		pass(lostAfter)
		p.setBroken(false)
		pass(time.Minute)
		p.end()
		before := p.Report()
		require.Positive(t, before.Verdicts["missing"])

		pass(10 * time.Minute)
		p = watching(t, remembering).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		after := p.Report()
		assert.Equal(t, before.Verdicts["missing"], after.Verdicts["missing"])
		assert.GreaterOrEqual(t, after.Verdicts["delivered"], before.Verdicts["delivered"])
		assert.Equal(t, before.Vantages[0].SLO.Completeness.Bad, after.Vantages[0].SLO.Completeness.Bad)
		assert.Equal(t, "exhausted", string(after.Vantages[0].SLO.Completeness.State), "the budget of the window is still used up")
		u := p.history.uptime(time.Now(), 24)
		assert.InDelta(t, 600, u.Unwatched, 2)
		assert.Positive(t, u.Seconds[Degraded])
		assert.Less(t, u.share(OK), 1.0)
		_, transitions := p.history.transitions()
		var states []State
		for _, one := range transitions {
			states = append(states, one.State)
		}
		assert.Equal(t, []State{Starting, OK, Degraded, Starting, OK}, states)
		p.end()
	})
}

// Saving that fails is told once, and disturbs nothing else.
func TestMemoryFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &notebook{full: true}
		p := watching(t, func(c *Config) { c.Memory = book }).sending(testStream(t, nil))
		pass(5 * time.Minute)
		assert.Equal(t, OK, p.State())
		assert.Equal(t, 1, p.logs.FilterMessageSnippet("cannot be saved").Len())
		book.mu.Lock()
		book.full = false
		book.mu.Unlock()
		pass(saveEvery + time.Second)
		assert.Equal(t, 1, p.logs.FilterMessageSnippet("is saved again").Len())
		book.mu.Lock()
		written := book.written
		book.mu.Unlock()
		assert.Positive(t, written)
		p.end()
	})
}

// A memory that cannot be read is told, and replaced.
func TestMemoryBroken(t *testing.T) {
	for name, tc := range map[string]struct {
		book   *notebook
		reason string
	}{
		"corrupt":       {&notebook{text: []byte("\x00\xffnot JSON")}, "invalid character"},
		"cut off":       {&notebook{text: []byte(`{"version":1,"past":{"since":"2026-`)}, "unexpected end of JSON input"},
		"other version": {&notebook{text: []byte(`{"version":0}`)}, "its version is 0, not 1"},
		"unreadable":    {&notebook{load: errors.New("disk is gone")}, "disk is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := watching(t, func(c *Config) { c.Memory = tc.book }).sending(testStream(t, nil))
				told := p.logs.FilterMessageSnippet("cannot be read; it begins anew").All()
				require.Len(t, told, 1)
				assert.Contains(t, told[0].ContextMap()["error"], tc.reason)
				p.until(OK, 2*lateAfter)
				p.end()
				var saved memory
				require.NoError(t, json.Unmarshal(tc.book.text, &saved))
				assert.Positive(t, saved.Places["sentinel"].Verdicts["delivered"])
			})
		})
	}
}

// What a newer version has saved is left as it is.
func TestMemoryOfANewerVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &notebook{text: []byte(`{"version":99}`)}
		p := watching(t, func(c *Config) { c.Memory = book }).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		pass(saveEvery)
		p.end()
		assert.Equal(t, `{"version":99}`, string(book.text))
		assert.Equal(t, 1, p.logs.FilterMessageSnippet("of a newer Assay").Len())
	})
}

// An empty memory, and one that lacks parts, are a beginning.
func TestMemoryMissing(t *testing.T) {
	for _, text := range []string{"", `{"version":1}`} {
		synctest.Test(t, func(t *testing.T) {
			book := &notebook{}
			if text != "" {
				book.text = []byte(text)
			}
			p := watching(t, func(c *Config) { c.Memory = book }).sending(testStream(t, nil))
			p.until(OK, 2*lateAfter)
			p.end()
			assert.Zero(t, p.logs.FilterMessageSnippet("cannot be read").Len())
		})
	}
}
