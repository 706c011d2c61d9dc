package watch

import (
	"encoding/json"
	"encoding/xml"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/internal/wire"
	"github.com/assayhq/assay/test/contract"
)

// played is a history in which each state lasted for some hours, beginning at a full hour; those of maintenance are negative.
func played(hours map[State]int, order ...State) (*history, time.Time) {
	h, at := newHistory(), verify.Instant{Wall: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	h.add(at, order[0], false)
	for _, s := range order {
		for range hours[s] * 1800 {
			at.Wall, at.Mono = at.Wall.Add(2*time.Second), at.Mono+2*time.Second
			h.add(at, s, s == Unknown)
		}
	}
	return h, at.Wall
}

// Bars add up to the whole, and the adjusted share leaves out what was planned.
func TestUptimeBars(t *testing.T) {
	h, now := played(map[State]int{OK: 20, Degraded: 2, Unknown: 6}, OK, Degraded, Unknown) // unknown is when work was planned
	u := h.uptime(now, 7*24)
	require.Len(t, u.Bars, 28)
	var ok, unwatched float64
	for i, b := range u.Bars {
		ok += b.Seconds[OK]
		unwatched += b.Unwatched
		assert.Equal(t, 6*time.Hour, b.To.Sub(b.From))
		if i > 0 {
			assert.Equal(t, u.Bars[i-1].To, b.From)
		}
	}
	assert.InDelta(t, 20*3600, ok, 10)
	assert.InDelta(t, u.Seconds[OK], ok, 1e-6)
	assert.InDelta(t, 0, unwatched, 10)
	assert.InDelta(t, 20./28, u.share(OK), 0.001)
	assert.InDelta(t, 20./22, u.adjusted(), 0.001)
	assert.InDelta(t, 6*3600, u.maintenance(), 10)
	assert.Len(t, h.uptime(now, 24).Bars, 24)
	assert.Len(t, h.uptime(now, 30*24).Bars, 30)
	assert.Len(t, h.uptime(now, keptHours).Bars, 90)

	empty := newHistory().uptime(now, 24)
	assert.True(t, math.IsNaN(empty.share(OK)) && math.IsNaN(empty.adjusted()))
	assert.Zero(t, empty.Unwatched, "before the first verdict there was nothing to watch")
}

// What an earlier version has saved has no maintenance, and is read.
func TestHistoryOfAnEarlierVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &notebook{}
		book.text, _ = json.Marshal(map[string]any{"version": memoryVersion, "past": map[string]any{"hours": map[string]any{"490000": map[string]int{"ok": 1000}}}})
		p := watching(t, func(c *Config) { c.Memory = book }).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		assert.NotNil(t, p.history.past.Planned)
		p.end()
	})
}

func TestMaintenanceIsAdjustedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &notebook{}
		p := watching(t, func(c *Config) { c.Memory = book }).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		_, err := p.notices.AddMaintenance(&wire.NewMaintenance{Text: "work", From: time.Now(), To: time.Now().Add(10 * time.Minute)})
		require.NoError(t, err)
		pass(20 * time.Minute)
		u := p.history.uptime(time.Now(), 24)
		assert.InDelta(t, 600, u.maintenance(), 1)
		p.end()

		p = watching(t, func(c *Config) { c.Memory = book }).sending(testStream(t, nil))
		assert.Len(t, p.notices.Maintenance(), 1, "it outlasts a restart")
		p.end()
	})
}

func TestBadges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		for show, want := range map[string]string{"": "traces: ok", "state": "traces: ok", "24h": "traces ok 24h: 100 %"} {
			rw := httptest.NewRecorder()
			p.serveBadge(rw, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/sentinel/badge.svg?show="+show, nil))
			require.Equal(t, http.StatusOK, rw.Code)
			assert.Equal(t, "image/svg+xml", rw.Header().Get("Content-Type"))
			var svg struct {
				Title string `xml:"title"`
			}
			require.NoError(t, xml.Unmarshal(rw.Body.Bytes(), &svg))
			assert.Equal(t, want, svg.Title)
		}
		rw := httptest.NewRecorder()
		p.serveBadge(rw, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/sentinel/badge.svg?show=<script>", nil))
		assert.Equal(t, http.StatusBadRequest, rw.Code)
		p.end()
	})
}

// The public page says four sentences, and nothing that is inside.
func TestPublicStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil).sending(testStream(t, nil))
		routes := contract.Checked(t, p.PublicRoutes())
		ask := func() (s wire.PublicStatus, text string) {
			pass(3 * time.Second) // answers are shared for a moment
			rw := httptest.NewRecorder()
			routes.ServeHTTP(rw, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/public/status", nil))
			require.Equal(t, http.StatusOK, rw.Code)
			require.NoError(t, json.Unmarshal(rw.Body.Bytes(), &s))
			return s, rw.Body.String()
		}
		s, _ := ask()
		assert.Equal(t, wire.PublicUnknown, s.State, "starting is not known to work")
		p.until(OK, 2*lateAfter)
		s, _ = ask()
		assert.Equal(t, []any{wire.PublicOperational, "All that is watched works."}, []any{s.State, s.Text})
		assert.Len(t, s.Uptime, 4)

		p.setBroken(true)
		p.until(Degraded, time.Minute)
		s, text := ask()
		assert.Equal(t, wire.PublicDegraded, s.State)
		report := p.Report()
		for _, secret := range append(report.Reasons, report.Summary, report.Vantages[0].Name, report.Failing[0].Operation, report.Failing[0].Trace, "sentinel") {
			assert.NotContains(t, text, secret)
		}

		_, err := p.notices.AddMaintenance(&wire.NewMaintenance{Text: "we move", From: time.Now(), To: time.Now().Add(time.Hour)})
		require.NoError(t, err)
		_, err = p.notices.AddMaintenance(&wire.NewMaintenance{Text: "far away", From: time.Now().Add(20 * 24 * time.Hour), To: time.Now().Add(21 * 24 * time.Hour)})
		require.NoError(t, err)
		_, err = p.notices.AddAnnouncement(&wire.NewAnnouncement{Text: "sorry"})
		require.NoError(t, err)
		s, _ = ask()
		assert.Equal(t, wire.PublicMaintenance, s.State)
		require.Len(t, s.Maintenance, 1)
		assert.Equal(t, "we move", s.Maintenance[0].Text)
		require.Len(t, s.Announcements, 1)
		p.end()
	})
}
