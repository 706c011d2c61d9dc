package watch

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/wire"
	"github.com/assayhq/assay/test/contract"
)

// get asks the console, and holds the answer against the OpenAPI document.
func (p *pipeline) get(target string) *httptest.ResponseRecorder {
	p.t.Helper()
	rw := httptest.NewRecorder()
	contract.Checked(p.t, p.Routes()).ServeHTTP(rw, httptest.NewRequestWithContext(p.t.Context(), http.MethodGet, target, nil))
	return rw
}

// answersAll asks all that the console can be asked, and returns the verdict.
func (p *pipeline) answersAll() (s wire.SentinelStatus) {
	p.t.Helper()
	for _, target := range []string{"/live", "/ready", "/api/sentinel/uptime", "/status", "/status?format=html", "/status?format=pdf"} {
		p.get(target)
	}
	require.NoError(p.t, json.Unmarshal(p.get("/status?format=json").Body.Bytes(), &s))
	return s
}

// The routes answer as the OpenAPI document says, before there is a verdict and after; what is not known is null.
func TestRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil)
		assert.Equal(t, http.StatusServiceUnavailable, p.get("/ready").Code)
		assert.Equal(t, wire.SentinelState("starting"), p.answersAll().State)
		var u struct {
			Since  *string
			Uptime map[string]map[string]any
		}
		require.NoError(t, json.Unmarshal(p.get("/api/sentinel/uptime").Body.Bytes(), &u))
		require.Contains(t, u.Uptime["24h"], "share_ok")
		assert.Nil(t, u.Uptime["24h"]["share_ok"], "there was no verdict")
		p.sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		s := p.answersAll()
		assert.Equal(t, wire.SentinelState("ok"), s.State)
		assert.NotEmpty(t, s.Vantages[0].Sources)
		assert.Equal(t, http.StatusOK, p.get("/ready").Code)
		p.setBroken(true)
		p.until(Degraded, lostAfter)
		s = p.answersAll()
		assert.Equal(t, wire.SentinelState("degraded"), s.State)
		assert.Len(t, s.Reasons, 1)
		p.end()
	})
}
